import { describe, expect, test } from "vitest";
import { resolveLimits } from "../../src/limits.js";
import { MessageAssembly } from "../../src/messages/message-assembly.js";
import { deflated } from "../support/deflated.js";
import { frameTo, joined, ROLES, utf8 } from "../support/frames.js";
import { createPlatform } from "../support/node-platform.js";
import { createReader, faultEvent, readEveryWay } from "../support/readers.js";
import { ZlibInflater } from "../support/zlib-ports.js";

describe.each(ROLES)("limits at a %s", (role) => {
  const frame = (parts: Parameters<typeof frameTo>[1]) => frameTo(role, parts);
  const fragments = (sizes: readonly number[]) =>
    sizes.map((size, index) =>
      frame({
        fin: index === sizes.length - 1,
        opcode: index === 0 ? 2 : 0,
        payload: new Uint8Array(size),
      }),
    );

  test("§10.4 a message of messageBytesMax is taken, one byte more fails with 1009, in one frame or several", () => {
    for (const streamed of [false, true]) {
      const options = { streamed, limits: { messageBytesMax: 100 } };
      for (const sizes of [[100], [50, 50], [99, 0, 1]]) {
        expect(readEveryWay(role, fragments(sizes), options)).toHaveLength(1);
      }
      for (const sizes of [
        [50, 51],
        [100, 0, 1],
        [1, 100],
      ]) {
        const events = readEveryWay(role, fragments(sizes), options);
        expect(events.at(-1)).toEqual(faultEvent("message-too-big", 1009));
      }
      const events = readEveryWay(role, fragments([101]), options);
      expect(events).toEqual([faultEvent("frame-too-big", 1009)]);
    }
  });

  test("§10.4 text longer than a string of the platform can be fails with 1009, binary is taken", () => {
    const platform = Object.assign(createPlatform(), { textBytesMax: 100 });
    const parts = (opcode: number, last: number): Uint8Array[] => [
      frame({ fin: false, opcode, payload: new Uint8Array(50) }),
      frame({ opcode: 0, payload: new Uint8Array(last) }),
    ];
    expect(readEveryWay(role, parts(1, 50), { platform })[0]?.type).toBe("text");
    expect(readEveryWay(role, parts(2, 51), { platform })[0]?.type).toBe("binary");
    const events = readEveryWay(role, parts(1, 51), { platform });
    expect(events).toEqual([faultEvent("message-too-big", 1009)]);
  });

  test("§10.4 a frameBytesMax above messageBytesMax lets no larger message in", () => {
    const limits = { messageBytesMax: 100, frameBytesMax: 1000 };
    expect(readEveryWay(role, fragments([100]), { limits })).toHaveLength(1);
    const events = readEveryWay(role, fragments([101]), { limits });
    expect(events).toEqual([faultEvent("frame-too-big", 1009)]);
  });

  test("§10.4 frames of frameBytesMax make a larger message, one byte more in a frame fails with 1009", () => {
    const limits = { messageBytesMax: 1000, frameBytesMax: 100 };
    expect(readEveryWay(role, fragments([100, 100, 100]), { limits })).toHaveLength(1);
    const events = readEveryWay(role, fragments([100, 101]), { limits });
    expect(events).toEqual([faultEvent("frame-too-big", 1009)]);
  });

  test("§10.4 a message of messagePiecesMax fragments is taken, one more fails, empty fragments included", () => {
    const limits = { messagePiecesMax: 5 };
    for (const size of [0, 3]) {
      const within = fragments(Array(5).fill(size));
      expect(readEveryWay(role, within, { limits })[0]).toMatchObject({ type: "binary" });
      const beyond = fragments(Array(6).fill(size));
      expect(readEveryWay(role, beyond, { limits })).toEqual([faultEvent("too-many-pieces", 1008)]);
    }
  });

  test("§10.4 of a streamed message only empty fragments count as pieces", () => {
    const options = { streamed: true, limits: { messagePiecesMax: 5 } };
    const full = readEveryWay(role, fragments(Array(50).fill(1)), options);
    expect(full).toMatchObject([{ type: "streamed", ended: true }]);
    const within = readEveryWay(role, fragments([1, 0, 0, 0, 0, 0, 1]), options);
    expect(within).toMatchObject([{ type: "streamed", ended: true }]);
    const beyond = readEveryWay(role, fragments([1, 0, 0, 0, 0, 0, 0, 1]), options);
    expect(beyond.at(-1)).toEqual(faultEvent("too-many-pieces", 1008));
  });

  test("§10.4 each message has the limits to itself", () => {
    const limits = { messageBytesMax: 10, messagePiecesMax: 2 };
    const frames = [...fragments([5, 5]), ...fragments([5, 5]), ...fragments([10])];
    expect(readEveryWay(role, frames, { limits })).toHaveLength(3);
  });

  test("§10.4 a message that inflates to inflatedBytesMax is taken, one byte more fails with 1009", () => {
    for (const streamed of [false, true]) {
      const options = {
        streamed,
        limits: { inflatedBytesMax: 500 },
        inflater: () => new ZlibInflater(),
      };
      const of = (length: number) => {
        const payload = deflated(new Uint8Array(length).fill(7));
        const half = payload.length >> 1;
        return [
          frame({ fin: false, rsv1: true, opcode: 2, payload: payload.slice(0, half) }),
          frame({ opcode: 0, payload: payload.slice(half) }),
        ];
      };
      expect(readEveryWay(role, of(500), options)).toHaveLength(1);
      const both = readEveryWay(role, [...of(500), ...of(500)], options);
      expect(both.map(({ type }) => type)).toEqual(Array(2).fill(streamed ? "streamed" : "binary"));
      const events = readEveryWay(role, of(501), options);
      expect(events.at(-1)).toEqual(faultEvent("inflated-too-big", 1009));
    }
  });
});

