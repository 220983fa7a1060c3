// The server's clock, as this page can know it: deadlines are the server's, and the clocks of phones
// are off by seconds.
import { type ReadonlySignal, signal } from "@preact/signals";
import { clockOffset } from "../../../shared/quiz/clock-offset.js";

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
    const offsetMs = await clockOffset(this.#ask, this.#own);
    if (run !== this.#run) return;
    this.#offsetMs = offsetMs;
    this.#isKnown.value = true;
  }
}
