// Runs the session simulator: `npm run simulate -- --seed 1 --steps 1000000 [--runs 1]`, or with `--hub`
// the one of a hub with many clients, from its sources.
// Every run has its own seed, counted up from the first; a failing one is printed with the command
// that replays it.

import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";
import { createBinaryCodec } from "../packages/session-protocol/dist/index.js";
import { SimulationError, Simulator } from "../packages/session-protocol/dist/testing.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: "1000000" },
    runs: { type: "string", default: "1" },
    hub: { type: "boolean", default: false },
  },
});
const first = readCount("seed", values.seed);
const steps = readCount("steps", values.steps);
const runs = readCount("runs", values.runs);

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true });
const binary = createBinaryCodec({
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
});

const simulate = values.hub ? await loadHubSimulation() : simulateSession;

for (let seed = first; seed < first + runs; seed += 1) {
  const startedAt = performance.now();
  try {
    const counts = await simulate(seed);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`seed ${seed}: ${seconds} s ${JSON.stringify(counts)}`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    if (error instanceof Error && error.cause !== undefined) console.error(error.cause);
    if (error instanceof SimulationError) {
      console.error(`Replay: npm run simulate -- --seed ${error.seed} --steps ${error.step}`);
    }
    process.exitCode = 1;
    break;
  }
}

/**
 * @param {number} seed
 * @returns {Promise<unknown>}
 */
async function simulateSession(seed) {
  return new Simulator({ seed, codecs: [binary] }).run(steps);
}

/**
 * The hub's simulation lives in its tests, so it is loaded as they are: from the sources.
 *
 * @returns {Promise<(seed: number) => Promise<unknown>>}
 */
async function loadHubSimulation() {
  const packages = fileURLToPath(new URL("../packages/", import.meta.url));
  const alias = readdirSync(packages).flatMap((name) => [
    { find: new RegExp(`^@tidewire/${name}$`), replacement: `${packages}${name}/src/index.ts` },
    {
      find: new RegExp(`^@tidewire/${name}/([a-z-]+)$`),
      replacement: `${packages}${name}/src/$1.ts`,
    },
  ]);
  const { module } = await runnerImport(`${packages}hub/test/simulation/hub-simulation.ts`, {
    configFile: false,
    logLevel: "warn",
    resolve: { alias },
  });
  const { simulateHub } = /** @type {{ simulateHub(options: object): Promise<unknown> }} */ (
    module
  );
  return (seed) => simulateHub({ seed, steps });
}

/**
 * @param {string} name
 * @param {string | undefined} text
 */
function readCount(name, text) {
  const value = Number(text);
  if (!Number.isSafeInteger(value) || value < 1) {
    console.error(`--${name} must be a whole number of 1 or more, not "${text}".`);
    process.exit(2);
  }
  return value;
}
