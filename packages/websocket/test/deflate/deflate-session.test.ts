import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { type DeflateParameters, SEND_PLAIN } from "@tidewire/ws-protocol";
import { describe, expect, it } from "vitest";
import { DeflateSessionFactory } from "../../src/deflate/deflate-session.js";
import {
  bytesOf,
  codeOf,
  createNoise,
  createRandom,
  createText,
  deflate,
  inflate,
  NO_TAKEOVER,
  openPair,
  TAKEOVER,
  WAYS,
} from "./session-kit.js";

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(" ", ""), "hex");
const finishFlush = constants.Z_SYNC_FLUSH;

describe.each(WAYS)("RFC 7692 §7.2.3: the examples, %s", (_, budgetOptions, options) => {
  const vectors: [string, string][] = [
    ["§7.2.3.1 one compressed block", "f2 48 cd c9 c9 07 00"],
    ["§7.2.3.3 a block without compression", "00 05 00 fa ff 48 65 6c 6c 6f 00"],
    ["§7.2.3.4 a final block", "f3 48 cd c9 c9 07 00 00"],
    ["§7.2.3.5 two blocks", "f2 48 05 00 00 00 ff ff ca c9 c9 07 00"],
  ];

  it.each(vectors)("%s inflates, in both roles", async (_title, bytes) => {
    const pair = openPair(NO_TAKEOVER, budgetOptions, options);
    for (const { inflater } of [pair.server, pair.client]) {
      expect(bytesOf(await inflate(inflater, hex(bytes))).toString()).toBe("Hello");
    }
    pair.close();
  });

  it("§7.2.3.2 the second message refers back to the first", async () => {
    const pair = openPair(TAKEOVER, budgetOptions, options);
    const { inflater } = pair.server;
    expect(bytesOf(await inflate(inflater, hex("f2 48 cd c9 c9 07 00"))).toString()).toBe("Hello");
    expect(bytesOf(await inflate(inflater, hex("f2 00 11 00 00"))).toString()).toBe("Hello");
    pair.close();
  });

  it("§7.2.3.2 a reference over the start of a message is an error without takeover", async () => {
    const pair = openPair(NO_TAKEOVER, budgetOptions, options);
    const { inflater } = pair.server;
    expect(bytesOf(await inflate(inflater, hex("f2 48 cd c9 c9 07 00"))).toString()).toBe("Hello");
    expect(codeOf(await inflate(inflater, hex("f2 00 11 00 00")))).toBe("deflate-invalid");
    pair.close();
  });

  it("§7.2.3 compresses as the examples do", async () => {
    for (const side of ["server", "client"] as const) {
      const pair = openPair(TAKEOVER, budgetOptions, options);
      const { deflater } = pair[side];
      const hello = Buffer.from("Hello");
      expect(bytesOf(await deflate(deflater, hello))).toEqual(hex("f2 48 cd c9 c9 07 00"));
      expect(bytesOf(await deflate(deflater, hello))).toEqual(hex("f2 00 11 00 00"));
      pair.close();
    }
  });

  it("§7.2.3.6 an empty message is one byte of zero, both ways", async () => {
    for (const parameters of [TAKEOVER, NO_TAKEOVER]) {
      const pair = openPair(parameters, budgetOptions, options);
      for (let turn = 0; turn < 3; turn++) {
        const nothing = new Uint8Array(0);
        expect(bytesOf(await deflate(pair.server.deflater, nothing))).toEqual(hex("00"));
        expect(bytesOf(await inflate(pair.client.inflater, hex("00")))).toHaveLength(0);
      }
      pair.close();
    }
  });
});

const SIZES = [
  0, 1, 2, 5, 63, 64, 125, 126, 127, 1000, 1024, 4095, 4096, 16_383, 16_384, 16_385, 32_767, 32_768,
  65_535, 65_536, 65_537, 70_000,
];

