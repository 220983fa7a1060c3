// The colours of the operations charts.
import { type ChartColors, readColors } from "../../charts/read-colors.js";

export interface Palette extends ChartColors {
  readonly lines: readonly string[];
  /** Under the first line. */
  readonly fill: string;
}

/** Colour and dashes tell lines apart, so that colour alone never does. */
export const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [1, 4]];

/** @param place an element within the page, whose colours it has */
export function readPalette(place: HTMLElement): Palette {
  return readColors(place, (read) => ({
    lines: dashes.map((_, index) => read(`var(--ops-${index})`)),
    fill: read("color-mix(in srgb, var(--ops-0) 14%, transparent)"),
  }));
}
