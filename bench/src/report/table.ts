// The results as text that reads the same in a terminal and in a Markdown file.

import type { WorkloadResult } from "../lab.js";
import type { Spread } from "../measure/statistics.js";
import { reference } from "../rivals.js";
import { type Figures, figuresOf, LOAD_SHARE_MAX } from "./figures.js";

const plural = { message: "messages", delivery: "deliveries", connection: "connections" } as const;

export function formatResult(result: WorkloadResult): string {
  const { workload, remarks } = result;
  const isMemory = workload.kind === "memory";
  const head = isMemory
    ? ["", "KiB per connection", "min – max", `× ${reference}`, "min – max"]
    : [
        "",
        `CPU µs per ${workload.unit}`,
        "min – max",
        "user + system",
        `× ${reference}`,
        "min – max",
        `${plural[workload.unit]}/s`,
        "min – max",
        "load",
      ];
  const lines = figuresOf(result).map(isMemory ? memoryLine : rateLine);
  const title = `${workload.id}  ${workload.title}`;
  return [
    title,
    "",
    ...alignColumns([head, ...lines]),
    "",
    ...remarks.map((r) => `- ${r}`),
    "",
  ].join("\n");
}

function rateLine(figures: Figures): string[] {
  const { name, cost, userUs, systemUs, ratio, perSecond, loadShare } = figures;
  const share = `${Math.round(loadShare * 100)} %`;
  return [
    name,
    formatNumber(cost.median),
    formatRange(cost),
    `${formatNumber(userUs)} + ${formatNumber(systemUs)}`,
    formatRatio(ratio),
    ratio === undefined ? "" : formatRange(ratio),
    formatNumber(perSecond.median),
    formatRange(perSecond),
    loadShare > LOAD_SHARE_MAX ? `${share} (!)` : share,
  ];
}

function memoryLine({ name, cost, ratio }: Figures): string[] {
  const kib = ({ median, min, max }: Spread): Spread => ({
    median: median / 1024,
    min: min / 1024,
    max: max / 1024,
  });
  return [
    name,
    formatNumber(kib(cost).median),
    formatRange(kib(cost)),
    formatRatio(ratio),
    ratio === undefined ? "" : formatRange(ratio),
  ];
}

/** A Markdown table whose columns also line up in a terminal; the first is a name, the rest numbers. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = rows[0]!.map((_, column) =>
    Math.max(...rows.map((row) => row[column]!.length), 3),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => pad(cell, widths[column]!, column)).join(" | ")} |`;
  const rule = widths.map((width, column) =>
    column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`,
  );
  return [line(rows[0]!), line(rule), ...rows.slice(1).map(line)];
}

function pad(cell: string, width: number, column: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width);
}

function formatRatio(ratio: Spread | undefined): string {
  return ratio === undefined ? "" : formatNumber(ratio.median);
}

function formatRange({ min, max }: Spread): string {
  return `${formatNumber(min)} – ${formatNumber(max)}`;
}

/** Three digits that mean something; thousands apart. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  const digits = Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}
