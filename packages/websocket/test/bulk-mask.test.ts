import { randomFillSync } from "node:crypto";
import { afterEach, describe, expect, test, vi } from "vitest";
import { loadBulkMasking } from "../src/bulk-mask.js";

const KEY = 0x9a3c_51ee | 0;
const KEY_BYTES = Buffer.from([0xee, 0x51, 0x3c, 0x9a]);
const BLOCK = 16 * 1024;

/** Around a vector, four of them, a block, and several. */
const LENGTHS = [
  ...Array.from({ length: 140 }, (_, length) => length),
  ...[BLOCK - 1, BLOCK, BLOCK + 1, BLOCK + 63, 3 * BLOCK, 3 * BLOCK + 5],
];

const maskNaively = (bytes: Uint8Array) => bytes.map((byte, i) => byte ^ KEY_BYTES[i & 3]!);

describe("§5.3 masking by WebAssembly", () => {
  const { maskBulk: mask, maskText, block, textMemory, readMemory } = loadBulkMasking()!;

  test("§5.3 gives what a plain loop gives, in place and elsewhere, and touches nothing else", () => {
    for (const length of LENGTHS) {
      const source = randomFillSync(Buffer.alloc(length + 10));
      const expected = maskNaively(source.subarray(5, 5 + length));

      const target = Buffer.alloc(length + 10, 0x55);
      mask(source, 5, 5 + length, target, 3, KEY);
      const framed = Buffer.concat([Buffer.alloc(3, 0x55), expected, Buffer.alloc(7, 0x55)]);
      expect(Buffer.compare(target, framed), `length ${length}`).toBe(0);

      const [before, behind] = [source.subarray(0, 5), source.subarray(5 + length)];
      const around = Buffer.concat([before, expected, behind]);
      mask(source, 5, 5 + length, source, 5, KEY);
      expect(Buffer.compare(source, around), `length ${length} in place`).toBe(0);
    }
  });

  test("§5.3 gives the same in the memory that text is collected in, up to its end", () => {
    for (const length of LENGTHS.slice(1)) {
      for (const at of [0, 3, textMemory.length - length]) {
        const source = randomFillSync(Buffer.alloc(length + 5)).map((byte) => byte & 0x7f);
        const expected = maskNaively(source.subarray(5));
        const before = Buffer.from(textMemory.subarray(0, at));
        const ascii = mask(source, 5, 5 + length, textMemory, at, KEY);
        const where = `length ${length} at ${at}`;
        expect(ascii, where).toBe(expected.every((byte) => byte < 0x80) ? 0 : -1);
        expect(Buffer.compare(textMemory.subarray(at, at + length), expected), where).toBe(0);
        expect(Buffer.compare(textMemory.subarray(0, at), before), where).toBe(0);
        expect(mask(expected, 0, length, textMemory, at, KEY), where).toBe(0);
        expect(Buffer.compare(textMemory.subarray(at, at + length), source.subarray(5))).toBe(0);
      }
    }
  });

  test("§5.3 gives the same from the memory that sockets are read into, and leaves the next frame alone", () => {
    for (const length of LENGTHS.slice(1)) {
      for (const at of [0, 3, readMemory.length - length]) {
        const source = randomFillSync(Buffer.alloc(length)).map((byte) => byte & 0x7f);
        const expected = maskNaively(source);
        const isAscii = expected.every((byte) => byte < 0x80);
        const where = `length ${length} at ${at}`;

        const around = randomFillSync(Buffer.alloc(readMemory.length));
        readMemory.set(around);
        readMemory.set(source, at);
        const end = at + length;
        expect(mask(readMemory, at, end, readMemory, at, KEY), where).toBe(isAscii ? 0 : -1);
        around.set(expected, at);
        expect(Buffer.compare(readMemory, around), `${where} in place`).toBe(0);

        readMemory.set(source, at);
        const target = Buffer.alloc(length + 4, 0x55);
        const part = readMemory.subarray(at, end);
        expect(mask(part, 0, length, target, 2, KEY), where).toBe(isAscii ? 0 : -1);
        const edge = Buffer.alloc(2, 0x55);
        expect(Buffer.compare(target, Buffer.concat([edge, expected, edge])), where).toBe(0);
        expect(Buffer.compare(readMemory.subarray(end), around.subarray(end)), where).toBe(0);

        readMemory.set(source, at);
        expect(mask(readMemory, at, end, textMemory, 5, KEY), where).toBe(isAscii ? 0 : -1);
        expect(Buffer.compare(textMemory.subarray(5, 5 + length), expected), where).toBe(0);
      }
    }
  });

  test("§5.3 gives the same of text in a block, and leaves the source as it was", () => {
    for (const length of LENGTHS.slice(1)) {
      // With little around it, and as a part of much.
      for (const around of [0, 8, 2 * length + 1]) {
        const source = randomFillSync(Buffer.alloc(length + around));
        const start = around >> 1;
        const text = source.subarray(start, start + length);
        text.set(maskNaively(text.map((byte) => byte & 0x7f)));
        const before = Buffer.from(source);
        const where = `length ${length} in ${source.length}`;
        const at = maskText(source, start, start + length, KEY);
        const isPart = source.length > 2 * length || source.length > BLOCK;
        if (length > BLOCK || (isPart && length < 512)) expect(at, where).toBe(-1);
        else {
          const found = block.subarray(at, at + length);
          expect(Buffer.compare(found, maskNaively(text)), where).toBe(0);
        }
        text[length - 1]! ^= 0x80;
        expect(maskText(source, start, start + length, KEY), `${where}, not ASCII`).toBe(-1);
        text[length - 1]! ^= 0x80;
        expect(Buffer.compare(source, before), where).toBe(0);
      }
    }
  });

  test("§8.1 tells whether every byte is ASCII, whatever was in the memory before", () => {
    for (const length of LENGTHS.slice(1)) {
      // What an earlier payload has left must not count.
      mask(Buffer.alloc(BLOCK, 0xff), 0, BLOCK, Buffer.alloc(BLOCK), 0, 0);
      const text = Buffer.alloc(length, 0x7f);
      const masked = maskNaively(text);
      expect(mask(masked, 0, length, Buffer.alloc(length), 0, KEY), `length ${length}`).toBe(0);
      for (const at of new Set([0, length >> 1, length - 1])) {
        const wrong = Uint8Array.from(masked);
        wrong[at]! ^= 0x80;
        const found = mask(wrong, 0, length, Buffer.alloc(length), 0, KEY);
        expect(found, `length ${length}, byte ${at}`).toBe(-1);
      }
    }
  });
});

describe("where WebAssembly cannot be used", () => {
  afterEach(() => vi.unstubAllGlobals());

  test.each([
    ["is none, as with --jitless", undefined],
    ["may not compile", { Module: refuse, Instance: refuse }],
  ])("there is no bulk mask: there %s", (_why, webAssembly) => {
    vi.stubGlobal("WebAssembly", webAssembly);
    expect(loadBulkMasking()).toBeUndefined();
  });
});

function refuse(): never {
  throw new Error("compiling is not allowed here");
}
