// The colours of the style sheet, as a canvas needs them: resolved, for light or dark.
import { type LabTransport, labTransports } from "../../../shared/lab/contract.js";

export interface Palette {
  readonly text: string;
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly font: string;
  readonly lines: Readonly<Record<LabTransport, string>>;
}

/** @param place an element within the page, whose colours it has */
export function readPalette(place: HTMLElement): Palette {
  const probe = document.createElement("span");
  place.append(probe);
  const read = (name: string): string => {
    probe.style.color = `var(${name})`;
    return getComputedStyle(probe).color;
  };
  const lines = labTransports.map((transport) => [transport, read(`--lab-${transport}`)] as const);
  const palette = {
    text: read("--text"),
    faint: read("--faint"),
    line: read("--line"),
    surface: read("--surface"),
    font: getComputedStyle(place).fontFamily,
    lines: Object.fromEntries(lines) as Record<LabTransport, string>,
  };
  probe.remove();
  return palette;
}
