import { describe, expect, it } from "vitest";
import { DeflateBudget } from "../../src/deflate/deflate-budget.js";
import {
  bytesOf,
  createNoise,
  createRandom,
  createText,
  deflate,
  inflate,
  NO_TAKEOVER,
  openPair,
  TAKEOVER,
} from "./session-kit.js";

describe.each([
  ["on the spot where short", {}],
  ["with documented functions only", { onTheSpot: false }],
])("a crowd under a low ceiling, %s", (_, budgetOptions) => {
  it.each([1, 2, 3])("everything arrives, nothing is exceeded (seed %i)", async (seed) => {
    // Room for every receiver's window, and for a few states at a time.
    const memoryBytesMax = 12 * 32_768 + 900_000;
    const budget = new DeflateBudget({ ...budgetOptions, memoryBytesMax, jobsMax: 2 });
    let compressed = 0;
    let plain = 0;

    async function talk(index: number): Promise<void> {
      const random = createRandom(seed * 1000 + index);
      const pair = openPair(index % 2 === 0 ? TAKEOVER : NO_TAKEOVER, {}, {}, budget);
      for (let message = 0; message < 12; message++) {
        const size = Math.floor(random() ** 3 * 120_000);
        const data = random() < 0.2 ? createNoise(size, random) : createText(size, random);
        const wire = await deflate(pair.server.deflater, data);
        if (wire === "plain") {
          plain++;
          continue;
        }
        compressed++;
        const bytes = bytesOf(wire);
        const cut = random() < 0.3 ? Math.floor(random() * bytes.length) : 0;
        const parts: Buffer[] = [];
        if (cut > 0) {
          parts.push(bytesOf(await inflate(pair.client.inflater, bytes.subarray(0, cut), false)));
        }
        parts.push(bytesOf(await inflate(pair.client.inflater, bytes.subarray(cut))));
        expect(Buffer.concat(parts).equals(data), `connection ${index}`).toBe(true);
      }
      pair.close();
    }

    await Promise.all(Array.from({ length: 16 }, (_unused, index) => talk(index)));
    expect(compressed).toBeGreaterThan(20);
    expect(plain).toBeGreaterThan(0);
    expect(budget.memoryBytesPeak).toBeLessThanOrEqual(memoryBytesMax);
    expect(budget.jobs.peak).toBeLessThanOrEqual(2);
    budget.releaseIdle();
    expect(budget.memoryBytes).toBe(0);
    expect(budget.memory.waiting + budget.jobs.waiting + budget.jobs.running).toBe(0);
  });
});
