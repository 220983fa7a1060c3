// How many calls a peer may begin, and how many bytes they may have, in one object of its own: it is
// looked at for every call, when nothing of the peer is in the processor's cache.

import type { HubLimits } from "../limits.js";

export type CallRateLimits = Pick<
  HubLimits,
  "eventsPerSecond" | "eventsBurst" | "bytesPerSecond" | "bytesBurst"
>;

/** Two token buckets that are asked together; see `TokenBucket`. */
export class CallRate {
  readonly #limits: CallRateLimits;
  #calls: number;
  #bytes: number;
  #at: number;

  constructor(limits: CallRateLimits, now: number) {
    this.#limits = limits;
    this.#calls = limits.eventsBurst;
    this.#bytes = limits.bytesBurst;
    this.#at = now;
  }

  /**
   * Takes a call of so many bytes, or answers how many milliseconds it has to wait. A message above the
   * burst is taken from a full bucket and leaves it in debt.
   */
  take(bytes: number, now: number): number {
    const { eventsPerSecond, eventsBurst, bytesPerSecond, bytesBurst } = this.#limits;
    // A clock that stepped back gives nothing and takes nothing.
    const seconds = Math.max(0, now - this.#at) / 1_000;
    this.#at = now;
    this.#calls = Math.min(eventsBurst, this.#calls + seconds * eventsPerSecond);
    this.#bytes = Math.min(bytesBurst, this.#bytes + seconds * bytesPerSecond);
    const calls = 1 - this.#calls;
    const missing = Math.min(bytes, bytesBurst) - this.#bytes;
    if (calls <= 0 && missing <= 0) {
      this.#calls -= 1;
      this.#bytes -= bytes;
      return 0;
    }
    return Math.max((calls * 1_000) / eventsPerSecond, (missing * 1_000) / bytesPerSecond);
  }
}
