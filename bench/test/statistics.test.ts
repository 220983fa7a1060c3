import { describe, expect, test } from "vitest";
import { median, ratios, spread } from "../src/measure/statistics.js";

describe("median", () => {
  test("is the middle of an odd number of values, whatever their order", () => {
    expect(median([9, 1, 5])).toBe(5);
  });

  test("is half way between the two middle ones of an even number", () => {
    expect(median([10, 1, 2, 4])).toBe(3);
  });

  test("of no values is refused", () => {
    expect(() => median([])).toThrow(RangeError);
  });
});

test("a spread is the median with the least and the greatest value", () => {
  expect(spread([3, 1, 200])).toEqual({ median: 3, min: 1, max: 200 });
});

describe("ratios", () => {
  test("are taken round by round, so that a slow round moves neither side alone", () => {
    expect(ratios([10, 100, 10], [5, 50, 5])).toEqual({ median: 2, min: 2, max: 2 });
  });

  test("leave out rounds that one side lacks", () => {
    expect(ratios([10, undefined, 40], [5, 5, undefined])).toEqual({ median: 2, min: 2, max: 2 });
  });

  test("are absent when no round has both sides", () => {
    expect(ratios([10], [undefined])).toBeUndefined();
    expect(ratios([], [1])).toBeUndefined();
  });
});