describe("limits", () => {
  test("what is not given has its default, and what follows messageBytesMax follows it", () => {
    expect(resolveLimits({ messageBytesMax: 5 })).toMatchObject({
      frameBytesMax: 5,
      inflatedBytesMax: 5,
      messagePiecesMax: 16_384,
      controlRepliesMax: 64,
    });
    expect(resolveLimits({ frameBytesMax: Number.POSITIVE_INFINITY }).frameBytesMax).toBe(
      Number.POSITIVE_INFINITY,
    );
  });

  test.each([0, -1, 1.5, Number.NaN, 2 ** 53])("a limit of %s is refused by name", (value) => {
    expect(() => resolveLimits({ messagePiecesMax: value })).toThrow(
      new RangeError(`messagePiecesMax must be a positive integer or Infinity, not ${value}`),
    );
  });
});

function withTextMemory(size: number) {
  const memory = new Uint8Array(size);
  const textMemory = (length: number) => (length <= size ? memory : undefined);
  return { memory, platform: { ...createPlatform(), textMemory } };
}

describe("message assembly", () => {
  const collected = ({ bytes, length }: MessageAssembly): string =>
    Buffer.from(bytes.subarray(0, length)).toString();

  test("§10.4 a header that announces much and sends little costs little", () => {
    const platform = createPlatform();
    const assembly = new MessageAssembly(platform);
    assembly.append(new Uint8Array(1), 0, 1, 2 ** 30, true);
    expect(platform.allocatedBytes).toBeLessThanOrEqual(256 * 1024);
    for (let n = 0; n < 1024; n++) {
      assembly.append(new Uint8Array(1024), 0, 1024, 2 ** 30, true);
    }
    expect(platform.largestBytes).toBeLessThanOrEqual(4 * 1025 * 1024);
  });

  test("§10.4 a mebibyte is taken once the first read of it is there, and not before", () => {
    const mebibyte = 1024 * 1024;
    const platform = createPlatform();
    const assembly = new MessageAssembly(platform);
    assembly.append(new Uint8Array(1000), 0, 1000, mebibyte, true);
    expect(platform.allocatedBytes).toBe(64 * 1024);
    assembly.append(new Uint8Array(64 * 1024), 0, 64 * 1024, mebibyte, true);
    expect(platform.largestBytes).toBe(mebibyte);
    const rest = mebibyte - 1000 - 64 * 1024;
    assembly.append(new Uint8Array(rest), 0, rest, mebibyte, true);
    expect(platform.allocatedBytes).toBe(64 * 1024 + mebibyte);
    expect(assembly.take().buffer.byteLength).toBe(mebibyte);
  });

  test("the last frame of a message takes no more memory than is missing", () => {
    const platform = createPlatform();
    const assembly = new MessageAssembly(platform);
    assembly.append(new Uint8Array(100_000), 0, 100_000, 100_000, false);
    assembly.append(new Uint8Array(10), 0, 10, 100_010, true);
    expect(platform.largestBytes).toBe(100_010);
    expect(assembly.take()).toHaveLength(100_010);
  });

  test("what held a decoded text serves the next message of about its length, once", () => {
    const platform = createPlatform();
    const begin = (length: number): MessageAssembly => {
      const assembly = new MessageAssembly(platform);
      assembly.append(Buffer.alloc(length, "x"), 0, length, length, true);
      return assembly;
    };
    const collect = (length: number): Uint8Array => begin(length).take();
    const decoded = begin(100_000);
    const first = decoded.bytes;
    decoded.release();
    expect(collect(70_000).buffer).not.toBe(first.buffer);
    expect(collect(100_001).buffer).not.toBe(first.buffer);
    const second = collect(90_000);
    expect(second.buffer).toBe(first.buffer);
    expect(second).toEqual(Buffer.alloc(90_000, "x"));
    expect(collect(90_000).buffer).not.toBe(first.buffer);
  });

  test("text is collected in the platform's text memory, binary and longer text is not", () => {
    const { platform, memory } = withTextMemory(10_000);
    const begin = (mayBorrow: boolean, length: number): MessageAssembly => {
      const assembly = new MessageAssembly(platform);
      assembly.mayBorrow = mayBorrow;
      assembly.append(Buffer.alloc(1500, "x"), 0, 1500, length, true);
      return assembly;
    };
    expect(begin(false, 2000).bytes).not.toBe(memory);
    expect(begin(true, 10_001).bytes).not.toBe(memory);
    const text = begin(true, 10_000);
    expect(text.bytes).toBe(memory);
    text.append(Buffer.alloc(8501, "y"), 0, 8501, 10_001, false);
    expect(text.bytes).not.toBe(memory);
    expect(collected(text)).toBe("x".repeat(1500) + "y".repeat(8501));
    expect(begin(true, 2000).bytes).toBe(memory);
  });

  test("text memory goes to the text that arrives, and comes back when that is decoded", () => {
    const { platform, memory } = withTextMemory(10_000);
    const begin = (letter: string): MessageAssembly => {
      const assembly = new MessageAssembly(platform);
      assembly.mayBorrow = true;
      assembly.append(Buffer.alloc(1500, letter), 0, 1500, 3000, true);
      return assembly;
    };
    const slow = begin("s");
    const quick = begin("q");
    expect(quick.bytes).toBe(memory);
    slow.append(Buffer.alloc(1500, "t"), 0, 1500, 3000, true);
    expect(quick.bytes).toBe(memory);
    expect(collected(slow)).toBe("s".repeat(1500) + "t".repeat(1500));
    expect(collected(quick)).toBe("q".repeat(1500));
    quick.release();
    expect(begin("n").bytes).toBe(memory);
  });

  test("memory that is mostly empty is not handed out", () => {
    const assembly = new MessageAssembly(createPlatform());
    for (let n = 0; n < 1025; n++) assembly.append(utf8("x"), 0, 1, n + 1, false);
    const bytes = assembly.take();
    expect(bytes).toEqual(Buffer.alloc(1025, "x"));
    expect(bytes.buffer.byteLength).toBeLessThan(1025 * 1.3 + 8192);
    expect(assembly.take()).toHaveLength(0);
  });
});

