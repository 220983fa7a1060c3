// The colours of the style sheet, as a canvas needs them: resolved, for light or dark.

export interface Palette {
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly font: string;
  readonly lines: readonly string[];
  /** Under the first line. */
  readonly fill: string;
}

/** Colour and dashes tell lines apart, so that colour alone never does. */
export const dashes: readonly (readonly number[])[] = [[], [6, 3], [2, 2.5], [9, 3, 2, 3], [1, 4]];

/** @param place an element within the page, whose colours it has */
export function readPalette(place: HTMLElement): Palette {
  const probe = document.createElement("span");
  place.append(probe);
  const read = (color: string): string => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const palette = {
    faint: read("var(--faint)"),
    line: read("var(--line)"),
    surface: read("var(--surface)"),
    font: getComputedStyle(place).fontFamily,
    lines: dashes.map((_, index) => read(`var(--ops-${index})`)),
    fill: read("color-mix(in srgb, var(--ops-0) 14%, transparent)"),
  };
  probe.remove();
  return palette;
}
