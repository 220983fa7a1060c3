// The committed report: `RESULTS.md` with its chart.

import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { WorkloadResult } from "../lab.js";
import { directName, limitName } from "../rivals.js";
import { createChart } from "./chart.js";
import { type Environment, formatEnvironment } from "./environment.js";
import { formatGrowth } from "./growth.js";
import { formatLeftOut } from "./left-out.js";
import { formatLosses } from "./losses.js";
import { alignColumns, formatResult } from "./table.js";
import { judge } from "./targets.js";

export interface Run {
  readonly environment: Environment;
  readonly rounds: number;
  readonly seconds: number;
  readonly results: readonly WorkloadResult[];
}

export async function writeResults(folder: string, run: Run): Promise<void> {
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, "results.svg"), await createChart(run.results));
  writeFileSync(join(folder, "RESULTS.md"), formatReport(run));
}

function formatReport({ environment, rounds, seconds, results }: Run): string {
  return [
    "# Results",
    "",
    `Written by \`npm run bench -- --write-results\`: ${rounds} rounds of ${seconds} s, interleaved,`,
    "after a warm-up that is thrown away. Medians, with min – max. `× ws` (of hubs: `× socket.io`) is",
    "how many times cheaper a server was than that one in the same round, `tidewire ×` how many times",
    "cheaper ours was than the row's: above 1 is better. `load` is the share of its core that the load",
    "took at most; rows above 90 % are marked (!), since there the load may have set the pace: their CPU",
    "time is right, their messages per second are too low. How it is measured: [README.md](./README.md).",
    "",
    formatEnvironment(environment),
    ...formatLeftOut(results, Object.keys(environment.versions)),
    "",
    "## Targets",
    "",
    `\`${limitName}\` is what Node's sockets reach for the same bytes without reading the protocol, taking`,
    "nothing apart, keeping nothing: what is built on them comes near it, at best a few percent ahead.",
    "(`tidewire+direct` goes under their streams.)",
    "",
    ...formatVerdicts(results),
    "",
    "## Where another is ahead",
    "",
    ...formatLosses(results),
    "",
    ...growthSection(results),
    "![How many times cheaper than the reference](./results.svg)",
    "",
    ...results.map((result) => `## ${formatResult(result)}`),
  ].join("\n");
}

function growthSection(results: readonly WorkloadResult[]): string[] {
  const table = formatGrowth(results);
  if (table.length === 0) return [];
  return [
    "## Growth",
    "",
    "A cost is that of one delivery, connection or session, so it should stay as it is when there are",
    "more of them (what grows in `raw-node` too is the machine's caches); with more rooms per session, and",
    "with more kept, it may grow as they do.",
    "",
    ...table,
    "",
  ];
}

export function formatVerdicts(results: readonly WorkloadResult[]): string[] {
  const lines = results.flatMap((result) => {
    const { id, title, ours } = result.workload;
    return [ours, directName].flatMap((name) =>
      judge(result, name).map(({ aim, found, met, limit }) => [
        `${id} ${title}${name === directName ? ` (${directName})` : ""}`,
        aim,
        found,
        met ? "met" : "NOT met",
        limit,
      ]),
    );
  });
  if (lines.length === 0) return ["None of these workloads has one."];
  return alignColumns([["", "target", "measured", "", limitName], ...lines]);
}
