import { Simulator } from "@tidewire/session-protocol/testing";
import { expect, test } from "vitest";
import { binaryCodec } from "./binary.js";

// A failing seed is in the error; `npm run simulate -- --seed S --steps N` replays it.
const runs = 10;
const steps = 110_000;

test("§2.5 a million steps of bad weather lose, repeat and reorder nothing", () => {
  const totals = { steps: 0, up: 0, down: 0, fresh: 0, resumed: 0, gap: 0, lost: 0, unknown: 0 };
  let refused = 0;
  for (let seed = 1; seed <= runs; seed += 1) {
    const counts = new Simulator({ seed, codecs: [binaryCodec] }).run(steps);
    for (const name of Object.keys(totals) as (keyof typeof totals)[]) totals[name] += counts[name];
    refused += counts.refused;
  }
  expect(totals.steps).toBeGreaterThan(1_000_000);
  // The weather was bad enough to meet every answer and every bound.
  expect(totals.up).toBeGreaterThan(50_000);
  expect(totals.down).toBeGreaterThan(50_000);
  expect(totals.resumed).toBeGreaterThan(2_000);
  expect(totals.fresh).toBeGreaterThan(50);
  expect(totals.gap).toBeGreaterThan(50);
  expect(totals.lost).toBeGreaterThan(500);
  expect(totals.unknown).toBeGreaterThan(100);
  expect(refused).toBeGreaterThan(0);
}, 60_000);

test("the same seed gives the same run", () => {
  const first = new Simulator({ seed: 7 }).run(20_000);
  expect(new Simulator({ seed: 7 }).run(20_000)).toEqual(first);
});
