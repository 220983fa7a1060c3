import { type ReadonlySignal, signal } from "@preact/signals";

/** The window is too narrow for side panels, as on a phone. The style sheet has the same width. */
export const isNarrow: ReadonlySignal<boolean> = watchWidth("(max-width: 48rem)");

/** It is too narrow for the words of all pages beside brand and connection: a menu has them. */
export const hasMenu: ReadonlySignal<boolean> = watchWidth("(max-width: 66rem)");

function watchWidth(query: string): ReadonlySignal<boolean> {
  const list = matchMedia(query);
  const matches = signal(list.matches);
  list.addEventListener("change", () => {
    matches.value = list.matches;
  });
  return matches;
}
