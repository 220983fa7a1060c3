// The committed report: `RESULTS.md` with its chart.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkloadResult } from "../lab.js";
import { createChart } from "./chart.js";
import { type Environment, formatEnvironment } from "./environment.js";
import { formatResult } from "./table.js";

export interface Run {
  readonly environment: Environment;
  readonly rounds: number;
  readonly seconds: number;
  readonly results: readonly WorkloadResult[];
}

export async function writeResults(folder: string, run: Run): Promise<void> {
  writeFileSync(join(folder, "results.svg"), await createChart(run.results));
  writeFileSync(join(folder, "RESULTS.md"), formatReport(run));
}

function formatReport({ environment, rounds, seconds, results }: Run): string {
  return [
    "# Results",
    "",
    `Written by \`npm run bench -- --write-results\`: ${rounds} rounds of ${seconds} s, interleaved,`,
    "after a warm-up that is thrown away. Medians, with min – max. `× ws` is how many times cheaper a",
    "server was than `ws` in the same round: above 1 is better. `load` is the share of its core that",
    "the load took at most; rows above 90 % are marked, since there the load may have set the pace.",
    "How it is measured: [README.md](./README.md).",
    "",
    formatEnvironment(environment),
    "",
    "![How many times cheaper than ws](./results.svg)",
    "",
    ...results.map((result) => `## ${formatResult(result)}`),
  ].join("\n");
}
