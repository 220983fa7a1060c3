// The colours of the lab's charts.
import { type LabTransport, labTransports } from "../../../shared/lab/contract.js";
import { type ChartColors, readColors } from "../../charts/read-colors.js";

export interface Palette extends ChartColors {
  readonly text: string;
  readonly lines: Readonly<Record<LabTransport, string>>;
}

/** @param place an element within the page, whose colours it has */
export function readPalette(place: HTMLElement): Palette {
  return readColors(place, (read) => {
    const lines = labTransports.map((name) => [name, read(`var(--lab-${name})`)] as const);
    return {
      text: read("var(--text)"),
      lines: Object.fromEntries(lines) as Record<LabTransport, string>,
    };
  });
}
