import { describe, expect, test } from "vitest";
import { decodeShortText, SHORT_TEXT_BYTES_MAX } from "../../src/bytes/short-text.js";
import { forSeeds, type Random } from "../support/random.js";

const AT = 3;

/** `text` masked with `key` at `AT`, among bytes that do not belong to it. */
function masked(random: Random, text: Uint8Array, key: number, behind: number): DataView {
  const bytes = random.bytes(AT + text.length + behind);
  bytes.set(
    text.map((byte, i) => byte ^ ((key >>> ((i % 4) * 8)) & 0xff)),
    AT,
  );
  return new DataView(bytes.buffer);
}

describe("§5.3, §5.6 short text from masked bytes", () => {
  test("§5.6 ASCII of every length becomes text, and its bytes stay as they were", () => {
    forSeeds(20, (random) => {
      for (let length = 0; length <= SHORT_TEXT_BYTES_MAX; length++) {
        const text = random.bytes(length).map((byte) => byte & 0x7f);
        const key = random.word() | 0;
        const bytes = masked(random, text, key, SHORT_TEXT_BYTES_MAX);
        const before = bytes.buffer.slice(0);
        expect(decodeShortText(bytes, AT, length, key)).toBe(Buffer.from(text).toString("latin1"));
        expect(bytes.buffer).toEqual(before);
      }
    });
  });

  test("§8.1 one byte that is not ASCII, wherever it is, leaves the text to a decoder of UTF-8", () => {
    forSeeds(5, (random) => {
      for (let length = 1; length <= SHORT_TEXT_BYTES_MAX; length++) {
        for (let wrong = 0; wrong < length; wrong++) {
          const text = random.bytes(length).map((byte) => byte & 0x7f);
          text[wrong]! |= 0x80;
          const key = random.word() | 0;
          const bytes = masked(random, text, key, SHORT_TEXT_BYTES_MAX);
          expect(decodeShortText(bytes, AT, length, key)).toBeUndefined();
        }
      }
    });
  });

  test("longer text, and text too near the end of the memory, is left to the platform", () => {
    forSeeds(5, (random) => {
      const letters = (count: number) => new Uint8Array(count).fill(0x61);
      const long = letters(SHORT_TEXT_BYTES_MAX + 1);
      expect(decodeShortText(masked(random, long, 7, 9), AT, long.length, 7)).toBeUndefined();
      const longest = letters(SHORT_TEXT_BYTES_MAX);
      const text = "a".repeat(SHORT_TEXT_BYTES_MAX);
      expect(decodeShortText(masked(random, longest, 7, 0), AT, longest.length, 7)).toBe(text);
      for (let length = 0; length < SHORT_TEXT_BYTES_MAX; length++) {
        const behind = SHORT_TEXT_BYTES_MAX - length - 1;
        const bytes = masked(random, letters(length), 7, behind);
        expect(decodeShortText(bytes, AT, length, 7)).toBeUndefined();
      }
    });
  });
});
