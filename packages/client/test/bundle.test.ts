import { expect, test } from "vitest";
import { bundleSize } from "./support/bundle.js";

// Bounds of README.md's numbers, in gzipped bytes: whoever crosses one says so there.
const mainMax = 17_410;
const laterMax = 10_400;

test("a page downloads no more than README.md says", async () => {
  const { main, later } = await bundleSize("connect");
  expect(main).toBeLessThan(mainMax);
  expect(later).toBeLessThan(laterMax);
  expect(later).toBeGreaterThan(1_000);
}, 60_000);
