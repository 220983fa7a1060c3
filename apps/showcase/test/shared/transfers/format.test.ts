import { expect, test } from "vitest";
import { formatBytes, formatExcess } from "../../../shared/transfers/format.js";
import { findSizeProblem } from "../../../shared/transfers/limits.js";

const mebibyte = 1_048_576;

test.each([
  [0, "0 bytes"],
  [1, "1 byte"],
  [1_023, "1023 bytes"],
  [1_024, "1 KiB"],
  [1_536, "1.5 KiB"],
  [10_200, "10 KiB"],
  [mebibyte - 1, "1 MiB"],
  [3.25 * mebibyte, "3.3 MiB"],
  [100 * mebibyte, "100 MiB"],
  [1_024 * mebibyte, "1 GiB"],
  [5_000 * 1_024 * mebibyte, "4.9 TiB"],
])("%d is %j", (bytes, words) => {
  expect(formatBytes(bytes)).toBe(words);
});

test("a value that rounds to its limit is told exactly", () => {
  expect(formatExcess(1_024 * mebibyte, 100 * mebibyte)).toEqual(["1 GiB", "100 MiB"]);
  const exact = ["104,857,601 bytes", "104,857,600 bytes"];
  expect(formatExcess(100 * mebibyte + 1, 100 * mebibyte)).toEqual(exact);
});

test("the problem with a size names file, value and limit; at the limit there is none", () => {
  const limits = { fileBytesMax: 100 * mebibyte };
  expect(findSizeProblem({ name: "a", size: 100 * mebibyte }, limits)).toBeUndefined();
  expect(findSizeProblem({ name: "a.iso", size: 1_124 * mebibyte }, limits)).toBe(
    "“a.iso” has 1.1 GiB; the limit per file is 100 MiB.",
  );
});
