// `npm run bench:guard`: W5 and W6x against `ws`, ratios only. Its bounds lie far under what is
// usual, so that a busy machine passes and a system call per message does not.

import { runWorkload } from "./lab.js";
import { figuresOf } from "./report/figures.js";
import { reference } from "./rivals.js";
import { chooseWorkloads } from "./workloads.js";

const bounds: Readonly<Record<string, number>> = { W5: 6, W6x: 4 };

const names = new Set(["tidewire", reference]);
const { signal } = new AbortController();
for (const workload of chooseWorkloads(Object.keys(bounds))) {
  const options = { rounds: 3, seconds: 1, names, progress: () => {}, signal };
  const result = await runWorkload(workload, options);
  const ratio = figuresOf(result).find(({ name }) => name === "tidewire")?.ratio?.median;
  const bound = bounds[workload.id]!;
  if (ratio === undefined) throw new Error(result.remarks.join(" ") || "There is no ratio.");
  const verdict = ratio >= bound ? "holds" : "FAILS";
  console.log(
    `${workload.id} ${workload.title}: ${ratio.toFixed(1)} × ${reference}, at least ${bound}: ${verdict}`,
  );
  if (ratio < bound) process.exitCode = 1;
}
