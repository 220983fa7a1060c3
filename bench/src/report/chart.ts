// The ratios to the reference as an SVG: one bar for each row, on a logarithmic scale, because a
// server that is half as good and one that is twice as good are equally far from it.

import { parse, View } from "vega";
import type { WorkloadResult } from "../lab.js";
import { figuresOf } from "./figures.js";

interface Bar {
  readonly workload: string;
  readonly name: string;
  readonly ratio: number;
  readonly label: string;
}

export function createChart(results: readonly WorkloadResult[]): Promise<string> {
  return new View(parse(specify(barsOf(results))), { renderer: "none" }).toSVG();
}

function barsOf(results: readonly WorkloadResult[]): Bar[] {
  return results.flatMap((result) =>
    figuresOf(result).flatMap(({ name, ratio }) =>
      ratio === undefined || name === result.workload.reference
        ? []
        : {
            workload: `${result.workload.id}  ${result.workload.title} (× ${result.workload.reference})`,
            name,
            ratio: ratio.median,
            label: `${name} ${ratio.median.toFixed(2)}`,
          },
    ),
  );
}

const ROW = 15;

/** Colours that stay apart for colour-blind readers (Okabe and Ito); ours is the strongest. */
const ours = "#0072b2";
const theirs = "#b0b7bd";

function specify(bars: readonly Bar[]): object {
  const ratios = bars.map(({ ratio }) => ratio);
  const rows = bars.map((bar, index) => ({ ...bar, key: index }));
  const groups = [...new Set(bars.map(({ workload }) => workload))];
  // Each workload has a line for its title, and an empty one behind it.
  const lines = rows.map((row) => ({
    ...row,
    y: (row.key + 2 * groups.indexOf(row.workload) + 1) * ROW,
  }));
  const titles = groups.map((title) => {
    const first = lines.find(({ workload }) => workload === title)!;
    return { title, y: first.y - ROW };
  });
  return {
    $schema: "https://vega.github.io/schema/vega/v6.json",
    width: 640,
    height: (bars.length + 2 * groups.length) * ROW,
    padding: 12,
    background: "white",
    title: {
      text: "How many times cheaper than the reference (CPU time per unit, or memory)",
      anchor: "start",
    },
    data: [
      { name: "bars", values: lines },
      { name: "titles", values: titles },
    ],
    scales: [
      {
        name: "x",
        type: "log",
        domain: [Math.min(0.5, ...ratios), Math.max(2, ...ratios) * 1.5],
        range: "width",
        nice: true,
      },
    ],
    axes: [{ scale: "x", orient: "bottom", grid: true, format: "~g", title: "× the reference" }],
    marks: [
      {
        type: "rect",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "x", value: 1 },
            x2: { scale: "x", field: "ratio" },
            y: { field: "y" },
            height: { value: ROW - 3 },
            fill: { signal: `slice(datum.name, 0, 8) === "tidewire" ? "${ours}" : "${theirs}"` },
          },
        },
      },
      {
        type: "text",
        from: { data: "bars" },
        encode: {
          enter: {
            x: { scale: "x", signal: "max(datum.ratio, 1)", offset: 5 },
            y: { field: "y", offset: (ROW - 3) / 2 },
            text: { field: "label" },
            baseline: { value: "middle" },
            fontSize: { value: 10 },
          },
        },
      },
      {
        type: "text",
        from: { data: "titles" },
        encode: {
          enter: {
            x: { value: 0 },
            y: { field: "y", offset: (ROW - 3) / 2 },
            text: { field: "title" },
            baseline: { value: "middle" },
            fontWeight: { value: "bold" },
            fontSize: { value: 11 },
          },
        },
      },
    ],
  };
}
