import { expect, test } from "vitest";
import { backoffMs } from "../../web/connection/backoff.js";

test("the ceiling doubles with each attempt up to the cap, and never overflows", () => {
  const ceilings = [1, 2, 3, 4, 5, 6, 7, 1_000, 1e9].map((attempt) => backoffMs(attempt, 1));
  expect(ceilings).toEqual([500, 1_000, 2_000, 4_000, 8_000, 15_000, 15_000, 15_000, 15_000]);
});

test("the whole range is used at every attempt, the capped ones included", () => {
  for (const attempt of [1, 3, 50]) {
    expect(backoffMs(attempt, 0)).toBe(100);
    const half = (100 + backoffMs(attempt, 1)) / 2;
    expect(backoffMs(attempt, 0.5)).toBeCloseTo(half, -1);
  }
});
