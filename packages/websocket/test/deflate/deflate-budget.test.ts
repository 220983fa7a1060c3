import { deflateRawSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { DeflateBudget, sharedDeflateBudget } from "../../src/deflate/deflate-budget.js";
import { JobQueue } from "../../src/deflate/job-queue.js";
import { stateBytes } from "../../src/deflate/zlib-state.js";
import {
  bytesOf,
  codeOf,
  createRandom,
  createText,
  deflate,
  inflate,
  NO_TAKEOVER,
  openPair,
  type Pair,
  TAKEOVER,
} from "./session-kit.js";

const DEFLATE = stateBytes({ kind: "deflate", windowBits: 15, level: 3, memLevel: 8 }, true);
const INFLATE = stateBytes({ kind: "inflate", windowBits: 15, level: 1, memLevel: 8 }, true);
const HISTORY = 32_768;

const pairs: Pair[] = [];
function open(...given: Parameters<typeof openPair>): Pair {
  const pair = openPair(...given);
  pairs.push(pair);
  return pair;
}

afterEach(() => {
  vi.useRealTimers();
  for (const pair of pairs.splice(0)) {
    pair.close();
    pair.budget.releaseIdle();
  }
});

const text = createText(5000, createRandom(21));

describe("the memory ceiling", () => {
  it("§6 nothing left: messages go plain, and the history stays right", async () => {
    const budget = new DeflateBudget({ memoryBytesMax: DEFLATE + INFLATE + HISTORY });
    const busy = open(TAKEOVER, {}, {}, budget);
    const other = open(TAKEOVER, {}, {}, budget);
    // A message that has begun keeps its state.
    const part = bytesOf(await deflate(busy.server.deflater, text, false));
    expect(codeOf(await deflate(other.server.deflater, text))).toBe("plain");
    const rest = bytesOf(await deflate(busy.server.deflater, text, true));
    const wire = Buffer.concat([part, rest]);
    expect(bytesOf(await inflate(busy.client.inflater, wire))).toEqual(Buffer.concat([text, text]));
    expect(budget.memoryBytesPeak).toBeLessThanOrEqual(DEFLATE + INFLATE + HISTORY);
  });

  it("§7.1.1 a sender's context at rest is given up for others, and nobody notices", async () => {
    const budget = new DeflateBudget({ memoryBytesMax: DEFLATE + INFLATE + 8 * HISTORY });
    const connections = Array.from({ length: 6 }, () => open(TAKEOVER, {}, {}, budget));
    for (let turn = 0; turn < 5; turn++) {
      for (const { server, client } of connections) {
        const result = await deflate(server.deflater, text);
        if (result === "plain") continue;
        expect(bytesOf(await inflate(client.inflater, bytesOf(result))).equals(text)).toBe(true);
      }
    }
    expect(budget.memoryBytesPeak).toBeLessThanOrEqual(budget.memory.bytesMax);
    expect(budget.memoryBytes).toBeGreaterThan(0);
  });

  it("§7.1.1 a receiver's context survives its state being given up", async () => {
    for (const onTheSpot of [true, false]) {
      const sender = open(TAKEOVER, { onTheSpot });
      const memoryBytesMax = INFLATE + 2 * HISTORY + (onTheSpot ? 0 : 16_384);
      const budget = new DeflateBudget({ memoryBytesMax, onTheSpot });
      const one = open(TAKEOVER, {}, {}, budget);
      const two = open(TAKEOVER, {}, {}, budget);
      for (let turn = 0; turn < 6; turn++) {
        const wire = bytesOf(await deflate(sender.server.deflater, text));
        if (turn > 0) expect(wire.length).toBeLessThan(200);
        for (const { client } of [one, two]) {
          expect(bytesOf(await inflate(client.inflater, wire)).equals(text)).toBe(true);
        }
      }
      expect(budget.memoryBytesPeak).toBe(memoryBytesMax);
    }
  });

  it("incoming messages wait for their turn, in order, and never exceed it", async () => {
    const wire = deflateRawSync(text);
    const budget = new DeflateBudget({ memoryBytesMax: INFLATE + HISTORY });
    const first = open(NO_TAKEOVER, {}, {}, budget);
    await inflate(first.server.inflater, wire.subarray(0, 10), false);
    const order: number[] = [];
    const waiting = [0, 1, 2].map(async (index) => {
      const { inflater } = open(NO_TAKEOVER, {}, {}, budget).server;
      expect(bytesOf(await inflate(inflater, wire)).equals(text)).toBe(true);
      order.push(index);
    });
    expect(budget.memory.waiting).toBe(3);
    await inflate(first.server.inflater, wire.subarray(10), true);
    await Promise.all(waiting);
    expect(order).toEqual([0, 1, 2]);
    expect(budget.memoryBytesPeak).toBe(INFLATE + HISTORY);
  });

  it("§7.4.1 who waits too long fails with 1011", async () => {
    vi.useFakeTimers();
    const budget = new DeflateBudget({ memoryBytesMax: INFLATE + HISTORY, waitMs: 5000 });
    const first = open(NO_TAKEOVER, {}, {}, budget);
    await inflate(first.server.inflater, deflateRawSync(text).subarray(0, 10), false);
    const second = open(NO_TAKEOVER, {}, {}, budget);
    const result = inflate(second.server.inflater, deflateRawSync(text));
    await vi.advanceTimersByTimeAsync(4999);
    expect(budget.memory.waiting).toBe(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(await result).toMatchObject({ code: "deflate-unavailable", closeCode: 1011 });
    expect(budget.memory.waiting).toBe(0);
  });

  it("a ceiling too low for anything fails at once, instead of waiting", async () => {
    const pair = open(NO_TAKEOVER, { memoryBytesMax: 1000 });
    expect(codeOf(await deflate(pair.server.deflater, text))).toBe("plain");
    const result = await inflate(pair.server.inflater, deflateRawSync(text));
    expect(codeOf(result)).toBe("deflate-unavailable");
  });

  it("close() while waiting: nothing is called, the place is given up", async () => {
    const budget = new DeflateBudget({ memoryBytesMax: INFLATE + HISTORY });
    const first = open(NO_TAKEOVER, {}, {}, budget);
    const wire = deflateRawSync(text);
    await inflate(first.server.inflater, wire.subarray(0, 10), false);
    const second = open(NO_TAKEOVER, {}, {}, budget);
    const done = vi.fn();
    second.server.inflater.inflate(wire, true, 100_000, done);
    second.close();
    expect(budget.memory.waiting).toBe(0);
    await inflate(first.server.inflater, wire.subarray(10), true);
    expect(done).not.toHaveBeenCalled();
  });
});

describe("the thread pool", () => {
  it("runs no more jobs at once than allowed, and all of them", async () => {
    const large = createText(300_000, createRandom(4));
    const budget = new DeflateBudget({ jobsMax: 2 });
    await Promise.all(
      Array.from({ length: 12 }, async () => {
        const { server, client } = open(NO_TAKEOVER, {}, {}, budget);
        const wire = bytesOf(await deflate(server.deflater, large));
        expect(bytesOf(await inflate(client.inflater, wire)).equals(large)).toBe(true);
      }),
    );
    expect(budget.jobs.peak).toBe(2);
    expect(budget.jobs.running + budget.jobs.waiting).toBe(0);
  });

  it("starts jobs in the order in which they came", () => {
    const queue = new JobQueue(2);
    const begun: number[] = [];
    const jobs = [0, 1, 2, 3, 4].map((index) => () => begun.push(index));
    for (const job of jobs) queue.enter(job);
    expect(begun).toEqual([0, 1]);
    expect(queue.withdraw(jobs[3]!)).toBe(true);
    expect(queue.withdraw(jobs[0]!)).toBe(false);
    for (let ended = 0; ended < 4; ended++) queue.leave();
    expect(begun).toEqual([0, 1, 2, 4]);
    expect(queue.running).toBe(0);
  });

  it("large and small messages of one connection stay in order and share their history", async () => {
    const random = createRandom(8);
    const { server, client } = open(TAKEOVER);
    for (const size of [500, 100_000, 700, 200_000, 30, 20_000, 1]) {
      const data = createText(size, random);
      const wire = bytesOf(await deflate(server.deflater, data));
      expect(bytesOf(await inflate(client.inflater, wire)).equals(data)).toBe(true);
    }
  });

  it("a short message that inflates to much goes on in the pool", async () => {
    const data = Buffer.alloc(3_000_000, "abcdefgh");
    const { server, client, budget } = open(NO_TAKEOVER);
    const wire = bytesOf(await deflate(server.deflater, data));
    expect(wire.length).toBeLessThan(16_384);
    const peak = budget.jobs.peak;
    const done = vi.fn();
    expect(client.inflater.inflate(wire, true, data.length, done)).toBeUndefined();
    await vi.waitFor(() => expect(done).toHaveBeenCalledOnce());
    expect(Buffer.from(done.mock.calls[0]![0] as Uint8Array).equals(data)).toBe(true);
    expect(peak).toBe(1);
  });

  it("close() ends a running job, waits for it with its memory, and calls nothing", async () => {
    const large = createText(2_000_000, createRandom(6));
    const wire = deflateRawSync(large);
    for (const options of [{}, { onTheSpot: false }]) {
      const { server, client, budget } = open(NO_TAKEOVER, options);
      const done = vi.fn();
      server.deflater!.deflate(large, true, done);
      client.inflater.inflate(wire, true, 4_000_000, done);
      const held = budget.memoryBytes;
      server.deflater!.close();
      client.inflater.close();
      expect(budget.memoryBytes).toBe(held);
      await vi.waitFor(() => expect(budget.jobs.running).toBe(0));
      budget.releaseIdle();
      expect(budget.memoryBytes).toBe(0);
      expect(done).not.toHaveBeenCalled();
    }
  });

  it("close() withdraws a job that has not begun", async () => {
    const large = createText(300_000, createRandom(6));
    const budget = new DeflateBudget({ jobsMax: 1 });
    const first = open(NO_TAKEOVER, {}, {}, budget);
    const second = open(NO_TAKEOVER, {}, {}, budget);
    const running = deflate(first.server.deflater, large);
    const done = vi.fn();
    second.server.deflater!.deflate(large, true, done);
    second.server.inflater.inflate(deflateRawSync(large), true, 400_000, done);
    expect(budget.jobs.waiting).toBe(2);
    second.close();
    expect(budget.jobs.waiting).toBe(0);
    bytesOf(await running);
    expect(budget.jobs.running).toBe(0);
    expect(done).not.toHaveBeenCalled();
  });
});

describe("idle states", () => {
  it("a thousand connections without takeover share two, and none holds any", async () => {
    const budget = new DeflateBudget();
    for (let i = 0; i < 1000; i++) {
      const { server, client } = open(NO_TAKEOVER, {}, {}, budget);
      const wire = bytesOf(await deflate(server.deflater, text));
      expect(bytesOf(await inflate(client.inflater, wire)).equals(text)).toBe(true);
    }
    expect(budget.idleStates).toBe(2);
    expect(budget.memoryBytes).toBe(DEFLATE + INFLATE);
  });

  it("no more than idleStatesMax are kept, and none for longer than two periods", async () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval"] });
    const budget = new DeflateBudget({ idleStatesMax: 3, idleMs: 1000 });
    const connections = Array.from({ length: 5 }, () => open(NO_TAKEOVER, {}, {}, budget));
    for (const { server } of connections) await deflate(server.deflater, text, false);
    expect(budget.memoryBytes).toBe(5 * DEFLATE);
    for (const { server } of connections) await deflate(server.deflater, text, true);
    expect(budget.idleStates).toBe(3);
    expect(budget.memoryBytes).toBe(3 * DEFLATE);
    vi.advanceTimersByTime(2000);
    expect(budget.idleStates).toBe(0);
    expect(budget.memoryBytes).toBe(0);
    expect(vi.getTimerCount()).toBe(0);
  });

  it("with takeover a connection holds its states until it is closed", async () => {
    const pair = open(TAKEOVER);
    const wire = bytesOf(await deflate(pair.server.deflater, text));
    bytesOf(await inflate(pair.client.inflater, wire));
    expect(pair.budget.memoryBytes).toBe(DEFLATE + INFLATE + HISTORY);
    pair.close();
    expect(pair.budget.memoryBytes).toBe(0);
  });
});

describe("options of a budget", () => {
  it("out of range they are refused by name", () => {
    expect(() => new DeflateBudget({ memoryBytesMax: -1 })).toThrow(/memoryBytesMax.*-1/);
    expect(() => new DeflateBudget({ jobsMax: 0 })).toThrow(/jobsMax/);
    expect(() => new DeflateBudget({ waitMs: 2 ** 31 })).toThrow(/waitMs/);
  });

  it("who is given none shares one", () => {
    expect(sharedDeflateBudget()).toBe(sharedDeflateBudget());
  });
});