describe.each(ROLES)("hostile input at a %s", (role) => {
  const frame = (parts: Parameters<typeof frameTo>[1]) => frameTo(role, parts);
  const unlimited = Number.POSITIVE_INFINITY;

  /** Feeds a fragment again and again, without ever a FIN, and returns what memory it took. */
  function flood(count: number, payload: Uint8Array, cut?: number): number {
    const { reader, platform, consumer } = createReader(role, {
      limits: { messagePiecesMax: unlimited, messageBytesMax: unlimited },
    });
    reader.receive(frame({ fin: false, opcode: 2 }));
    const next = frame({ fin: false, opcode: 0, payload });
    for (let n = 0; n < count; n++) {
      const copy = next.slice();
      if (cut === undefined) reader.receive(copy);
      else {
        reader.receive(copy.subarray(0, cut));
        reader.receive(copy.subarray(cut));
      }
    }
    expect(consumer.faults).toEqual([]);
    return platform.allocatedBytes;
  }

  test("§10.4 a hundred thousand one-byte fragments cost a small multiple of their bytes (A1, A4)", () => {
    expect(flood(100_000, new Uint8Array(1))).toBeLessThan(4 * 100_000);
  });

  test("§10.4 empty fragments cost no memory, and are counted (A3)", () => {
    expect(flood(10_000, new Uint8Array(0))).toBe(0);
    const { reader, consumer } = createReader(role);
    reader.receive(frame({ fin: false, opcode: 2 }));
    for (let n = 0; n < 20_000; n++) reader.receive(frame({ fin: false, opcode: 0 }));
    expect(consumer.faults.map(({ code }) => code)).toEqual(["too-many-pieces"]);
  });

  test("§10.4 fragments without an end stop at the default limits (A2, A5, A6, A8)", () => {
    for (const size of [1, 64, 1000, 65_536]) {
      const { reader, consumer, platform } = createReader(role);
      reader.receive(frame({ fin: false, opcode: 2 }));
      const next = frame({ fin: false, opcode: 0, payload: new Uint8Array(size) });
      for (let n = 0; n < 20_000 && consumer.faults.length === 0; n++) reader.receive(next.slice());
      expect(consumer.faults).toHaveLength(1);
      expect([1008, 1009]).toContain(consumer.faults[0]!.closeCode);
      expect(platform.largestBytes).toBeLessThanOrEqual(2 * 1024 * 1024);
    }
  });

  test("§10.4 twice the fragments cost no more than twice the memory, also when each is cut in two (A7)", () => {
    const payload = new Uint8Array(64);
    for (const cut of [undefined, 20]) {
      const once = flood(5000, payload, cut);
      expect(flood(10_000, payload, cut) / once).toBeLessThan(2.5);
      expect(once).toBeLessThan(4 * 5000 * 64);
    }
  });

  test("§10.4 a frame fed byte by byte costs its bytes, not an object each (A9)", () => {
    const { reader, platform, consumer } = createReader(role);
    const size = 200_000;
    const bytes = frame({ opcode: 2, payload: new Uint8Array(size) });
    for (let at = 0; at < bytes.length; at++) reader.receive(bytes.subarray(at, at + 1));
    expect(consumer.events).toHaveLength(1);
    expect(platform.allocatedBytes).toBeLessThan(2 * size);
  });

  test.each([2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 53n + 1n, 2n ** 63n - 1n])(
    "§10.4 a declared length of %s is refused with 1009 and nothing is allocated (A10, A13, A14, A16)",
    (length) => {
      for (const opcode of [1, 2]) {
        const { reader, platform, consumer } = createReader(role);
        reader.receive(frame({ opcode, length }));
        expect(consumer.faults.map(({ closeCode }) => closeCode)).toEqual([1009]);
        expect(platform.allocatedBytes).toBe(0);
      }
    },
  );

  test("§10.4 a legal declared length of which nothing arrives allocates nothing (A14)", () => {
    const { reader, platform } = createReader(role, { limits: { messageBytesMax: 2 ** 40 } });
    reader.receive(frame({ opcode: 2, length: 2n ** 30n }));
    expect(platform.allocatedBytes).toBeLessThanOrEqual(256 * 1024);
  });

  test.each([2n ** 63n, 2n ** 64n - 1n])(
    "§5.2 a length of %s, the most significant bit set, fails with 1002 (A12)",
    (length) => {
      const fault = faultEvent("length-overflow", 1002);
      expect(readEveryWay(role, [frame({ opcode: 2, length })])).toEqual([fault]);
    },
  );

  test("§5.2 RSV1 without a negotiated extension fails with 1002, on every opcode (A19)", () => {
    for (let opcode = 0; opcode < 16; opcode++) {
      for (const fin of [false, true]) {
        const events = readEveryWay(role, [frame({ fin, rsv1: true, opcode })]);
        expect(events).toEqual([faultEvent("reserved-bits", 1002)]);
      }
    }
  });

  test("§10.4 a bomb stops at inflatedBytesMax, whether it comes whole, in fragments or streamed (B1, B2, B4)", () => {
    const bomb = deflated(new Uint8Array(64 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    for (const streamed of [false, true]) {
      const { reader, consumer } = createReader(role, {
        streamed,
        inflater: () => new ZlibInflater(),
      });
      const half = bomb.length >> 1;
      reader.receive(
        joined(
          frame({ fin: false, rsv1: true, opcode: 2, payload: bomb.slice(0, half) }),
          frame({ opcode: 0, payload: bomb.slice(half) }),
        ),
      );
      expect(consumer.faults.map(({ code }) => code)).toEqual(["inflated-too-big"]);
    }
  });

  test("§10.4 a long run of empty DEFLATE blocks is an empty message (B6)", () => {
    const empty = Uint8Array.of(0, 0, 0, 0xff, 0xff);
    const payload = joined(...Array.from({ length: 10_000 }, () => empty), Uint8Array.of(0));
    const { reader, consumer } = createReader(role, { inflater: () => new ZlibInflater() });
    reader.receive(frame({ rsv1: true, opcode: 2, payload }));
    expect(consumer.events).toEqual([{ type: "binary", hex: "" }]);
  });
});
