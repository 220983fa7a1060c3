// `npm run bench -- [options]`.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { hubRivals } from "./hub-rivals.js";
import { clientLibraryNames, contendersOf, runWorkload, type WorkloadResult } from "./lab.js";
import { chooseSeconds, estimateSeconds, formatMinutes, TimeLeft } from "./plan.js";
import { createChart } from "./report/chart.js";
import { formatEnvironment, readEnvironment } from "./report/environment.js";
import { figuresOf } from "./report/figures.js";
import { formatResult } from "./report/table.js";
import { formatVerdicts, writeResults } from "./report/write-results.js";
import { limitName, rivals } from "./rivals.js";
import { chooseWorkloads, growth, type Workload, workloads } from "./workloads.js";

interface Options {
  readonly only?: readonly string[];
  readonly against?: readonly string[];
  readonly rounds: number;
  readonly seconds?: number;
  readonly minutes: number;
  readonly quick?: boolean;
  readonly growth?: boolean;
  readonly json?: string;
  readonly chart?: string;
  readonly writeResults?: boolean;
  readonly output: string;
}

const everybody = [
  ...new Set([...rivals, ...hubRivals].map(({ name }) => name).concat(clientLibraryNames)),
];
const list = (text: string): string[] => text.split(",").map((part) => part.trim());
const folder = fileURLToPath(new URL("../", import.meta.url));

const command = new Command()
  .name("npm run bench --")
  .description("Compares Tidewire with its rivals, interleaved in one run.")
  .option("--only <ids>", "workloads, such as W5,W6x,W11* (default: W1 to W13)", list)
  .option("--against <names>", `of ${everybody.join(", ")}`, list)
  .option("--rounds <n>", "rounds that count", wholeNumber, 5)
  .option("--seconds <n>", "length of a round (default: what fits, 1 to 3)", positiveNumber)
  .option("--minutes <n>", "about how long the whole run may take", positiveNumber, 40)
  .option("--quick", "two rounds of one second: to see that it works, not to compare")
  .option("--growth", "how cost grows with receivers, sessions and rooms, instead")
  .option("--json <file>", "write all rounds")
  .option("--chart <file>", "write the ratios as SVG")
  .option("--write-results", "everything, growth too, into RESULTS.md and results.svg")
  .option("--output <folder>", "where to write those two", folder)
  .addHelpText("after", "\nTidewire and the row that ratios are taken to always run.")
  .showHelpAfterError()
  .parse();
const options = command.opts() as unknown as Options;

refuseUnknownNames();
const environment = readEnvironment();
const steps = chosenWorkloads().map((workload) => ({ workload, names: namesFor(workload) }));
const rounds = options.quick ? 2 : options.rounds;
const seconds = options.quick
  ? 1
  : (options.seconds ?? chooseSeconds(steps, rounds, options.minutes));
const stopped = stopSignal();
const results = await runAll();
const run = { environment, rounds, seconds, results };
await report();
// What is still under way after an interruption ends with this process: its children see it go.
if (stopped.aborted) process.exit(130);

async function runAll(): Promise<WorkloadResult[]> {
  console.log(`${formatEnvironment(environment)}\n`);
  const estimates = steps.map((step) => estimateSeconds(step, rounds, seconds));
  const whole = formatMinutes(estimates.reduce((sum, part) => sum + part, 0));
  console.log(`${steps.length} workloads, ${rounds} rounds of ${seconds} s: about ${whole}.\n`);
  const left = new TimeLeft(estimates);
  const done: WorkloadResult[] = [];
  for (const { workload, names } of steps) {
    if (stopped.aborted) break;
    const result = await runWorkload(workload, {
      rounds,
      seconds,
      names,
      signal: stopped,
      progress: (text) => progress(`${text} · ${left} left`),
    });
    left.advance();
    progress("");
    if (result.rows.some((row) => row.rounds.some((round) => round !== undefined))) {
      console.log(formatResult(result));
      done.push(result);
    } else for (const remark of result.remarks) console.log(`${workload.id}: ${remark}`);
  }
  return done;
}

async function report(): Promise<void> {
  console.log(`${formatVerdicts(results).join("\n")}\n`);
  if (options.json !== undefined) writeFileSync(options.json, formatJson());
  if (stopped.aborted) {
    const unwritten = options.writeResults ? " RESULTS.md is left as it was." : "";
    console.log(
      `Interrupted: ${results.length} of ${steps.length} workloads have figures, shown above.${unwritten}`,
    );
    return;
  }
  if (options.chart !== undefined) writeFileSync(options.chart, await createChart(results));
  if (!options.writeResults) return;
  await writeResults(options.output, run);
  console.log(`RESULTS.md and results.svg are in ${options.output}`);
}

function chosenWorkloads(): readonly Workload[] {
  if (options.growth) return growth;
  if (options.writeResults && options.only === undefined) return [...workloads, ...growth];
  try {
    return chooseWorkloads(options.only);
  } catch (error) {
    return command.error((error as Error).message);
  }
}

/**
 * Ours and the reference always run, or there would be nothing to compare. Growth needs only the raw
 * server beside them: what grows there too is the machine's.
 */
function namesFor(workload: Workload): ReadonlySet<string> {
  const { against } = options;
  const { ours, reference } = workload;
  const isChosen = (name: string): boolean =>
    name.startsWith("tidewire") || name === ours || name === reference
      ? true
      : (against?.includes(name) ?? (name === limitName || !growth.includes(workload)));
  const able = contendersOf(workload).filter((name) => environment.versions[name] !== undefined);
  return new Set(able.filter(isChosen));
}

function refuseUnknownNames(): void {
  const unknown = options.against?.find((name) => !everybody.includes(name));
  if (unknown !== undefined) {
    command.error(`No rival "${unknown}". There are ${everybody.join(", ")}.`);
  }
}

function formatJson(): string {
  const figures = results.map((result) => ({ ...result, figures: figuresOf(result) }));
  return `${JSON.stringify({ ...run, results: figures }, undefined, 2)}\n`;
}

/** One line that is written over; nothing where nobody looks. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
}

/** Aborted by the first Ctrl-C, or when the terminal goes; the second ends the lab at once. */
function stopSignal(): AbortSignal {
  const controller = new AbortController();
  const stop = (): void => {
    if (controller.signal.aborted) process.exit(130);
    progress("");
    console.log("Stopping …");
    controller.abort();
  };
  for (const name of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(name, stop);
  return controller.signal;
}

function wholeNumber(text: string): number {
  const value = Number(text);
  if (Number.isSafeInteger(value) && value >= 1) return value;
  throw new InvalidArgumentError("It must be a whole number of 1 or more.");
}

function positiveNumber(text: string): number {
  const value = Number(text);
  if (value > 0 && value <= 600) return value;
  throw new InvalidArgumentError("It must be a number above 0, at most 600.");
}
