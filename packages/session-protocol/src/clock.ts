// The session's own time (PROTOCOL.md §7.3): deadlines are kept in it, so that a caller's clock that
// goes back, or leaps while the machine sleeps, makes nobody late.

import { leapMs } from "./limits.js";

/**
 * Moves with the caller's clock, but never back, and past the next deadline only by `leapMs`. In whole
 * milliseconds: in V8 a number with a fraction is an object, and a session has three times in fields.
 */
export class Clock {
  /** Our time, in milliseconds since the session began. */
  time = 0;
  #now: number;

  constructor(now: number) {
    this.#now = Math.floor(now);
  }

  /** A time of ours on the caller's clock; what is past is now. */
  onCallers(time: number): number {
    return this.#now + Math.max(0, Math.ceil(time) - this.time);
  }

  /** Follows the caller's clock; true when it leapt. `owner` says when a tick was due. */
  advance(callers: number, owner: { readonly nextTickAt: number }): boolean {
    const now = Math.floor(callers);
    let step = now - this.#now;
    let most = Number.POSITIVE_INFINITY;
    // The next tick costs more to know than a short step is worth.
    if (step > leapMs) most = owner.nextTickAt - this.#now + leapMs;
    const leapt = step > most;
    if (leapt) step = most;
    this.#now = now;
    if (step > 0) this.time += step;
    return leapt;
  }
}
