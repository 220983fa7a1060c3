import { type ReadonlySignal, signal } from "@preact/signals";

const query = matchMedia("(max-width: 48rem)");
const matches = signal(query.matches);
query.addEventListener("change", () => {
  matches.value = query.matches;
});

/** The window is too narrow for side panels, as on a phone. The style sheet has the same width. */
export const isNarrow: ReadonlySignal<boolean> = matches;
