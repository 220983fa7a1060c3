/**
 * Limits how many jobs run on the thread pool at once. First come, first served: as a connection
 * has at most one job in each direction, none can crowd the others out.
 */

export class JobQueue {
  readonly jobsMax: number;

  #running = 0;
  #peak = 0;
  readonly #waiting: Set<() => void> = new Set();

  constructor(jobsMax: number) {
    this.jobsMax = jobsMax;
  }

  get running(): number {
    return this.#running;
  }

  /** The most that ever ran at once. */
  get peak(): number {
    return this.#peak;
  }

  get waiting(): number {
    return this.#waiting.size;
  }

  /** Starts `job` now or when its turn comes; whoever ends it calls `leave`, once. */
  enter(job: () => void): void {
    if (this.#running < this.jobsMax) this.#start(job);
    else this.#waiting.add(job);
  }

  /** @returns whether `job` was still waiting, so that it will never start. */
  withdraw(job: () => void): boolean {
    return this.#waiting.delete(job);
  }

  leave(): void {
    this.#running--;
    const [next] = this.#waiting;
    if (next === undefined) return;
    this.#waiting.delete(next);
    this.#start(next);
  }

  #start(job: () => void): void {
    this.#running++;
    this.#peak = Math.max(this.#peak, this.#running);
    job();
  }
}
