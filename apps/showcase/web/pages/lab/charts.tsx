// The two pictures of a run: how latencies are distributed, and what is on the wire.
import type { JSX } from "preact";
import type uPlot from "uplot";
import { formatBytes } from "../../../shared/lab/lab-row.js";
import { axis, Chart } from "./chart.js";
import type { LabModel } from "./lab-model.js";
import { latencyTable } from "./latency-table.js";
import type { Palette } from "./palette.js";
import { labWords } from "./words.js";

export interface Canvases {
  latency: HTMLCanvasElement | undefined;
  bytes: HTMLCanvasElement | undefined;
}

interface ChartsProps {
  readonly model: LabModel;
  readonly canvases: Canvases;
}

export function Charts({ model, canvases }: ChartsProps): JSX.Element {
  const rows = model.rows.value;
  const latencies = rows
    .filter(({ p50Ms }) => p50Ms !== undefined)
    .map(
      ({ transport, p50Ms, p99Ms }) =>
        `${labWords[transport].label}: half within ${formatLatency(p50Ms!)}, 99 per cent within ${formatLatency(p99Ms!)}`,
    );
  const rates = rows.map(({ transport }) => {
    const last = model.rates.of(transport).at(-1);
    return `${labWords[transport].label}: ${last == null ? "nothing yet" : formatRate(last)}`;
  });
  const data = latencyTable(rows.map(({ transport }) => model.link(transport)));
  return (
    <div class="charts">
      <Chart
        title="Latency distribution"
        hint="% of messages that took at most so long; further left is better"
        summary={latencies.length === 0 ? "Nothing measured yet." : `${latencies.join("; ")}.`}
        data={data as uPlot.AlignedData}
        options={latencyOptions}
        onCanvas={(canvas) => {
          canvases.latency = canvas;
        }}
      />
      <Chart
        title="Bytes on the wire"
        hint="per second, both directions, over the last minute; lower is better"
        summary={rates.length === 0 ? "Nothing measured yet." : `${rates.join("; ")}.`}
        data={model.rates.table() as uPlot.AlignedData}
        options={byteOptions}
        onCanvas={(canvas) => {
          canvases.bytes = canvas;
        }}
      />
    </div>
  );
}

function latencyOptions(palette: Palette): Omit<uPlot.Options, "width" | "height" | "series"> {
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: { time: false, distr: 3, log: 10, range: (_, low, high) => [low ?? 0.1, high ?? 1_000] },
      y: { range: [0, 102] },
    },
    axes: [
      axis(palette, {
        space: 30,
        size: 34,
        // Lines at the powers of ten only: the others would be a fence.
        filter: (_, ticks) => ticks.map((ms) => (isPowerOfTen(ms) ? ms : null)),
        values: (_, ticks) => ticks.map((ms) => (ms === null ? "" : formatLatency(ms))),
        grid: {
          stroke: palette.line,
          width: 1,
          filter: (_, ticks) => ticks.map((ms) => (isPowerOfTen(ms) ? ms : null)),
        },
        ticks: { show: false },
      }),
      axis(palette, { size: 50, values: (_, ticks) => ticks.map((part) => `${part} %`) }),
    ],
  };
}

function byteOptions(palette: Palette): Omit<uPlot.Options, "width" | "height" | "series"> {
  return {
    legend: { show: false },
    cursor: { show: false },
    scales: {
      x: {
        time: false,
        range: (_, low, high) => [low ?? 0, Math.max((low ?? 0) + 10, high ?? 10)],
      },
      y: { range: (_, __, high) => [0, Math.max(1_000, (high ?? 0) * 1.08)] },
    },
    axes: [
      axis(palette, { size: 34, values: (_, ticks) => ticks.map((seconds) => `${seconds} s`) }),
      axis(palette, { size: 66, values: (_, ticks) => ticks.map((bytes) => formatBytes(bytes)) }),
    ],
  };
}

function isPowerOfTen(ms: number): boolean {
  return Math.abs(Math.log10(ms) - Math.round(Math.log10(ms))) < 1e-9;
}

function formatLatency(ms: number): string {
  if (ms >= 1_000) return `${Number((ms / 1_000).toPrecision(3))} s`;
  return `${Number(ms.toPrecision(3))} ms`;
}

function formatRate(bytes: number): string {
  return `${formatBytes(bytes)} per second`;
}
