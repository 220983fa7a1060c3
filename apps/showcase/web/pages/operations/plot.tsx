// A small chart on a canvas: ten minutes, a few lines. Pointing at one points at all of them.
import type { Signal } from "@preact/signals";
import type { JSX } from "preact";
import type uPlot from "uplot";
import { historyMs } from "../../../shared/operations/limits.js";
import type { Sample } from "../../../shared/operations/sample.js";
import { usePlot } from "../../charts/use-plot.js";
import type { ChartSpec } from "./chart-specs.js";
import { bytes, duration, tick } from "./format.js";
import { dashes, type Palette, readPalette } from "./palette.js";

interface PlotProps {
  readonly spec: ChartSpec;
  readonly samples: readonly Sample[];
  /** Which sample is pointed at, in whatever chart. */
  readonly pointed: Signal<number | undefined>;
  /** What it shows, for who cannot see it. */
  readonly summary: string;
}

const height = 116;
const historySeconds = historyMs / 1_000;
/** A server that was just started has no ten minutes to show, and its first ones are not to be a sliver. */
const leastSeconds = 60;
const powersOfTwo = Array.from({ length: 45 }, (_, power) => 2 ** power);

export function Plot({ spec, samples, pointed, summary }: PlotProps): JSX.Element {
  const settings = {
    height,
    data: tableOf(spec, samples),
    options: (place: HTMLElement) => optionsOf(spec, readPalette(place), pointed),
  };
  const place = usePlot(settings, samples);

  return <div ref={place} class="plot" role="img" aria-label={`${spec.title}: ${summary}`} />;
}

/** Where the picture begins. */
function startOf(first: number, last: number): number {
  return Math.max(last - historySeconds, Math.min(first, last - leastSeconds));
}

/** Two or three round times before now. */
function timesBetween(start: number, now: number): number[] {
  const step = [20, 30, 60, 120].find((seconds) => (now - start) / seconds <= 3.4) ?? 180;
  const count = Math.floor((now - start) / step + 0.01);
  return Array.from({ length: count }, (_, index) => now - (count - index) * step);
}

function tableOf({ lines }: ChartSpec, samples: readonly Sample[]): uPlot.AlignedData {
  return [
    samples.map(({ at }) => at / 1_000),
    ...lines.map(({ field }) => samples.map((sample) => sample[field])),
  ];
}

function optionsOf(
  { lines, format, atLeast }: ChartSpec,
  palette: Palette,
  pointed: Signal<number | undefined>,
): Omit<uPlot.Options, "width" | "height"> {
  const font = `11px ${palette.font}`;
  const quiet = { stroke: palette.faint, font, ticks: { show: false } };
  return {
    legend: { show: false },
    padding: [8, 4, 0, 0],
    cursor: {
      y: false,
      drag: { x: false, y: false },
      points: {
        size: 8,
        width: 2,
        stroke: (_, index) => palette.lines[index - 1] ?? palette.faint,
        fill: palette.surface,
      },
      sync: { key: "operations" },
    },
    hooks: {
      setCursor: [
        ({ cursor }) => {
          pointed.value = cursor.idx ?? undefined;
        },
      ],
    },
    scales: {
      x: { range: (_, first, last) => [startOf(first, last), last] },
      y: { range: (_, __, most) => [0, Math.max(atLeast, (most ?? 0) * 1.08)] },
    },
    axes: [
      {
        ...quiet,
        size: 20,
        gap: 3,
        splits: (_, __, start, now) => timesBetween(start, now),
        values: ({ scales: { x } }, splits) =>
          splits.map((at) => `−${duration(((x?.max ?? at) - at) * 1_000)}`),
        align: 1,
        grid: { show: false },
      },
      {
        ...quiet,
        size: 52,
        gap: 4,
        space: 32,
        ...(format === bytes && { incrs: powersOfTwo }),
        values: (_, splits) => splits.map((value) => tick(format, value)),
        grid: { stroke: palette.line, width: 1 },
      },
    ],
    series: [
      {},
      ...lines.map(({ label }, index) => ({
        label,
        stroke: palette.lines[index]!,
        ...(index === 0 && { fill: palette.fill }),
        width: 1.5,
        dash: [...dashes[index]!],
        spanGaps: true,
        points: { show: false },
      })),
    ],
  };
}
