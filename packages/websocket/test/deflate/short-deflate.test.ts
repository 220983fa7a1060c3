import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
import { afterEach, describe, expect, it, vi } from "vitest";
import { SHORT_MESSAGE_BYTES_MAX } from "../../src/deflate/deflate-limits.js";
import * as shortDeflate from "../../src/deflate/short-deflate.js";
import {
  bytesOf,
  createNoise,
  createRandom,
  createText,
  inflate,
  NO_TAKEOVER,
  openPair,
} from "./session-kit.js";

const finishFlush = constants.Z_SYNC_FLUSH;
const TAIL = Buffer.from([0x00, 0x00, 0xff, 0xff]);

function deflateShort(message: Uint8Array): Uint8Array {
  return shortDeflate.deflateShort(message, 15)!;
}

/** zlib, as a witness. */
function inflated(compressed: Uint8Array): Buffer {
  return inflateRawSync(Buffer.concat([compressed, TAIL]), { finishFlush });
}

function zlibLength(message: Uint8Array): number {
  return deflateRawSync(message, { level: 6, finishFlush }).length - TAIL.length;
}

type Random = () => number;

/** Of each: the bytes of a message of so many. */
const kinds: [string, (length: number, random: Random) => Buffer][] = [
  ["text", createText],
  ["noise", createNoise],
  ["one byte again and again", (length) => Buffer.alloc(length, 0xff)],
  ["two letters in no order", (length, random) => letters(length, 2, random)],
  ["a byte that is half as common as the next", (length, random) => falling(length, random)],
  ["all bytes in turn", (length) => Buffer.from(Array.from({ length }, (_, i) => (i * 7) & 255))],
  [
    "a phrase with small changes",
    (length, random) => {
      const message = Buffer.alloc(length, "the tide comes in and the tide goes out, ");
      for (let i = 0; i < length; i += 1 + Math.floor(random() * 90)) message[i] = random() * 256;
      return message;
    },
  ],
];

function letters(length: number, count: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => 97 + Math.floor(random() * count)));
}

function falling(length: number, random: Random): Buffer {
  return Buffer.from(Array.from({ length }, () => Math.min(255, -Math.log2(1 - random()) * 2)));
}

describe.each(kinds)("short messages of %s", (_, create) => {
  const random = createRandom(7692);

  it("RFC 1951 come back, at every length up to 300 and many others", () => {
    for (let length = 0; length <= SHORT_MESSAGE_BYTES_MAX; length += length < 300 ? 1 : 37) {
      const message = create(length, random);
      const compressed = deflateShort(message);
      expect(inflated(compressed).equals(message), `${length} bytes`).toBe(true);
    }
    const longest = create(SHORT_MESSAGE_BYTES_MAX, random);
    expect(inflated(deflateShort(longest)).equals(longest)).toBe(true);
  });

  it("RFC 7692 §7.2.2 end where a block does, as our inflater demands", async () => {
    const pair = openPair(NO_TAKEOVER);
    for (let length = 0; length <= SHORT_MESSAGE_BYTES_MAX; length += 61) {
      const message = create(length, random);
      const result = await inflate(pair.client.inflater, Buffer.from(deflateShort(message)));
      expect(bytesOf(result).equals(message), `${length} bytes`).toBe(true);
    }
    pair.close();
  });

  it("are as small as zlib makes them at level 6, within 2 %, where they shrink", () => {
    let [ours, zlib] = [0, 0];
    for (let length = 1; length <= SHORT_MESSAGE_BYTES_MAX; length += 23) {
      const message = create(length, random);
      const bound = zlibLength(message);
      if (bound >= length) continue;
      zlib += bound;
      ours += deflateShort(message).length;
    }
    expect(ours).toBeLessThanOrEqual(zlib * 1.02);
  });
});

it("a message does not depend on those before it", () => {
  const random = createRandom(3);
  const message = createText(700, random);
  const alone = Buffer.from(deflateShort(message));
  for (const before of [createNoise(2048, random), message, createText(2048, random)]) {
    deflateShort(before);
    expect(Buffer.from(deflateShort(message)).equals(alone)).toBe(true);
  }
});

it("RFC 7692 §7.2.3.1 and §7.2.3.6: the examples", () => {
  expect(Buffer.from(deflateShort(Buffer.from("Hello"))).toString("hex")).toBe("f248cdc9c90700");
  expect(Buffer.from(deflateShort(Buffer.alloc(0))).toString("hex")).toBe("00");
});

it("RFC 7692 §7.1.2 what is longer than the window, or than short, is left to zlib", () => {
  const isShort = (length: number, windowBits: number): boolean =>
    shortDeflate.deflateShort(Buffer.alloc(length, 0x61), windowBits) !== undefined;
  expect(isShort(SHORT_MESSAGE_BYTES_MAX, 15)).toBe(true);
  expect(isShort(SHORT_MESSAGE_BYTES_MAX + 1, 15)).toBe(false);
  expect(isShort(512, 9)).toBe(true);
  expect(isShort(513, 9)).toBe(false);
});

it("RFC 1951 §3.2.5 matches of every length come back", () => {
  const random = createRandom(1951);
  for (let length = 3; length <= 300; length++) {
    const phrase = createNoise(length, random);
    const message = Buffer.concat([phrase, createNoise(1 + (length % 9), random), phrase]);
    expect(inflated(deflateShort(message)).equals(message), `${length} bytes`).toBe(true);
  }
});

it("a message comes back after each of thousands of random changes", () => {
  const random = createRandom(2026);
  const message = createText(1024, random);
  for (let change = 0; change < 3000; change++) {
    message[Math.floor(random() * 1024)] = random() * 256;
    if (change % 3 === 0) {
      // A part again elsewhere, be it over itself.
      const from = Math.floor(random() * 900);
      message.copyWithin(Math.floor(random() * 1024), from, from + Math.floor(random() * 300));
    }
    const length = 1 + Math.floor(random() * 1024);
    const part = message.subarray(0, length);
    expect(inflated(deflateShort(part)).equals(part), `change ${change}`).toBe(true);
  }
});

describe("where WebAssembly cannot be used", () => {
  afterEach(() => {
    vi.unstubAllGlobals();
    vi.resetModules();
  });

  it("zlib compresses short messages too", async () => {
    vi.stubGlobal("WebAssembly", undefined);
    vi.resetModules();
    const { deflateShort: deflateShortWithout } = await import(
      "../../src/deflate/short-deflate.js"
    );
    const { compressOnce } = await import("../../src/deflate/compress-once.js");
    const message = createText(500, createRandom(1));
    expect(deflateShortWithout(message, 15)).toBeUndefined();
    const prepared = compressOnce(message, { thresholdBytes: 0 })!;
    expect(inflated(prepared.bytes).equals(message)).toBe(true);
  });
});
