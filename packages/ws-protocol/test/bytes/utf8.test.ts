import { isUtf8 } from "node:buffer";
import { describe, expect, test } from "vitest";
import { advanceUtf8, lastUtf8Border, UTF8_COMPLETE, UTF8_INVALID } from "../../src/bytes/utf8.js";
import { forSeeds } from "../support/random.js";

const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function isValid(bytes: Uint8Array): boolean {
  try {
    decoder.decode(bytes);
    return true;
  } catch {
    return false;
  }
}

/** Whether more bytes could make `bytes` valid: some character completes them. */
function isValidStart(bytes: Uint8Array): boolean {
  const tails = [[], [0x80], [0xa0], [0x90], [0x80, 0x80], [0xa0, 0x80], [0x90, 0x80]];
  const longer = [
    [0x80, 0x80, 0x80],
    [0x90, 0x80, 0x80],
    [0x8f, 0x80, 0x80],
  ];
  return [...tails, ...longer].some((tail) => isUtf8(Uint8Array.of(...bytes, ...tail)));
}

function judge(bytes: Uint8Array): number {
  return advanceUtf8(UTF8_COMPLETE, bytes, 0, bytes.length);
}

/** Compares with the oracle: validity, and that the first byte that spoils the text is the one. */
function compare(bytes: Uint8Array): void {
  const state = judge(bytes);
  if ((state === UTF8_COMPLETE) !== isValid(bytes)) expect.fail(`validity of ${bytes}`);
  let stepped = UTF8_COMPLETE;
  for (let at = 0; at < bytes.length; at++) {
    stepped = advanceUtf8(stepped, bytes, at, at + 1);
    const valid = isValidStart(bytes.subarray(0, at + 1));
    if ((stepped !== UTF8_INVALID) !== valid) expect.fail(`byte ${at} of ${bytes}`);
  }
  if (stepped !== state) expect.fail(`byte by byte of ${bytes}`);
}

const BORDERS = [0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xff];
const LEADS = Array.from({ length: 64 }, (_, i) => 0xc0 + i);

describe("§8.1 UTF-8", () => {
  test("§8.1 every sequence of one and two bytes is judged as by TextDecoder, at the earliest byte", () => {
    for (let first = 0; first < 256; first++) {
      compare(Uint8Array.of(first));
      for (let second = 0; second < 256; second++) compare(Uint8Array.of(first, second));
    }
  });

  test("§8.1 every border case of three and four bytes is judged as by TextDecoder, at the earliest byte", () => {
    for (const lead of LEADS) {
      for (const second of BORDERS) {
        for (const third of BORDERS) {
          compare(Uint8Array.of(lead, second, third));
          if (lead < 0xf0) continue;
          for (const fourth of BORDERS) compare(Uint8Array.of(lead, second, third, fourth));
        }
      }
    }
  });

  test("§8.1 text that is not UTF-8 stays invalid whatever follows", () => {
    for (let byte = 0; byte < 256; byte++) {
      expect(advanceUtf8(UTF8_INVALID, Uint8Array.of(byte), 0, 1)).toBe(UTF8_INVALID);
    }
  });

  test("§8.1 random UTF-8 text is accepted at every cut, and random damage judged as by TextDecoder", () => {
    forSeeds(50, (random) => {
      const bytes = new Uint8Array(Buffer.from(random.text(30)));
      for (let cut = 0; cut <= bytes.length; cut++) {
        const state = advanceUtf8(UTF8_COMPLETE, bytes, 0, cut);
        expect(advanceUtf8(state, bytes, cut, bytes.length)).toBe(UTF8_COMPLETE);
      }
      bytes[random.below(bytes.length)] = random.below(256);
      expect(judge(bytes) === UTF8_COMPLETE).toBe(isValid(bytes));
    });
  });

  test("§8.1 what lies before the last border of UTF-8 text is whole, and at most three bytes lie behind it", () => {
    forSeeds(50, (random) => {
      const bytes = new Uint8Array(Buffer.from(random.text(12)));
      for (let end = 0; end <= bytes.length; end++) {
        const border = lastUtf8Border(bytes, 0, end);
        expect(end - border).toBeLessThanOrEqual(3);
        expect(isValid(bytes.subarray(0, border))).toBe(true);
        expect(advanceUtf8(UTF8_COMPLETE, bytes, border, end)).not.toBe(UTF8_INVALID);
      }
    });
  });
});
