// A chart on a canvas in an element of the page: as wide as its place, in the colours of the day or the
// night, and with the latest figures.
import type { RefObject } from "preact";
import { useEffect, useLayoutEffect, useRef } from "preact/hooks";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";

export interface PlotSettings {
  /** CSS pixels. */
  readonly height: number;
  readonly data: uPlot.AlignedData;
  /** Called whenever it is drawn anew: the colours of the element may be others. */
  readonly options: (place: HTMLElement) => Omit<uPlot.Options, "width" | "height">;
  /** The canvas; undefined when it is gone. */
  readonly onCanvas?: (canvas: HTMLCanvasElement | undefined) => void;
}

/**
 * @param changed what says by being another one that the figures are others
 * @returns for the element that it is drawn in
 */
export function usePlot(
  settings: PlotSettings,
  changed: unknown,
): RefObject<HTMLDivElement | null> {
  const place = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | undefined>(undefined);
  const latest = useRef(settings);
  latest.current = settings;

  useLayoutEffect(() => {
    const element = place.current;
    if (element === null) return undefined;
    const build = (): void => {
      plot.current?.destroy();
      const { height, data, options, onCanvas } = latest.current;
      const size = { width: element.clientWidth, height };
      plot.current = new uPlot({ ...size, ...options(element) }, data, element);
      onCanvas?.(plot.current.ctx.canvas);
    };
    build();
    const scheme = matchMedia("(prefers-color-scheme: dark)");
    scheme.addEventListener("change", build);
    const observer = new ResizeObserver(() => {
      const { height } = latest.current;
      const width = element.clientWidth;
      if (width > 0 && plot.current?.width !== width) plot.current?.setSize({ width, height });
    });
    observer.observe(element);
    return () => {
      scheme.removeEventListener("change", build);
      observer.disconnect();
      plot.current?.destroy();
      plot.current = undefined;
      latest.current.onCanvas?.(undefined);
    };
  }, []);
  useEffect(() => plot.current?.setData(settings.data), [changed]);
  return place;
}