describe.each(WAYS)("round trips, %s", (_, budgetOptions, options) => {
  it.each([
    ["with context takeover", TAKEOVER],
    ["without context takeover", NO_TAKEOVER],
  ])("§7.2 every size comes back, %s", async (_title, parameters) => {
    const random = createRandom(7);
    const pair = openPair(parameters, budgetOptions, options);
    const ways = [
      [pair.server.deflater, pair.client.inflater],
      [pair.client.deflater, pair.server.inflater],
    ] as const;
    const sizes = [...SIZES, 1_500_000, 3_000_000, 17];
    for (let i = 0; i < 30; i++) sizes.push(Math.floor(random() * 70_000));
    for (const [deflater, inflater] of ways) {
      for (const [index, size] of sizes.entries()) {
        const data =
          index % 5 === 4 && size < 100_000 ? createNoise(size, random) : createText(size, random);
        const compressed = await deflate(deflater, data);
        if (compressed === SEND_PLAIN) {
          expect(parameters).toBe(NO_TAKEOVER);
          continue;
        }
        const inflated = bytesOf(await inflate(inflater, bytesOf(compressed), true, size));
        expect(inflated.equals(data), `size ${size}`).toBe(true);
      }
    }
    expect(pair.budget.memory.waiting).toBe(0);
    pair.close();
    expect(pair.budget.memoryBytes).toBe(0);
  });

  it.each([9, 10, 11, 12, 13, 14, 15])("§7.1.2 a window of %i bits", async (bits) => {
    const random = createRandom(bits);
    for (const base of [TAKEOVER, NO_TAKEOVER]) {
      const parameters: DeflateParameters = {
        ...base,
        serverMaxWindowBits: bits,
        clientMaxWindowBits: bits,
      };
      const pair = openPair(parameters, budgetOptions, options);
      for (const size of [100, 2000, 20_000, 40_000]) {
        const data = createText(size, random);
        const compressed = bytesOf(await deflate(pair.client.deflater, data));
        expect(bytesOf(await inflate(pair.server.inflater, compressed))).toEqual(data);
      }
      expect(pair.server.windowBits).toBe(bits);
      pair.close();
    }
  });

  it("§7.2.1 parts of a message, cut anywhere, with and without takeover", async () => {
    const random = createRandom(11);
    for (const parameters of [TAKEOVER, NO_TAKEOVER]) {
      const pair = openPair(parameters, budgetOptions, options);
      for (let message = 0; message < 4; message++) {
        const parts = [3000, 0, 40_000, 1, 0].map((size) => createText(size, random));
        const compressed: Buffer[] = [];
        for (const [index, part] of parts.entries()) {
          const last = index === parts.length - 1;
          compressed.push(bytesOf(await deflate(pair.server.deflater, part, last)));
        }
        const wire = Buffer.concat(compressed);
        const inflated: Buffer[] = [];
        for (let from = 0; from < wire.length; ) {
          const to = Math.min(wire.length, from + 1 + Math.floor(random() * 9000));
          const piece = wire.subarray(from, to);
          from = to;
          inflated.push(bytesOf(await inflate(pair.client.inflater, piece, to === wire.length)));
        }
        expect(Buffer.concat(inflated).equals(Buffer.concat(parts))).toBe(true);
      }
      pair.close();
      expect(pair.budget.memoryBytes).toBe(0);
    }
  });

  it("§7.2.3.4 history survives final blocks, within and between messages", async () => {
    const random = createRandom(13);
    const pair = openPair(TAKEOVER, budgetOptions, options);
    let history = Buffer.alloc(0);
    for (let message = 0; message < 12; message++) {
      const blocks: Buffer[] = [];
      const texts: Buffer[] = [];
      for (let block = 0; block < 3; block++) {
        // From the history, so that every block refers back over the final block before it.
        const old = history.subarray(Math.max(0, history.length - 30_000), history.length);
        const text = Buffer.concat([old.subarray(0, 5000), createText(3000, random)]);
        const dictionary = old.length > 0 ? { dictionary: Buffer.from(history) } : {};
        blocks.push(deflateRawSync(text, dictionary));
        texts.push(text);
        history = Buffer.concat([history, text]).subarray(-32_768);
      }
      const wire = Buffer.concat([...blocks, hex("00")]);
      const inflated = bytesOf(await inflate(pair.server.inflater, wire));
      expect(inflated.equals(Buffer.concat(texts)), `message ${message}`).toBe(true);
    }
    pair.close();
    expect(pair.budget.memoryBytes).toBe(0);
  });

  it("§7.2.3.4 a final block at the very end, without an empty one behind it, is complete", async () => {
    for (const parameters of [TAKEOVER, NO_TAKEOVER]) {
      const pair = openPair(parameters, budgetOptions, options);
      for (let turn = 0; turn < 3; turn++) {
        const wire = deflateRawSync(Buffer.from("the end"));
        expect(bytesOf(await inflate(pair.server.inflater, wire)).toString()).toBe("the end");
      }
      pair.close();
    }
  });
});

