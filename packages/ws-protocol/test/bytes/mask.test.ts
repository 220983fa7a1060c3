import { describe, expect, test } from "vitest";
import { applyMask, maskInto, NON_ASCII, rotateMask } from "../../src/bytes/mask.js";
import { createPlatform } from "../support/node-platform.js";
import { forSeeds, Random } from "../support/random.js";

const KEYS = [0, 1, 0x3d21fa37, 0x80000000, -1, 0x00ff00ff];

function maskNaively(bytes: Uint8Array, key: number): Uint8Array {
  return bytes.map((byte, i) => byte ^ ((key >>> ((i % 4) * 8)) & 0xff));
}

describe("§5.3 masking", () => {
  test("§5.3 octet i of the payload is XORed with octet i mod 4 of the key, whatever the alignment and length", () => {
    const random = new Random(1);
    for (let length = 0; length <= 300; length++) {
      for (let offset = 0; offset < 8; offset++) {
        const memory = random.bytes(length + 16);
        const key = KEYS[(length + offset) % KEYS.length]!;
        const expected = memory.slice();
        expected.set(maskNaively(memory.subarray(offset, offset + length), key), offset);
        applyMask(memory, offset, offset + length, key);
        if (Buffer.compare(memory, expected) !== 0) {
          expect(memory, `length ${length} at ${offset}`).toEqual(expected);
        }
      }
    }
  });

  test("§5.3 a payload in the middle of larger memory is masked without touching its neighbours", () => {
    for (const size of [64, 300_000]) {
      for (let byteOffset = 0; byteOffset < 5; byteOffset++) {
        const memory = new Uint8Array(size).fill(0x55);
        const view = memory.subarray(byteOffset, size - 3);
        applyMask(view, 1, view.length - 1, 0x01020304);
        const expected = new Uint8Array(size).fill(0x55);
        const middle = expected.subarray(byteOffset + 1, size - 4);
        middle.set(maskNaively(middle, 0x01020304));
        expect(Buffer.compare(memory, expected)).toBe(0);
      }
    }
  });

  test("§5.3 masking twice with one key gives the payload back", () => {
    forSeeds(20, (random) => {
      const bytes = random.bytes(random.below(500));
      const key = random.word() | 0;
      const masked = bytes.slice();
      applyMask(masked, 0, masked.length, key);
      applyMask(masked, 0, masked.length, key);
      expect(masked).toEqual(bytes);
    });
  });

  test("§5.3 a payload that arrives in parts goes on with the key where the last part ended", () => {
    forSeeds(50, (random) => {
      const bytes = random.bytes(1 + random.below(200));
      const key = random.word() | 0;
      const cut = random.below(bytes.length + 1);
      const expected = maskNaively(bytes, key);
      applyMask(bytes, 0, cut, key);
      applyMask(bytes, cut, bytes.length, rotateMask(key, cut));
      expect(bytes).toEqual(expected);
    });
  });

  test("§8.1 the result tells whether every unmasked byte of a text is ASCII", () => {
    for (const length of [1, 2, 3, 4, 47, 48, 49, 100, 255]) {
      for (let at = 0; at < length; at++) {
        const bytes = new Uint8Array(length).fill(0x7f);
        applyMask(bytes, 0, length, 0x7a3c91ee);
        expect(applyMask(bytes.slice(), 0, length, 0x7a3c91ee) & NON_ASCII).toBe(0);
        bytes[at]! ^= 0x80;
        expect(applyMask(bytes, 0, length, 0x7a3c91ee) & NON_ASCII).not.toBe(0);
      }
    }
  });

  test("§5.3 a payload is masked on its way to where it is collected", () => {
    const platform = createPlatform();
    for (const length of [0, 1, 5, 64, 65, 1023, 1024, 70_000]) {
      const source = new Random(length + 1).bytes(length + 7);
      const before = source.slice();
      const target = new Uint8Array(length + 9).fill(0x55);
      maskInto(platform, source, 3, 3 + length, target, 4, 0x7a3c91ee);
      const expected = new Uint8Array(length + 9).fill(0x55);
      expected.set(maskNaively(before.subarray(3, 3 + length), 0x7a3c91ee), 4);
      expect(Buffer.compare(target, expected), `length ${length}`).toBe(0);
      expect(Buffer.compare(source, before)).toBe(0);
    }
  });

  test("§5.3 a platform that masks by itself is asked to from 1,024 bytes on", () => {
    const asked: number[] = [];
    const platform = {
      ...createPlatform(),
      maskBulk: (_source: Uint8Array, start: number, end: number): number => {
        asked.push(end - start);
        return -1;
      },
    };
    const bytes = new Uint8Array(2000);
    expect(maskInto(platform, bytes, 1, 1024, bytes, 1, 0) & NON_ASCII).toBe(0);
    expect(maskInto(platform, bytes, 1, 1025, bytes, 1, 0)).toBe(-1);
    expect(asked).toEqual([1024]);
  });
});
