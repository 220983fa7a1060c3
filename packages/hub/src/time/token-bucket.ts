// A rate with a burst: tokens come back with time, and what costs more than there is has to wait.

export interface Rate {
  readonly perSecond: number;
  /** Most that can be taken at once. */
  readonly burst: number;
}

export class TokenBucket {
  readonly rate: Rate;
  #tokens: number;
  #at: number;

  constructor(rate: Rate, now: number) {
    this.rate = rate;
    this.#tokens = rate.burst;
    this.#at = now;
  }

  /**
   * Takes `cost` tokens if they are there. A cost above the burst is taken from a full bucket and
   * leaves it in debt, so that a single large thing passes, and is paid for.
   */
  take(cost: number, now: number): boolean {
    this.#refill(now);
    if (this.#tokens < Math.min(cost, this.rate.burst)) return false;
    this.#tokens -= cost;
    return true;
  }

  /** When `take(cost)` will succeed: `now` if it would at once. */
  readyAt(cost: number, now: number): number {
    this.#refill(now);
    const missing = Math.min(cost, this.rate.burst) - this.#tokens;
    return missing <= 0 ? now : now + (missing * 1000) / this.rate.perSecond;
  }

  isFull(now: number): boolean {
    this.#refill(now);
    return this.#tokens >= this.rate.burst;
  }

  #refill(now: number): void {
    // A clock that stepped back gives nothing and takes nothing.
    const elapsed = Math.max(0, now - this.#at);
    this.#at = now;
    this.#tokens = Math.min(this.rate.burst, this.#tokens + (elapsed * this.rate.perSecond) / 1000);
  }
}
