// One transport's figures: a line of the table, of the CSV file and of the picture.
import type { LabSettings, LabTransport, WireCounts } from "./contract.js";
import type { LatencyHistogram } from "./latency-histogram.js";

/** Undefined: not measured, or nothing to measure yet. */
export interface LabRow {
  readonly transport: LabTransport;
  /** Messages that arrived. */
  readonly messages: number;
  readonly p50Ms: number | undefined;
  readonly p99Ms: number | undefined;
  readonly maxMs: number | undefined;
  /** All three are known within so much: two clocks are compared where the server pushes to a page. */
  readonly latencyErrorMs: number;
  /** Bytes on the socket per message, without what came before the first. */
  readonly downPerMessage: number | undefined;
  readonly upPerMessage: number | undefined;
  /** All bytes on the socket. */
  readonly down: number | undefined;
  readonly up: number | undefined;
  /** The part of them, in both directions, that came before the first message. */
  readonly setup: number | undefined;
  readonly requests: number | undefined;
  readonly cpuMicros: number | undefined;
}

export interface RowSources {
  readonly transport: LabTransport;
  readonly latency: LatencyHistogram;
  readonly latencyErrorMs: number;
  readonly total: WireCounts | undefined;
  readonly setup: WireCounts | undefined;
  /** What passed while so many messages were sent. */
  readonly window: { readonly up: number; readonly down: number; readonly messages: number };
  readonly cpuMicros: number | undefined;
}

export function makeRow(sources: RowSources): LabRow {
  const { transport, latency, latencyErrorMs, total, setup, window, cpuMicros } = sources;
  const per = (bytes: number) => (window.messages > 0 ? bytes / window.messages : undefined);
  return {
    transport,
    messages: latency.count,
    p50Ms: latency.percentile(0.5),
    p99Ms: latency.percentile(0.99),
    maxMs: latency.count > 0 ? latency.maxMs : undefined,
    latencyErrorMs,
    downPerMessage: per(window.down),
    upPerMessage: per(window.up),
    down: total?.down,
    up: total?.up,
    setup: setup && setup.up + setup.down,
    requests: total?.requests,
    cpuMicros,
  };
}

export interface Column {
  readonly key: Exclude<keyof LabRow, "transport" | "latencyErrorMs">;
  readonly title: string;
  /** In the CSV file. */
  readonly csvName: string;
  readonly format: (value: number) => string;
}

export const columns: readonly Column[] = [
  { key: "messages", title: "Messages", csvName: "messages", format: formatCount },
  { key: "p50Ms", title: "Latency p50", csvName: "latency_p50_ms", format: formatMs },
  { key: "p99Ms", title: "p99", csvName: "latency_p99_ms", format: formatMs },
  { key: "maxMs", title: "max", csvName: "latency_max_ms", format: formatMs },
  {
    key: "downPerMessage",
    title: "Down/msg",
    csvName: "bytes_down_per_message",
    format: formatBytes,
  },
  { key: "upPerMessage", title: "Up/msg", csvName: "bytes_up_per_message", format: formatBytes },
  { key: "down", title: "Down", csvName: "bytes_down", format: formatBytes },
  { key: "up", title: "Up", csvName: "bytes_up", format: formatBytes },
  { key: "setup", title: "Setup", csvName: "bytes_setup", format: formatBytes },
  { key: "requests", title: "Requests", csvName: "requests", format: formatCount },
  {
    key: "cpuMicros",
    title: "CPU/msg",
    csvName: "server_cpu_us_per_message",
    format: formatMicros,
  },
];

const latencies: readonly (keyof LabRow)[] = ["p50Ms", "p99Ms", "maxMs"];

/** What a cell says: of a latency below what is known, only that it is. */
export function formatCell(row: LabRow, { key, format }: Column): string {
  const value = row[key];
  if (value === undefined) return "–";
  const isVague = latencies.includes(key) && value < row.latencyErrorMs;
  return isVague ? `< ${format(value + row.latencyErrorMs)}` : format(value);
}

export function describeSettings(settings: LabSettings): string {
  const { task, rate, size, pollIntervalMs } = settings;
  const what =
    task === "push" ? `The server pushes ${rate} a second` : `${rate} questions a second, answered`;
  return `${what}, ${size} characters each; short polls every ${pollIntervalMs} ms`;
}

/** RFC 4180, with the settings in every line, so that files can be put together. */
export function formatCsv(settings: LabSettings, rows: readonly LabRow[]): string {
  const { task, rate, size, pollIntervalMs } = settings;
  const head = ["transport", "task", "rate_per_second", "payload_characters", "poll_interval_ms"];
  const lines = rows.map((row) => [
    row.transport,
    task,
    rate,
    size,
    pollIntervalMs,
    ...columns.map(({ key }) => round(row[key])),
    round(row.latencyErrorMs),
  ]);
  const names = [...head, ...columns.map(({ csvName }) => csvName), "latency_error_ms"];
  return [names, ...lines].map((line) => `${line.join(",")}\r\n`).join("");
}

function round(value: number | undefined): string {
  return value === undefined ? "" : String(Math.round(value * 1_000) / 1_000);
}

function formatMs(ms: number): string {
  if (ms < 10) return `${ms.toFixed(2)} ms`;
  return ms < 1_000 ? `${ms.toFixed(ms < 100 ? 1 : 0)} ms` : `${(ms / 1_000).toFixed(2)} s`;
}

function formatMicros(micros: number): string {
  return micros < 1_000 ? `${Math.round(micros)} µs` : `${(micros / 1_000).toFixed(2)} ms`;
}

export function formatBytes(bytes: number): string {
  if (bytes < 1_000) return `${Math.round(bytes)} B`;
  return bytes < 1e6 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(2)} MB`;
}

function formatCount(count: number): string {
  return count.toLocaleString("en");
}
