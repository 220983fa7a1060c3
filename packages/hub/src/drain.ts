// Graceful end of a node: its sessions are told to link elsewhere, a few at a time, each with another
// delay, so that their return is a slope and not a wave.

import { CloseCode } from "@tidewire/session-protocol";
import type { PeerSession } from "./peers/peer-session.js";
import type { Ticking } from "./time/wheel.js";

export interface DrainOptions {
  /** Links are let go evenly over this time. Default 10,000 ms. */
  readonly overMs?: number;
  /**
   * Least and most delay that a client is told before it links again (§11, 4002). Default 100 to
   * 5,000 ms: a client adds jitter of its own.
   */
  readonly retryMs?: readonly [least: number, most: number];
  /** These are let go after all others, so that they can watch. */
  readonly last?: readonly Pick<PeerSession, "id">[];
}

const stepMs = 100;

/** Lets links go until none is left. */
export class Drain implements Ticking {
  readonly done: Promise<void>;
  readonly #waiting: PeerSession[];
  readonly #total: number;
  readonly #overMs: number;
  readonly #startedAt: number;
  readonly #random: () => number;
  readonly #retryMs: readonly [number, number];
  #finish: () => void = () => {};
  #next: number;

  constructor(
    peers: Iterable<PeerSession>,
    options: DrainOptions,
    parts: { now: number; random: () => number },
  ) {
    const { overMs = 10_000, retryMs = [100, 5_000], last = [] } = options;
    const lastIds = new Set(last.map(({ id }) => id));
    const isLast = ({ id }: PeerSession): number => (lastIds.has(id) ? 0 : 1);
    // It is emptied from its end.
    this.#waiting = [...peers].sort((one, other) => isLast(one) - isLast(other));
    this.#random = parts.random;
    this.#retryMs = retryMs;
    this.#total = this.#waiting.length;
    this.#overMs = Math.max(stepMs, overMs);
    this.#startedAt = parts.now;
    this.#next = parts.now;
    this.done = new Promise((resolve) => {
      this.#finish = resolve;
    });
    if (this.#waiting.length === 0) this.#finish();
  }

  get nextTickAt(): number {
    return this.#waiting.length === 0 ? Number.POSITIVE_INFINITY : this.#next;
  }

  tick(now: number): void {
    this.#next = now + stepMs;
    const share = Math.min(1, (now - this.#startedAt + stepMs) / this.#overMs);
    const remain = this.#total - Math.ceil(this.#total * share);
    while (this.#waiting.length > remain) {
      const core = this.#waiting.pop()!;
      if (core.session.live === undefined) continue;
      core.session.unlink(CloseCode.draining, "", now, { retryMs: this.retryMs() });
    }
    if (this.#waiting.length === 0) this.#finish();
  }

  /** A delay for somebody who is sent elsewhere. */
  retryMs(): number {
    const [least, most] = this.#retryMs;
    return Math.round(least + (most - least) * this.#random());
  }
}