describe.each(WAYS)("§7.1.2 a sender keeps no more window than it needs, %s", (_, ...given) => {
  const smallest = 100;

  it("refers back over 8 KiB while its messages are short", async () => {
    const random = createRandom(17);
    const pair = openPair(TAKEOVER, ...given);
    const message = createNoise(2048, random);
    const send = async (data: Buffer): Promise<number> => {
      const compressed = bytesOf(await deflate(pair.server.deflater, data));
      expect(bytesOf(await inflate(pair.client.inflater, compressed)).equals(data)).toBe(true);
      return compressed.length;
    };
    expect(await send(message)).toBeGreaterThan(2000);
    expect(await send(message)).toBeLessThan(smallest);
    for (let i = 0; i < 4; i++) await send(createNoise(2048, random));
    expect(await send(message)).toBeGreaterThan(2000);
    pair.close();
    expect(pair.budget.memoryBytes).toBe(0);
  });

  it("takes all that was agreed with the first long message, and keeps it", async () => {
    const random = createRandom(19);
    const pair = openPair(TAKEOVER, ...given);
    const send = async (data: Buffer): Promise<number> => {
      const compressed = bytesOf(await deflate(pair.server.deflater, data));
      expect(bytesOf(await inflate(pair.client.inflater, compressed)).equals(data)).toBe(true);
      return compressed.length;
    };
    const message = createNoise(1000, random);
    await send(message);
    const before = pair.budget.memoryBytes;
    await send(createNoise(2049, random));
    pair.budget.releaseIdle();
    expect(pair.budget.memoryBytes - before).toBe(4 * (2 ** 15 - 2 ** 13));
    expect(await send(message), "history was forgotten").toBeGreaterThan(1000);
    for (let i = 0; i < 8; i++) await send(createNoise(3000, random));
    expect(await send(message)).toBeLessThan(smallest);
    pair.close();
    expect(pair.budget.memoryBytes).toBe(0);
  });
});

describe("what a session is made of", () => {
  it("§7.1.2 a window of 8 bits can be inflated, and is not compressed with", () => {
    const parameters = { ...TAKEOVER, serverMaxWindowBits: 8 };
    const pair = openPair(parameters);
    expect(pair.server.deflater).toBeUndefined();
    expect(pair.client.deflater).toBeDefined();
    pair.close();
  });

  it("§7.1.1 after reset() nothing refers back", async () => {
    const pair = openPair(TAKEOVER);
    const text = createText(2000, createRandom(1));
    const fresh = bytesOf(await deflate(pair.server.deflater, text));
    expect(bytesOf(await deflate(pair.server.deflater, text)).length).toBeLessThan(fresh.length);
    pair.server.deflater!.reset();
    const again = bytesOf(await deflate(pair.server.deflater, text));
    expect(inflateRawSync(again, { finishFlush })).toEqual(text);
    pair.close();
  });

  it("§6 a message that does not shrink is sent as it is, without takeover only", async () => {
    const noise = createNoise(2000, createRandom(3));
    const without = openPair(NO_TAKEOVER);
    expect(await deflate(without.server.deflater, noise)).toBe(SEND_PLAIN);
    without.close();
    const takeover = openPair(TAKEOVER);
    expect(bytesOf(await deflate(takeover.server.deflater, noise)).length).toBeGreaterThan(2000);
    takeover.close();
  });

  it("options out of range are refused by name", () => {
    expect(() => new DeflateSessionFactory({ level: 10 })).toThrow(/level must be .* 1 to 9.*10/);
    expect(() => new DeflateSessionFactory({ memLevel: 0 })).toThrow(RangeError);
    expect(() => new DeflateSessionFactory({ thresholdBytes: -1 })).toThrow(RangeError);
    expect(() => new DeflateSessionFactory({ syncBytesMax: 1.5 })).toThrow(RangeError);
  });
});
