// `npm run bench -- [options]`.

import { writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Command, InvalidArgumentError } from "commander";
import { runWorkload, type WorkloadResult } from "./lab.js";
import { createChart } from "./report/chart.js";
import { formatEnvironment, readEnvironment } from "./report/environment.js";
import { figuresOf } from "./report/figures.js";
import { formatResult } from "./report/table.js";
import { writeResults } from "./report/write-results.js";
import { type Rival, reference, rivals } from "./rivals.js";
import { chooseWorkloads, growth } from "./workloads.js";

interface Options {
  readonly only?: readonly string[];
  readonly against?: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly quick?: boolean;
  readonly growth?: boolean;
  readonly json?: string;
  readonly chart?: string;
  readonly writeResults?: boolean;
}

const list = (text: string): string[] => text.split(",").map((part) => part.trim());

const command = new Command()
  .name("npm run bench --")
  .description("Compares Tidewire with its rivals, interleaved in one run.")
  .option("--only <ids>", "workloads, such as W5,W6x (default: W1 to W10)", list)
  .option("--against <names>", `of ${rivals.map(({ name }) => name).join(", ")}`, list)
  .option("--rounds <n>", "rounds that count", wholeNumber, 5)
  .option("--seconds <n>", "length of a round", positiveNumber, 3)
  .option("--quick", "two rounds of one second: to see that it works, not to compare")
  .option("--growth", "how cost grows with receivers and connections, instead")
  .option("--json <file>", "write all rounds")
  .option("--chart <file>", "write the ratios as SVG")
  .option("--write-results", "write bench/RESULTS.md and bench/results.svg")
  .addHelpText("after", `\nRatios are to ${reference}, which always runs. Above 1 is cheaper.`)
  .showHelpAfterError()
  .parse();
const options = command.opts() as unknown as Options;

const chosen = chosenWorkloads();
refuseUnknownRivals();
const environment = readEnvironment();
console.log(`${formatEnvironment(environment)}\n`);
const rounds = options.quick ? 2 : options.rounds;
const seconds = options.quick ? 1 : options.seconds;
const results: WorkloadResult[] = [];
for (const workload of chosen) {
  const result = await runWorkload(workload, { rounds, seconds, rivals: chosenRivals(), progress });
  progress("");
  console.log(formatResult(result));
  results.push(result);
}
console.log("W11–W13 (the hub) are not part of the lab yet.");

const run = { environment, rounds, seconds, results };
if (options.json !== undefined) writeFileSync(options.json, formatJson());
if (options.chart !== undefined) writeFileSync(options.chart, await createChart(results));
if (options.writeResults) {
  await writeResults(fileURLToPath(new URL("../", import.meta.url)), run);
}

function chosenWorkloads() {
  if (options.growth) return growth;
  try {
    return chooseWorkloads(options.only);
  } catch (error) {
    return command.error((error as Error).message);
  }
}

function refuseUnknownRivals(): void {
  const unknown = options.against?.find((name) => !rivals.some((rival) => rival.name === name));
  if (unknown !== undefined) {
    const names = rivals.map(({ name }) => name).join(", ");
    command.error(`No rival "${unknown}". There are ${names}.`);
  }
}

/** Ours and the reference always run, or there would be nothing to compare. */
function chosenRivals(): Rival[] {
  const { against } = options;
  return rivals.filter(
    ({ name }) =>
      environment.versions[name] !== undefined &&
      (against === undefined || ["tidewire", reference, ...against].includes(name)),
  );
}

function formatJson(): string {
  const figures = results.map((result) => ({ ...result, figures: figuresOf(result) }));
  return `${JSON.stringify({ ...run, results: figures }, undefined, 2)}\n`;
}

/** One line that is written over; nothing where nobody looks. */
function progress(text: string): void {
  if (process.stderr.isTTY) process.stderr.write(`\r\u001b[K${text}`);
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
