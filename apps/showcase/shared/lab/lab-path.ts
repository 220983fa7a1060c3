// Where the lab's links go, and how they say what their bytes are counted as.
import type { LabTransport } from "./contract.js";

/** A hub of their own, so that nothing else is on them. */
export const labPath = "/lab";

/** What a link's bytes are counted as. */
export function lineName(run: string, transport: LabTransport): string {
  return `${run}.${transport}`;
}

/** The address of one link of a run. */
export function lineUrl(base: string, run: string, transport: LabTransport): string {
  return `${base}${labPath}?line=${lineName(run, transport)}`;
}
