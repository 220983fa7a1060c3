// The results as text that reads the same in a terminal and in a Markdown file.

import { isMemory } from "../contender.js";
import type { WorkloadResult } from "../lab.js";
import type { Spread } from "../measure/statistics.js";
import { directName } from "../rivals.js";
import type { Workload } from "../workloads.js";
import { type Figures, figuresOf, LOAD_SHARE_MAX } from "./figures.js";
import { formatNumber, formatRange, scaled } from "./numbers.js";
import { judge, type Verdict } from "./targets.js";

type Column = readonly [head: string, cell: (figures: Figures) => string];

const plural = {
  message: "messages",
  delivery: "deliveries",
  connection: "connections",
  session: "sessions",
} as const;

export function formatResult(result: WorkloadResult): string {
  const { workload, remarks } = result;
  const columns = [...ownColumns(workload), ...comparison(workload, judge(result))];
  const rows = figuresOf(result).map((figures) => columns.map(([, cell]) => cell(figures)));
  const direct = judge(result, directName).map(
    ({ aim, found, met }) => `${directName}: ${aim}: ${found}, ${met ? "met" : "NOT met"}`,
  );
  const notes = [...direct, ...remarks].map((remark) => `- ${remark}`);
  return [
    `${workload.id}  ${workload.title}`,
    "",
    ...alignColumns([columns.map(([head]) => head), ...rows]),
    "",
    ...notes,
    ...(notes.length > 0 ? [""] : []),
  ].join("\n");
}

function ownColumns(workload: Workload): Column[] {
  const { unit } = workload;
  const name: Column = ["", (figures) => figures.name];
  if (isMemory(workload.kind)) {
    const kib = ({ cost }: Figures): Spread => scaled(cost, 1 / 1024);
    return [
      name,
      [`KiB per ${unit}`, (figures) => formatNumber(kib(figures).median)],
      ["min – max", (figures) => formatRange(kib(figures))],
      [`${plural[unit]} per MiB`, (figures) => formatNumber(1024 / kib(figures).median)],
      ["CPU µs to open", ({ userUs, systemUs }) => formatNumber(userUs + systemUs)],
    ];
  }
  const isStorm = workload.kind === "storm" || workload.kind === "restart";
  // Of a storm it is the whole that counts.
  const cost = ({ cost, count }: Figures): Spread => scaled(cost, isStorm ? count / 1e6 : 1);
  return [
    name,
    [isStorm ? "CPU s in all" : `CPU µs per ${unit}`, (f) => formatNumber(cost(f).median)],
    ["min – max", (figures) => formatRange(cost(figures))],
    ["user + system µs", (f) => `${formatNumber(f.userUs)} + ${formatNumber(f.systemUs)}`],
    [`${plural[unit]}/s`, ({ perSecond }) => formatNumber(perSecond.median)],
    ["min – max", ({ perSecond }) => formatRange(perSecond)],
    ["load", ({ loadShare }) => formatShare(loadShare)],
    ...(isCompressed(workload) ? [answerBytes] : []),
  ];
}

const answerBytes: Column = [
  "bytes per answer",
  ({ answerBytes }) => (answerBytes === undefined ? "" : formatNumber(answerBytes)),
];

function isCompressed(workload: Workload): boolean {
  return "deflate" in workload && workload.deflate !== "off";
}

function comparison({ reference, ours }: Workload, verdicts: readonly Verdict[]): Column[] {
  const columns: Column[] = [
    [`× ${reference}`, ({ ratio }) => (ratio === undefined ? "" : formatNumber(ratio.median))],
    ["min – max", ({ ratio }) => (ratio === undefined ? "" : formatRange(ratio))],
    [`${ours} ×`, (figures) => formatOurs(figures)],
  ];
  if (verdicts.length === 0) return columns;
  const target = ({ name }: Figures): string =>
    verdicts
      .filter(({ row }) => row === name)
      .map(
        ({ aim, met }) =>
          `${aim.replace(` than ${name}`, "").replace(` × ${name}`, " ×")}: ${met ? "met" : "NOT met"}`,
      )
      .join("; ");
  return [...columns, ["target", target]];
}

/** How many times cheaper ours was than a row; plainly so where it was not. */
function formatOurs({ ours }: Figures): string {
  if (ours === undefined) return "";
  return ours.median >= 1 ? formatNumber(ours.median) : `${formatNumber(ours.median)} behind`;
}

function formatShare(share: number): string {
  const text = `${Math.round(share * 100)} %`;
  return share > LOAD_SHARE_MAX ? `${text} (!)` : text;
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
