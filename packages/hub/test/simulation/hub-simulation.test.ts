import { describe, expect, test } from "vitest";
import { kinds } from "./carrier.js";
import { HubSimulationError, type HubSimulationOptions, simulateHub } from "./hub-simulation.js";
import { type Plant, plants } from "./planted-faults.js";
import { hazards } from "./weather.js";

// More of it: npm run simulate -- --hub --seed 7 --steps 1000000 --runs 1000
const steps = Number(process.env["TIDEWIRE_STEPS"] ?? 15_000);
const runs = 3;
const first = Number(process.env["TIDEWIRE_SEED"] ?? 1);

describe("a hub with many clients in bad weather (§2.3, §2.5, §5.2, §5.4, §5.9, §7, §10)", () => {
  test(`seeds ${first} to ${first + runs - 1}: everything once and in order, both ways, or the answer said what is lost`, async () => {
    const met = new Set<string>();
    const sums = { heard: 0, up: 0, fresh: 0, resumed: 0, gap: 0, lost: 0, unknown: 0, unsent: 0 };
    for (let seed = first; seed < first + runs; seed += 1) {
      const { witness, weather, moves } = await simulateHub({ seed, steps });
      for (const hazard of hazards) if (weather[hazard] > 0) met.add(hazard);
      for (const move of moves) met.add(move);
      for (const key of Object.keys(sums) as (keyof typeof sums)[]) sums[key] += witness[key];
    }
    // It must have been bad weather of every kind, or nothing is proven.
    const moves = kinds.flatMap((from) => kinds.map((to) => `${from} to ${to}`));
    const others = moves.filter((move) => new Set(move.split(" to ")).size === 2);
    expect([...hazards, ...others].filter((name) => !met.has(name))).toEqual([]);
    expect(sums.heard).toBeGreaterThan((runs * steps) / 10);
    expect(sums.up).toBeGreaterThan((runs * steps) / 20);
    expect(Math.min(...Object.values(sums))).toBeGreaterThan(100);
  }, 600_000);

  test("the same seed is the same run, event by event; another seed is another", async () => {
    const run = { seed: 5, steps: 3_000 };
    const once = await simulateHub(run);
    expect(await simulateHub(run)).toEqual(once);
    expect((await simulateHub({ ...run, seed: 6 })).digest).not.toBe(once.digest);
  });

  test("a failure comes again at the same step, by the command that it prints", async () => {
    const run = { seed: 5, steps: 3_000, plant: "repeat" } as const;
    const failure = await failureOf(run);
    const again = await failureOf({ ...run, steps: failure?.steps ?? 0 });
    expect(failure?.message).toContain(
      `npm run simulate -- --hub --seed 5 --steps ${again?.steps}`,
    );
    expect(again?.message).toBe(failure?.message);
  });
});

describe("the witness calls a planted fault by its name", () => {
  const plain = [11, 12, 13].map((seed) => ({ seed, steps: 6_000 }));

  test.each(plain)("without one, seed $seed passes", async (run) => {
    expect(await failureOf(run)).toBeUndefined();
  });

  test.each(Object.keys(plants) as Plant[])("%s", async (plant) => {
    let failure: HubSimulationError | undefined;
    for (const run of plain) failure ??= await failureOf({ ...run, plant });
    expect(failure?.breach).toBe(plants[plant]);
    expect(failure?.message).toContain(`: ${plants[plant]}: `);
  });
});

async function failureOf(options: HubSimulationOptions): Promise<HubSimulationError | undefined> {
  try {
    await simulateHub(options);
  } catch (error) {
    if (error instanceof HubSimulationError) return error;
    throw error;
  }
  return undefined;
}
