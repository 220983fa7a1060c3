// A chart on a canvas. It says in words what it shows; the table beside it has the figures.
import type { JSX } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { labTransports } from "../../../shared/lab/contract.js";
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

export function Chart(props: ChartProps): JSX.Element {
  const { title, hint, summary, data } = props;
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(props);
  latest.current = props;

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const build = (): void => {
      plot.current?.destroy();
      const { options, data: current, onCanvas } = latest.current;
      const palette = readPalette(element);
      plot.current = new uPlot(
        { ...options(palette), width: element.clientWidth, height, series: series(palette) },
        current,
        element,
      );
      onCanvas(plot.current.ctx.canvas);
    };
    build();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", build);
    const observer = new ResizeObserver(() => {
      const width = element.clientWidth;
      if (plot.current !== undefined && width > 0 && plot.current.width !== width) {
        plot.current.setSize({ width, height });
      }
    });
    observer.observe(element);
    return () => {
      scheme.removeEventListener("change", build);
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
      latest.current.onCanvas(undefined);
    };
  }, []);
  useEffect(() => plot.current?.setData(data), [data]);

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
