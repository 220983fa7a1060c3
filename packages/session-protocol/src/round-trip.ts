// How long to wait for a sign of life (PROTOCOL.md §7.2): the estimator of RFC 6298 §2.

import { patienceCeilingMs, patienceFirstMs, patienceFloorMs } from "./limits.js";

/** Round trip times of one session, over all its links. */
export class RoundTrip {
  /** Milliseconds to wait for an answer before the link is dead. */
  patienceMs: number = patienceFirstMs;
  /** The smoothed round trip in milliseconds; undefined before the first sample. */
  smoothedMs: number | undefined;
  #variationMs = 0;

  sample(ms: number): void {
    if (this.smoothedMs === undefined) {
      this.smoothedMs = ms;
      this.#variationMs = ms / 2;
    } else {
      this.#variationMs += (Math.abs(this.smoothedMs - ms) - this.#variationMs) / 4;
      this.smoothedMs += (ms - this.smoothedMs) / 8;
    }
    // Whole, for the reason of the clock: deadlines come of it.
    const wanted = Math.ceil(this.smoothedMs + 4 * this.#variationMs);
    this.patienceMs = Math.min(patienceCeilingMs, Math.max(patienceFloorMs, wanted));
  }
}
