import { constants, inflateRawSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { compressOnce } from "../../src/deflate/compress-once.js";
import { DeflateBudget } from "../../src/deflate/deflate-budget.js";
import {
  bytesOf,
  createNoise,
  createRandom,
  createText,
  deflate,
  inflate,
  openPair,
  TAKEOVER,
} from "./session-kit.js";

const finishFlush = constants.Z_SYNC_FLUSH;
const random = createRandom(31);

describe.each([
  ["on the spot", {}],
  ["with documented functions only", { onTheSpot: false }],
])("compressOnce, %s", (_, options) => {
  const budget = new DeflateBudget(options);

  it.each([1024, 1025, 5000, 32_768, 32_769, 400_000])("§7.2.1 %i bytes come back", (size) => {
    const data = createText(size, random);
    const { bytes, windowBits } = compressOnce(data, {}, budget)!;
    expect(bytes.length).toBeLessThan(size);
    expect(inflateRawSync(bytes, { finishFlush, windowBits }).equals(data)).toBe(true);
    budget.releaseIdle();
    expect(budget.memoryBytes).toBe(0);
  });

  it("§7.1.2 the window is no larger than the message, nor than was asked for", () => {
    const bits = (size: number, windowBits?: number): number =>
      compressOnce(createText(size, random), windowBits ? { windowBits } : {}, budget)!.windowBits;
    expect(bits(1024)).toBe(10);
    expect(bits(1025)).toBe(11);
    expect(bits(40_000)).toBe(15);
    expect(bits(40_000, 9)).toBe(9);
    budget.releaseIdle();
  });

  it("refers to no history: it may come between messages that do, after a reset", async () => {
    const pair = openPair(TAKEOVER, options);
    const text = createText(3000, random);
    const { inflater } = pair.client;
    const first = bytesOf(await deflate(pair.server.deflater, text));
    expect(bytesOf(await inflate(inflater, first)).equals(text)).toBe(true);
    pair.server.deflater!.reset();
    const once = compressOnce(text, {}, pair.budget)!;
    expect(bytesOf(await inflate(inflater, once.bytes)).equals(text)).toBe(true);
    const last = bytesOf(await deflate(pair.server.deflater, text));
    expect(bytesOf(await inflate(inflater, last)).equals(text)).toBe(true);
    pair.close();
  });

  it("says so when there is nothing to gain", () => {
    expect(compressOnce("short", {}, budget)).toBeUndefined();
    expect(compressOnce(createNoise(5000, random), {}, budget)).toBeUndefined();
    expect(compressOnce("short ".repeat(3), { thresholdBytes: 10 }, budget)?.windowBits).toBe(8);
    budget.releaseIdle();
  });
});

it("a broadcast goes plain when there is no memory to compress it", () => {
  const budget = new DeflateBudget({ memoryBytesMax: 1000 });
  expect(compressOnce("tide ".repeat(1000), {}, budget)).toBeUndefined();
});

it("a window out of range is refused", () => {
  expect(() => compressOnce("tide", { windowBits: 8 })).toThrow(/windowBits .* 9 to 15, not 8/);
});
