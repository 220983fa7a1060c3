/**
 * Who may take how much memory: a number of bytes that is never exceeded, a queue for those who can
 * wait, and the owners of memory who can do without it when others need it.
 */

/** Holds memory that it can give back now: at rest, between two messages. */
export interface Reclaimable {
  /** Gives memory back, by calling `give`. */
  reclaim(): void;
}

interface Waiter {
  readonly bytes: number;
  readonly ready: (granted: boolean) => void;
  timer: NodeJS.Timeout | undefined;
}

export class MemoryCeiling {
  readonly bytesMax: number;

  #used = 0;
  #peak = 0;
  /** Least recently used first. */
  readonly #atRest: Set<Reclaimable> = new Set();
  readonly #waiters: Set<Waiter> = new Set();
  #serving = false;

  constructor(bytesMax: number) {
    this.bytesMax = bytesMax;
  }

  /** Bytes taken now. */
  get used(): number {
    return this.#used;
  }

  /** The most that was ever taken. */
  get peak(): number {
    return this.#peak;
  }

  get waiting(): number {
    return this.#waiters.size;
  }

  /** Takes `bytes` if they can be had now; those who wait come first. */
  take(bytes: number): boolean {
    return this.#waiters.size === 0 && this.#takeNow(bytes);
  }

  /** Gives back what was taken. */
  give(bytes: number): void {
    this.#used -= bytes;
    this.#serveSoon();
  }

  /**
   * Takes `bytes` when its turn comes: `ready` is called later, once, with whether it came within
   * `waitMs`. More than there is at all is refused likewise, without waiting.
   *
   * @returns takes the request back; `ready` is then not called.
   */
  wait(bytes: number, waitMs: number, ready: (granted: boolean) => void): () => void {
    const waiter: Waiter = { bytes, ready, timer: undefined };
    const refuse = (): void => {
      this.#drop(waiter);
      this.#serveSoon();
      ready(false);
    };
    waiter.timer = setTimeout(refuse, bytes > this.bytesMax ? 0 : waitMs);
    this.#waiters.add(waiter);
    return () => {
      this.#drop(waiter);
      this.#serveSoon();
    };
  }

  /** `owner` has been used, and can do without its memory from now on. */
  rest(owner: Reclaimable): void {
    this.#atRest.delete(owner);
    this.#atRest.add(owner);
    if (this.#waiters.size > 0) this.#serveSoon();
  }

  /** `owner` needs its memory, or has none. */
  rouse(owner: Reclaimable): void {
    this.#atRest.delete(owner);
  }

  #takeNow(bytes: number): boolean {
    if (bytes > this.bytesMax) return false;
    while (this.#used + bytes > this.bytesMax) {
      const [owner] = this.#atRest;
      if (owner === undefined) return false;
      this.#atRest.delete(owner);
      owner.reclaim();
    }
    this.#used += bytes;
    this.#peak = Math.max(this.#peak, this.#used);
    return true;
  }

  /** Never in the middle of whatever gave memory back. */
  #serveSoon(): void {
    if (this.#serving || this.#waiters.size === 0) return;
    this.#serving = true;
    queueMicrotask(() => {
      this.#serving = false;
      this.#serve();
    });
  }

  #serve(): void {
    for (const waiter of this.#waiters) {
      if (waiter.bytes > this.bytesMax) continue;
      if (!this.#takeNow(waiter.bytes)) return;
      this.#drop(waiter);
      waiter.ready(true);
    }
  }

  #drop(waiter: Waiter): void {
    clearTimeout(waiter.timer);
    this.#waiters.delete(waiter);
  }
}
