import { ServerSession } from "@tidewire/session-protocol";
import {
  type Seam,
  type SimulationCounts,
  SimulationError,
  Simulator,
  simulatedLimits,
} from "@tidewire/session-protocol/testing";
import { expect, test } from "vitest";
import { binaryCodec } from "./binary.js";

const runs = 10;
const steps = 110_000;

test("§2.5 a million steps of bad weather lose, repeat and reorder nothing", () => {
  const totals = { steps: 0, up: 0, down: 0, fresh: 0, resumed: 0, gap: 0, lost: 0, unknown: 0 };
  let refused = 0;
  for (let seed = 1; seed <= runs; seed += 1) {
    const counts = simulate(new Simulator({ seed, codecs: [binaryCodec] }));
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

test("a failing seed is told with the command that replays it", () => {
  const limits = { ...simulatedLimits, sessionMs: simulatedLimits.sessionMs / 10 };
  const seam: Seam = {
    server: (options, now) => new ServerSession({ ...options, limits }, now),
  };
  const first = messageOf(() => simulate(new Simulator({ seed: 3, seam })));
  expect(first).toMatch(/^seed 3, step (\d+): .*expired before.*\nReplay: .*--seed 3 --steps \1$/);
  const step = Number(/step (\d+)/.exec(first)?.[1]);
  expect(messageOf(() => new Simulator({ seed: 3, seam }).run(step))).toContain(`step ${step}:`);
});

/** A run of the test above, whose failure tells how to see it again. */
function simulate(simulator: Simulator): SimulationCounts {
  try {
    return simulator.run(steps);
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    const command = `npm run simulate -- --seed ${error.seed} --steps ${error.step}`;
    throw new Error(`${error.message}\nReplay: ${command}`, { cause: error });
  }
}

function messageOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return (error as Error).message;
  }
  return "nothing failed";
}
