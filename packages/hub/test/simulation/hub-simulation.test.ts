import { describe, expect, test } from "vitest";
import { HubSimulationError, simulateHub } from "./hub-simulation.js";
import { plants } from "./planted-faults.js";

// More of it: npm run simulate -- --hub --seed 7 --steps 1000000 --runs 1000
const steps = Number(process.env["TIDEWIRE_STEPS"] ?? 20_000);
const first = Number(process.env["TIDEWIRE_SEED"] ?? 1);

describe("a hub with many clients in bad weather (§2.3, §2.5, §5.4)", () => {
  test.each([first, first + 1, first + 2])(
    "seed %i: every broadcast once and in order, or the welcome said what is lost",
    async (seed) => {
      const counts = await simulateHub({ seed, steps, clients: 12 });
      // It must have been bad weather, or nothing is proven.
      expect(counts.heard).toBeGreaterThan(steps / 10);
      expect(counts.up).toBeGreaterThan(steps / 100);
      expect(Math.min(counts.cuts, counts.resumed, counts.gaps, counts.fresh)).toBeGreaterThan(10);
    },
    600_000,
  );

  test.each(plants)("the checker finds a planted fault: %s", async (plant) => {
    await expect(simulateHub({ seed: 3, steps: 8_000, clients: 12, plant })).rejects.toThrow(
      HubSimulationError,
    );
  });

  test("the same seed is the same run, and a failure comes again at the same step", async () => {
    const options = { seed: 5, steps: 3_000, clients: 12 };
    expect(await simulateHub(options)).toEqual(await simulateHub(options));
    const failing = { ...options, plant: "repeat" } as const;
    const first: unknown = await simulateHub(failing).catch((error: unknown) => error);
    const second: unknown = await simulateHub(failing).catch((error: unknown) => error);
    expect(first).toBeInstanceOf(HubSimulationError);
    expect(String(second)).toBe(String(first));
    const { steps } = first as HubSimulationError;
    expect(String(first)).toContain(`npm run simulate -- --hub --seed 5 --steps ${steps}`);
  });
});
