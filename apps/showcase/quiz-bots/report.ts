// What a run came to.
import type { TransportName } from "@tidewire/client";
import type { Usage } from "./serve.js";

export interface Spread {
  readonly count: number;
  readonly p50: number;
  readonly p99: number;
  readonly max: number;
}

export interface Report {
  readonly players: number;
  readonly questions: number;
  readonly transport: TransportName;
  /** From the first to the last, ms. */
  readonly joinedMs: number;
  readonly join: Spread;
  readonly fanOut: Spread;
  readonly roundTrip: Spread;
  readonly answers: number;
  readonly refused: number;
  readonly reconnects: number;
  /** Undefined: the server is not ours, and nobody asks strangers about their memory. */
  readonly server: ServerFigures | undefined;
  readonly ownCpuMs: number;
  readonly ownResidentBytes: number;
  /** Everything that is not as it should be; empty when all is well. */
  readonly problems: readonly string[];
}

export interface ServerFigures {
  readonly joinCpuMs: number;
  readonly gameCpuMs: number;
  readonly residentBytes: number;
  readonly emptyBytes: number;
  readonly loopDelayMs: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  // Nearest rank: a value that was measured.
  const at = (part: number): number => sorted[Math.ceil(part * sorted.length) - 1] ?? 0;
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), max: at(1) };
}

export function serverFigures(empty: Usage, joined: Usage, over: Usage): ServerFigures {
  return {
    joinCpuMs: joined.cpuMs - empty.cpuMs,
    gameCpuMs: over.cpuMs - joined.cpuMs,
    residentBytes: Math.max(joined.residentBytes, over.residentBytes),
    emptyBytes: empty.residentBytes,
    loopDelayMs: Math.max(joined.loopDelayMs, over.loopDelayMs),
  };
}

/** Problems that are printed; the number of all is told. */
const problemsMax = 20;

export function formatReport(report: Report): string {
  const { server, problems } = report;
  const rows = [
    ["", "count", "p50", "p99", "max"],
    ["join", ...cells(report.join)],
    ["question fan-out", ...cells(report.fanOut)],
    ["answer round trip", ...cells(report.roundTrip)],
  ];
  const lines = [
    `${report.players} players, ${report.questions} questions, ${report.transport}`,
    "",
    ...table(rows),
    "",
    `all in after       ${ms(report.joinedMs)}`,
    `answers            ${report.answers} with a receipt, ${report.refused} refused as they had to be`,
    `reconnects         ${report.reconnects}`,
    ...(server === undefined
      ? ["server             another process, of which nothing is known here"]
      : [
          `server CPU         ${ms(server.joinCpuMs)} for joining, ${ms(server.gameCpuMs)} for the game`,
          `server memory      ${megabytes(server.residentBytes)} resident, ${megabytes(server.emptyBytes)} of it before anyone came`,
          `server event loop  ${ms(server.loopDelayMs)} late at most`,
        ]),
    `these bots         ${ms(report.ownCpuMs)} CPU, ${megabytes(report.ownResidentBytes)} resident`,
    "",
    ...(problems.length === 0
      ? ["Nothing lost, nothing twice, and the scoreboard is right."]
      : [
          `${problems.length} problems:`,
          ...problems.slice(0, problemsMax).map((one) => `  ${one}`),
        ]),
  ];
  return lines.join("\n");
}

function cells({ count, p50, p99, max }: Spread): string[] {
  return [String(count), ms(p50), ms(p99), ms(max)];
}

function table(rows: readonly (readonly string[])[]): string[] {
  return rows.map((row) =>
    row.map((cell, index) => (index === 0 ? cell.padEnd(18) : cell.padStart(11))).join(""),
  );
}

function ms(value: number): string {
  return value < 10_000 ? `${Math.round(value)} ms` : `${(value / 1_000).toFixed(1)} s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}
