import { describe, expect, test } from "vitest";
import { ARENA_FRAME_BYTES_MAX, Arena } from "../../src/bytes/arena.js";
import { OutputQueue } from "../../src/bytes/output-queue.js";
import { createPlatform } from "../support/node-platform.js";
import { forSeeds } from "../support/random.js";

function setUp() {
  const platform = createPlatform();
  const arena = new Arena(platform);
  return { platform, arena, queue: new OutputQueue(arena) };
}

/** Puts `length` bytes of value `fill` into the arena and the queue, as a frame would be. */
function put(arena: Arena, queue: OutputQueue, length: number, fill: number): void {
  arena.reserve(length);
  const start = arena.position;
  arena.bytes.fill(fill, start, start + length);
  arena.position += length;
  queue.append(arena.bytes, start, start + length);
}

function bytesOf(output: Uint8Array | Uint8Array[] | undefined): Uint8Array {
  return new Uint8Array(Buffer.concat(output === undefined ? [] : [output].flat()));
}

describe("output queue", () => {
  test("what one connection writes during a turn leaves as one segment", () => {
    const { arena, queue } = setUp();
    for (let n = 0; n < 10; n++) put(arena, queue, 100, n);
    expect(queue.byteLength).toBe(1000);
    expect(queue.take()).toHaveLength(1000);
    expect(queue.byteLength).toBe(0);
    expect(queue.take()).toBeUndefined();
  });

  test("segments that do not continue each other leave in order", () => {
    const { arena, queue } = setUp();
    const other = new OutputQueue(arena);
    put(arena, queue, 2, 1);
    put(arena, other, 2, 2);
    put(arena, queue, 2, 3);
    put(arena, queue, 2, 4);
    queue.append(Uint8Array.of(5), 0, 1);
    const output = queue.take();
    expect(output).toHaveLength(3);
    expect([...bytesOf(output)]).toEqual([1, 1, 3, 3, 4, 4, 5]);
  });

  test("segments of different memory are never one, whatever their positions", () => {
    const { queue } = setUp();
    queue.append(Uint8Array.of(1, 2), 0, 2);
    queue.append(Uint8Array.of(3, 4, 5), 2, 3);
    queue.append(Uint8Array.of(6, 7, 8, 9), 3, 4);
    expect([...bytesOf(queue.take())]).toEqual([1, 2, 5, 9]);
  });

  test("an empty segment leaves the queue empty", () => {
    const { queue } = setUp();
    queue.append(Uint8Array.of(1), 1, 1);
    expect(queue.take()).toBeUndefined();
  });

  test("receivers of one broadcast share one view", () => {
    const { arena, queue } = setUp();
    const other = new OutputQueue(arena);
    arena.reserve(10);
    queue.append(arena.bytes, 0, 10);
    other.append(arena.bytes, 0, 10);
    expect(queue.take()).toBe(other.take());
  });
});

describe("arena", () => {
  test("memory starts again once everything was taken, so steady traffic allocates nothing", () => {
    const { arena, queue, platform } = setUp();
    const before = platform.allocatedBytes;
    for (let n = 0; n < 1000; n++) {
      put(arena, queue, 1000, n);
      queue.take();
      arena.recycle();
    }
    expect(platform.allocatedBytes).toBe(before);
  });

  test("a full slab that an adapter held is left to it, and its successor is used again and again", () => {
    const { arena, queue, platform } = setUp();
    put(arena, queue, 1000, 1);
    queue.take();
    arena.pin();
    for (let n = 0; n < 1000; n++) {
      put(arena, queue, 1000, n);
      queue.take();
      arena.recycle();
    }
    expect(platform.allocatedBytes).toBe(2 * 64 * 1024);
  });

  test("a segment of a new slab is not mistaken for one at the same place of the old one", () => {
    const { arena, queue } = setUp();
    for (let n = 0; n < 3; n++) {
      put(arena, queue, 16_000, n);
      expect(bytesOf(queue.take())).toEqual(new Uint8Array(16_000).fill(n));
      if (n === 0) arena.recycle();
      arena.position = 64 * 1024;
    }
  });

  test("a frame of the largest size that the arena takes always fits", () => {
    const { arena, queue } = setUp();
    for (let n = 0; n < 9; n++) put(arena, queue, ARENA_FRAME_BYTES_MAX - n, n);
    const expected = Array.from({ length: 9 }, (_, n) =>
      new Uint8Array(ARENA_FRAME_BYTES_MAX - n).fill(n),
    );
    expect(Buffer.compare(bytesOf(queue.take()), Buffer.concat(expected))).toBe(0);
  });

  test("bytes that wait, or that an adapter still holds, are never written over", () => {
    forSeeds(100, (random) => {
      const { arena } = setUp();
      const queues = Array.from({ length: 3 }, () => new OutputQueue(arena));
      const expected = queues.map((): number[] => []);
      // What the kernel did not take at once, as the adapter of each queue holds it.
      let held: { output: Uint8Array; copy: Uint8Array }[] = [];
      for (let step = 1; step <= 300; step++) {
        const which = random.below(queues.length);
        const queue = queues[which]!;
        if (random.chance(0.6)) {
          const length = 1 + random.below(random.chance(0.1) ? 16_000 : 200);
          put(arena, queue, length, step);
          for (let n = 0; n < length; n++) expected[which]!.push(step & 0xff);
        } else {
          const output = queue.take();
          expect(Buffer.compare(bytesOf(output), Uint8Array.from(expected[which]!))).toBe(0);
          expected[which] = [];
          if (output !== undefined && random.chance(0.3)) {
            for (const chunk of [output].flat())
              held.push({ output: chunk, copy: new Uint8Array(chunk) });
            arena.pin();
          }
          arena.recycle();
        }
        for (const { output, copy } of held) expect(Buffer.compare(output, copy)).toBe(0);
        if (random.chance(0.05)) held = [];
      }
    });
  });
});
