import { expect, test } from "vitest";
import {
  bytes,
  count,
  duration,
  inWords,
  milliseconds,
  part,
  perSecond,
  tick,
} from "../../../../web/pages/operations/format.js";

test.each([
  [count, 1_234, "1,234", "1,234"],
  [perSecond, 0, "0/s", "0"],
  [perSecond, 0.25, "0.3/s", "0.3/s"],
  [perSecond, 1_234.5, "1,235/s", "1,235/s"],
  [milliseconds, 0.5, "0.50 ms", "0.5 ms"],
  [milliseconds, 12.34, "12.3 ms", "12.3 ms"],
  [milliseconds, 100, "100 ms", "100 ms"],
  [milliseconds, 2_000, "2.0 s", "2 s"],
  [bytes, 0, "0 B", "0"],
  [bytes, 1_023, "1,023 B", "1,023 B"],
  [bytes, 4_096, "4.0 KiB", "4 KiB"],
  [bytes, 512 * 1_024 ** 2, "512 MiB", "512 MiB"],
  [bytes, 1.5 * 1_024 ** 3, "1.5 GiB", "1.5 GiB"],
  [part, 0.127, "13 %", "13 %"],
])("%o of %d is %s, and %s on an axis", (format, value, words, onAxis) => {
  expect(inWords(format(value))).toBe(words);
  expect(tick(format, value)).toBe(onAxis);
});

test.each([
  [-5, "0 s"],
  [59_000, "59 s"],
  [60_000, "1 min"],
  [3_600_000, "1 h 0 min"],
  [26 * 3_600_000, "1 d 2 h"],
])("%d ms are %s", (ms, words) => {
  expect(duration(ms)).toBe(words);
});
