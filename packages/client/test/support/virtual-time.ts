// A clock that moves only when a test says so. Promises settle between two events.

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

export class VirtualTime {
  now = 1_000_000;
  #planned: Planned[] = [];
  #order = 0;

  after(delayMs: number, run: () => void): Planned {
    const planned = { at: this.now + Math.max(0, delayMs), order: this.#order++, run };
    this.#planned.push(planned);
    return planned;
  }

  cancel(planned: unknown): void {
    this.#planned = this.#planned.filter((other) => other !== planned);
  }

  get size(): number {
    return this.#planned.length;
  }

  /** Lets `ms` pass, event by event. */
  async pass(ms: number): Promise<void> {
    const end = this.now + ms;
    await settled();
    for (let next = this.#nextBefore(end); next !== undefined; next = this.#nextBefore(end)) {
      this.cancel(next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
    this.now = end;
  }

  /** Lets time pass until something is true; fails after `limitMs`. */
  async until(isTrue: () => boolean, limitMs = 60_000): Promise<void> {
    const end = this.now + limitMs;
    await settled();
    while (!isTrue()) {
      const next = this.#nextBefore(end);
      if (next === undefined) throw new Error(`Not true within ${limitMs} ms of virtual time.`);
      this.cancel(next);
      this.now = Math.max(this.now, next.at);
      next.run();
      await settled();
    }
  }

  /** The clock leaps, as when a machine slept: what was due is late. */
  leap(ms: number): void {
    this.now += ms;
  }

  #nextBefore(end: number): Planned | undefined {
    let next: Planned | undefined;
    for (const planned of this.#planned) {
      if (planned.at > end) continue;
      if (next === undefined || planned.at < next.at) next = planned;
      else if (planned.at === next.at && planned.order < next.order) next = planned;
    }
    return next;
  }
}

/** All promises that can settle have settled. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => setImmediate(resolve));
}
