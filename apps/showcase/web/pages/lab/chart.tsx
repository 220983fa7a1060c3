// A chart on a canvas. It says in words what it shows; the table beside it has the figures.
import type { JSX } from "preact";
import type uPlot from "uplot";
import { labTransports } from "../../../shared/lab/contract.js";
import { usePlot } from "../../charts/use-plot.js";
import { type Palette, readPalette } from "./palette.js";
import { dashes } from "./swatch.js";

export interface ChartProps {
  readonly title: string;
  readonly hint: string;
  /** What it shows, for who cannot see it. */
  readonly summary: string;
  readonly data: uPlot.AlignedData;
  readonly options: (palette: Palette) => Omit<uPlot.Options, "width" | "height" | "series">;
  /** The canvas, for the picture; undefined when it is gone. */
  readonly onCanvas: (canvas: HTMLCanvasElement | undefined) => void;
}

const height = 240;

export function Chart({ title, hint, summary, data, options, onCanvas }: ChartProps): JSX.Element {
  const draw = (place: HTMLElement) => {
    const palette = readPalette(place);
    return { ...options(palette), series: series(palette) };
  };
  const place = usePlot({ height, data, options: draw, onCanvas }, data);

  return (
    <figure class="chart panel">
      <figcaption>
        <strong>{title}</strong>
        <span>{hint}</span>
      </figcaption>
      <div ref={place} class="plot" role="img" aria-label={`${title}. ${summary}`} />
    </figure>
  );
}

function series(palette: Palette): uPlot.Series[] {
  return [
    {},
    ...labTransports.map((transport) => ({
      label: transport,
      stroke: palette.lines[transport],
      width: 2,
      dash: dashes[transport],
      spanGaps: true,
      points: { show: false },
    })),
  ];
}

/** An axis in the page's own type and colours. */
export function axis(palette: Palette, more: uPlot.Axis): uPlot.Axis {
  return {
    stroke: palette.faint,
    font: `12px ${palette.font}`,
    grid: { stroke: palette.line, width: 1 },
    ticks: { stroke: palette.line, width: 1, size: 4 },
    ...more,
  };
}
