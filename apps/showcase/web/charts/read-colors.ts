// The colours of the style sheet, as a canvas needs them: resolved, for light or dark.

/** What every chart is drawn with, whatever its lines are. */
export interface ChartColors {
  readonly faint: string;
  readonly line: string;
  readonly surface: string;
  readonly font: string;
}

/**
 * @param place an element within the page, whose colours it has
 * @param more reads the colours of one's own lines, as CSS writes them
 */
export function readColors<More>(
  place: HTMLElement,
  more: (read: (color: string) => string) => More,
): ChartColors & More {
  const probe = document.createElement("span");
  place.append(probe);
  const read = (color: string): string => {
    probe.style.color = color;
    return getComputedStyle(probe).color;
  };
  const colors = {
    faint: read("var(--faint)"),
    line: read("var(--line)"),
    surface: read("var(--surface)"),
    font: getComputedStyle(place).fontFamily,
    ...more(read),
  };
  probe.remove();
  return colors;
}
