// The server's clock, as this page can know it: deadlines are the server's, and the clocks of phones
// are off by seconds. Of several questions for the time the one that came back fastest errs least, by
// half of its round trip at the most (Cristian's algorithm).
import { type ReadonlySignal, signal } from "@preact/signals";

/** Questions in a row: one of them will not wait behind something else. */
const samples = 4;

export class ServerClock {
  readonly #ask: () => Promise<number>;
  readonly #own: () => number;
  readonly #isKnown = signal(false);
  #offsetMs: number;
  #run = 0;

  /**
   * @param ask the server for its time, ms
   * @param own a clock that is never set back, ms
   */
  constructor(ask: () => Promise<number>, own: () => number = () => performance.now()) {
    this.#ask = ask;
    this.#own = own;
    this.#offsetMs = Date.now() - own(); // Until we know better.
  }

  /** Whether the server has been asked successfully. */
  get isKnown(): ReadonlySignal<boolean> {
    return this.#isKnown;
  }

  /** Milliseconds of the server's clock. */
  now(): number {
    return this.#own() + this.#offsetMs;
  }

  /** Asks anew; rejects when the server could not be asked. A later call takes the place of this one. */
  async sync(): Promise<void> {
    this.#run += 1;
    const run = this.#run;
    let bestMs = Number.POSITIVE_INFINITY;
    for (let count = 0; count < samples; count += 1) {
      const askedAt = this.#own();
      const serverNow = await this.#ask();
      const roundTripMs = this.#own() - askedAt;
      if (run !== this.#run) return;
      if (roundTripMs >= bestMs) continue;
      bestMs = roundTripMs;
      this.#offsetMs = serverNow + roundTripMs / 2 - this.#own();
      this.#isKnown.value = true;
    }
  }
}
