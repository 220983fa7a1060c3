// Runs the session simulator: `npm run simulate -- --seed 1 --steps 1000000 [--runs 1]`.
// Every run has its own seed, counted up from the first; a failing one is printed with the command
// that replays it.

import { parseArgs } from "node:util";
import { createBinaryCodec } from "../packages/session-protocol/dist/index.js";
import { SimulationError, Simulator } from "../packages/session-protocol/dist/testing.js";

const { values } = parseArgs({
  options: {
    seed: { type: "string", default: "1" },
    steps: { type: "string", default: "1000000" },
    runs: { type: "string", default: "1" },
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

for (let seed = first; seed < first + runs; seed += 1) {
  const startedAt = performance.now();
  try {
    const counts = new Simulator({ seed, codecs: [binary] }).run(steps);
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    console.log(`seed ${seed}: ${seconds} s ${JSON.stringify(counts)}`);
  } catch (error) {
    if (!(error instanceof SimulationError)) throw error;
    console.error(error.message);
    console.error(error.cause);
    console.error(`Replay: npm run simulate -- --seed ${error.seed} --steps ${error.step}`);
    process.exitCode = 1;
    break;
  }
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
