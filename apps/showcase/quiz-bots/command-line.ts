// What `npm run quiz:bots` is asked to do.
import type { TransportName } from "@tidewire/client";
import { Command, InvalidArgumentError, Option } from "commander";
import { codeLength, questionsMax } from "../shared/quiz/limits.js";

export interface BotsOrder {
  readonly players: number;
  readonly questions: number;
  readonly transport: TransportName;
  /** Undefined: a server of our own. */
  readonly url: URL | undefined;
  /** Undefined: a game of our own. */
  readonly code: string | undefined;
  /** The answers to a question come within this time after it opens, ms. */
  readonly spreadMs: number;
  /** Players that are on their way in at the same time. */
  readonly joining: number;
  readonly isJson: boolean;
}

export const usageError = 2;
const transports = ["websocket", "sse", "stream", "long-polling", "polling"] as const;
const playersMax = 8_000;
const spreadMsMax = 60_000;

interface ParsedOptions {
  readonly players: number;
  readonly questions: number;
  readonly transport: TransportName;
  readonly url?: URL;
  readonly code?: string;
  readonly spread: number;
  readonly joining: number;
  readonly json?: true;
}

/**
 * Prints help and ends the process with 0 when asked to, and with 2 when it does not understand.
 *
 * @param args without the names of the interpreter and the script
 */
export function parseCommandLine(args: readonly string[]): BotsOrder {
  const command = createCommand().parse(args, { from: "user" });
  const { players, questions, transport, url, code, spread, joining, json } =
    command.opts<ParsedOptions>();
  if (code !== undefined && url === undefined) {
    command.error("error: --code names a game on a server: say with --url on which.", {
      exitCode: usageError,
    });
  }
  return {
    players,
    questions,
    transport,
    url,
    code,
    spreadMs: spread,
    joining,
    isJson: json === true,
  };
}

function createCommand(): Command {
  const whole = (min: number, max: number) => (text: string) => parseWhole(text, min, max);
  return new Command("npm run quiz:bots --")
    .description(
      "Fills a quiz with simulated players over real connections, checks that nothing is lost, " +
        "doubled or counted wrongly, and tells how long everything took. " +
        "Exits with 1 when something is wrong.",
    )
    .addOption(
      new Option("-n, --players <number>", "how many play")
        .default(100)
        .argParser(whole(1, playersMax)),
    )
    .addOption(
      new Option("-q, --questions <number>", "questions of a game of our own")
        .default(5)
        .argParser(whole(1, questionsMax)),
    )
    .addOption(
      new Option("-t, --transport <name>", "how they connect")
        .choices(transports)
        .default("websocket"),
    )
    .addOption(
      new Option(
        "--url <address>",
        "a showcase that runs already; without it, a server process of our own is measured too",
      ).argParser(parseUrl),
    )
    .addOption(
      new Option(
        "--code <digits>",
        "join this game instead of hosting one; its host leads through it (needs --url)",
      ).argParser(parseCode),
    )
    .addOption(
      new Option("--spread <ms>", "answers come within this time after a question opens")
        .default(1_000)
        .argParser(whole(0, spreadMsMax)),
    )
    .addOption(
      new Option("--joining <number>", "how many are on their way in at the same time")
        .default(100)
        .argParser(whole(1, playersMax)),
    )
    .option("--json", "the report as one line of JSON")
    .helpOption("-h, --help", "show this")
    .allowExcessArguments(false)
    .showHelpAfterError("(npm run quiz:bots -- --help shows what can be said)")
    .exitOverride((error) => process.exit(error.exitCode === 0 ? 0 : usageError));
}

function parseWhole(text: string, min: number, max: number): number {
  const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= min && value <= max) return value;
  throw new InvalidArgumentError(`Expected a whole number from ${min} to ${max}.`);
}

function parseUrl(text: string): URL {
  try {
    const url = new URL(text);
    if (url.protocol === "http:" || url.protocol === "https:") return url;
  } catch {
    // Said below.
  }
  throw new InvalidArgumentError("Expected an address such as http://localhost:8080");
}

function parseCode(text: string): string {
  const digits = text.replace(/\s/g, "");
  if (new RegExp(`^\\d{${codeLength}}$`).test(digits)) return digits;
  throw new InvalidArgumentError(`Expected the ${codeLength} digits that the host's screen shows.`);
}
