// What `npm run lab` is asked to do.
import { Command, InvalidArgumentError, Option } from "commander";
import {
  type LabSettings,
  type LabTask,
  type LabTransport,
  labTasks,
  labTransports,
} from "../shared/lab/contract.js";
import { pollIntervalMsMax, pollIntervalMsMin, rateMax, sizeMax } from "../shared/lab/limits.js";

export interface LabOrder {
  /** One for each task. */
  readonly settings: readonly LabSettings[];
  readonly transports: readonly LabTransport[];
  /** How long each is measured for. */
  readonly seconds: number;
  readonly output: "table" | "json" | "csv";
  readonly isQuiet: boolean;
}

export const usageError = 2;
const secondsMax = 3_600;

interface ParsedOptions {
  readonly seconds: number;
  readonly task: LabTask | "both";
  readonly transports: readonly LabTransport[];
  readonly rate: number;
  readonly size: number;
  readonly interval: number;
  readonly json?: true;
  readonly csv?: true;
  readonly quiet?: true;
}

/**
 * Prints help and ends the process with 0 when asked to, and with 2 when it does not understand.
 *
 * @param args without the names of the interpreter and the script
 */
export function parseCommandLine(args: readonly string[]): LabOrder {
  const command = createCommand().parse(args, { from: "user" });
  const options = command.opts<ParsedOptions>();
  const { task, transports, seconds, rate, size, interval, json, csv, quiet = false } = options;
  const tasks = task === "both" ? labTasks : [task];
  return {
    settings: tasks.map((name) => ({ task: name, rate, size, pollIntervalMs: interval })),
    transports,
    seconds,
    output: json ? "json" : csv ? "csv" : "table",
    isQuiet: quiet,
  };
}

function createCommand(): Command {
  return new Command("npm run lab --")
    .description(
      "Compares the five transports at the same task: latency, bytes on the socket, requests, and " +
        "the server's CPU time. One after the other, each with a server process to itself.",
    )
    .addOption(
      new Option("-s, --seconds <number>", "how long each transport is measured for")
        .default(5)
        .argParser((text) => parseNumber(text, 1, secondsMax)),
    )
    .addOption(
      new Option("--task <name>", "push: the server pushes; echo: questions and answers")
        .choices([...labTasks, "both"])
        .default("both"),
    )
    .addOption(
      new Option("--transports <names>", "which ones, separated by commas")
        .default([...labTransports], "all five")
        .argParser(parseTransports),
    )
    .addOption(
      new Option("--rate <number>", "messages per second")
        .default(20)
        .argParser((text) => parseNumber(text, 1, rateMax)),
    )
    .addOption(
      new Option("--size <number>", "characters of text in each message")
        .default(100)
        .argParser((text) => parseNumber(text, 0, sizeMax)),
    )
    .addOption(
      new Option("--interval <ms>", "pause between two short polls")
        .default(1_000)
        .argParser((text) => parseNumber(text, pollIntervalMsMin, pollIntervalMsMax)),
    )
    .addOption(
      new Option("--json", "a JSON object per line, as each transport is done").conflicts("csv"),
    )
    .option("--csv", "comma-separated values")
    .option("-q, --quiet", "no progress")
    .helpOption("-h, --help", "show this")
    .allowExcessArguments(false)
    .showHelpAfterError("(npm run lab -- --help shows what can be said)")
    .configureOutput({ outputError: (text, write) => write(text) })
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : usageError));
}

function parseNumber(text: string, min: number, max: number): number {
  const number = /^\d{1,6}$/.test(text) ? Number(text) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
}

function parseTransports(text: string): LabTransport[] {
  const names = [...new Set(text.split(",").map((name) => name.trim()))];
  const known = labTransports.filter((transport) => names.includes(transport));
  if (known.length === names.length) return known;
  throw new InvalidArgumentError(`There are: ${labTransports.join(", ")}.`);
}
