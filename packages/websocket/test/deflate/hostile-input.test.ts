import { constants, deflateRawSync } from "node:zlib";
import { afterEach, describe, expect, it } from "vitest";
import { FINAL_BLOCKS_MAX } from "../../src/deflate/deflate-limits.js";
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
  WAYS,
} from "./session-kit.js";

const finishFlush = constants.Z_SYNC_FLUSH;
const MIB = 1024 * 1024;

/** `bytes` of zeros as a message: a mebibyte, compressed once, stands for every other. */
function createBomb(mebibytes: number): Buffer {
  const one = deflateRawSync(Buffer.alloc(MIB), { finishFlush: constants.Z_FULL_FLUSH });
  const all: Buffer[] = new Array(mebibytes).fill(one);
  return Buffer.concat([...all, Buffer.of(0)]);
}

let pair: Pair;
afterEach(() => {
  pair.close();
  expect(pair.budget.memoryBytes).toBe(0);
  expect(pair.budget.jobs.running).toBe(0);
});

describe.each(WAYS)("hostile input, %s", (_, budgetOptions, options) => {
  it.each([
    [6, TAKEOVER],
    [6, NO_TAKEOVER],
    [1024, NO_TAKEOVER],
  ])("§10.4 a bomb of %i MiB ends at the limit", async (mebibytes, parameters) => {
    const bomb = createBomb(mebibytes);
    pair = openPair(parameters, budgetOptions, options);
    const before = process.memoryUsage().arrayBuffers;
    for (const { inflater } of [pair.server, pair.client]) {
      expect(codeOf(await inflate(inflater, bomb, true, MIB))).toBe("inflated-too-big");
    }
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * MIB);
  });

  it("§10.4 the limit is exact: n bytes pass, n + 1 do not", async () => {
    for (const size of [1, 1000, 65_535, 65_536, 65_537, 200_000]) {
      pair = openPair(TAKEOVER, budgetOptions, options);
      const compressed = bytesOf(await deflate(pair.server.deflater, Buffer.alloc(size)));
      const { inflater } = pair.client;
      expect(bytesOf(await inflate(inflater, compressed, true, size))).toHaveLength(size);
      pair.close();
      pair = openPair(TAKEOVER, budgetOptions, options);
      const less = await inflate(pair.client.inflater, compressed, true, size - 1);
      expect(codeOf(less)).toBe("inflated-too-big");
      pair.close();
    }
  });

  it("§10.4 the limit holds for a part as for a message", async () => {
    pair = openPair(NO_TAKEOVER, budgetOptions, options);
    const bomb = createBomb(6);
    const { inflater } = pair.server;
    const half = bomb.length >> 1;
    expect(bytesOf(await inflate(inflater, bomb.subarray(0, 100), false, MIB))).toBeDefined();
    expect(codeOf(await inflate(inflater, bomb.subarray(100, half), false, MIB))).toBe(
      "inflated-too-big",
    );
  });

  it("§8.1 corrupt and cut streams give a fault or bytes, and the process lives", async () => {
    const random = createRandom(2026);
    const text = createText(4000, random);
    const valid = deflateRawSync(text, { finishFlush });
    const codes = new Map<string, number>();
    for (let round = 0; round < 400; round++) {
      pair = openPair(round % 2 === 0 ? TAKEOVER : NO_TAKEOVER, budgetOptions, options);
      let wire = Buffer.from(valid.subarray(0, valid.length - 4));
      const changes = 1 + Math.floor(random() * 4);
      for (let i = 0; i < changes; i++) {
        wire[Math.floor(random() * wire.length)] = Math.floor(random() * 256);
      }
      if (round % 3 === 0) wire = wire.subarray(0, Math.floor(random() * wire.length));
      const code = codeOf(await inflate(pair.server.inflater, wire, true, 100_000));
      const kind = code.endsWith("bytes") ? "bytes" : code;
      codes.set(kind, (codes.get(kind) ?? 0) + 1);
      pair.close();
    }
    expect([...codes.keys()].every((code) => EXPECTED.has(code))).toBe(true);
    expect(codes.get("deflate-invalid")).toBeGreaterThan(100);
  });

  it("§8.1 after corrupt input other connections inflate as before", async () => {
    pair = openPair(NO_TAKEOVER, budgetOptions, options);
    const text = createText(3000, createRandom(5));
    const wire = bytesOf(await deflate(pair.server.deflater, text));
    const other = openPair(NO_TAKEOVER, {}, options, pair.budget);
    expect(codeOf(await inflate(pair.client.inflater, Buffer.of(0xff, 0xff)))).toBe(
      "deflate-invalid",
    );
    expect(bytesOf(await inflate(other.client.inflater, wire)).equals(text)).toBe(true);
    other.close();
  });

  it("§7.2.3.4 too many final blocks are refused, the most that may be are not", async () => {
    const final = deflateRawSync(Buffer.alloc(0));
    for (const parameters of [TAKEOVER, NO_TAKEOVER]) {
      for (const [count, code] of [
        [FINAL_BLOCKS_MAX, "0 bytes"],
        [FINAL_BLOCKS_MAX + 1, "deflate-invalid"],
      ] as const) {
        pair = openPair(parameters, budgetOptions, options);
        const wire = Buffer.concat([...new Array<Buffer>(count).fill(final), Buffer.of(0)]);
        expect(codeOf(await inflate(pair.server.inflater, wire))).toBe(code);
        pair.close();
      }
    }
  });

  it("§7.2.3.5 a message of a hundred thousand empty blocks inflates to nothing", async () => {
    pair = openPair(NO_TAKEOVER, budgetOptions, options);
    const wire = Buffer.alloc(5 * 100_000 + 1, Buffer.of(0x00, 0x00, 0x00, 0xff, 0xff));
    expect(bytesOf(await inflate(pair.server.inflater, wire))).toHaveLength(0);
  });
});

const EXPECTED = new Set(["bytes", "deflate-invalid", "inflated-too-big"]);

describe("messages that end too early", () => {
  it.each([
    ["on the spot", {}],
    ["in the pool", { syncBytesMax: 0 }],
  ])("§7.2.2 a message cut at any byte is not taken for a whole one, %s", async (_, options) => {
    const text = createText(600, createRandom(9));
    const wire = deflateRawSync(text, { finishFlush });
    const stored = deflateRawSync(text, { finishFlush, level: 0 });
    for (const whole of [wire, stored]) {
      for (let length = 0; length < whole.length - 4; length++) {
        pair = openPair(NO_TAKEOVER, {}, options);
        const cut = whole.subarray(0, length);
        // One zero byte is an empty message (§7.2.3.6).
        const code = cut.equals(Buffer.of(0)) ? "0 bytes" : "deflate-invalid";
        const result = await inflate(pair.server.inflater, cut);
        expect(codeOf(result), `${length} of ${whole.length}`).toBe(code);
        pair.close();
      }
    }
  });
});
