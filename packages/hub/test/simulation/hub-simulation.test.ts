import { describe, expect, test } from "vitest";
import { type Plant, simulateHub } from "./hub-simulation.js";

// More of it: TIDEWIRE_STEPS=1000000 TIDEWIRE_SEED=7 npx vitest run packages/hub/test/simulation
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

  test.each<Plant>(["lose", "repeat", "swap", "wrong-room", "forget-gap"])(
    "the checker finds a planted fault: %s",
    async (plant) => {
      await expect(simulateHub({ seed: 3, steps: 8_000, clients: 12, plant })).rejects.toThrow(
        /^seed 3, step/,
      );
    },
  );
});
