// How far the server's clock is ahead of ours, from questions and answers: in the middle of the
// quickest round trip both clocks were read at the same moment, up to half of that round trip (Cristian's
// algorithm).

/** The latest questions; clocks drift apart by some milliseconds an hour. */
const samplesMax = 30;

interface Sample {
  readonly offsetMs: number;
  readonly errorMs: number;
}

export class ClockOffset {
  readonly #samples: Sample[] = [];

  /** All three in milliseconds, the first and last by our clock. */
  add(askedAt: number, serverAt: number, answeredAt: number): void {
    const errorMs = (answeredAt - askedAt) / 2;
    this.#samples.push({ offsetMs: serverAt - (askedAt + errorMs), errorMs });
    if (this.#samples.length > samplesMax) this.#samples.shift();
  }

  /** Undefined before the first answer. */
  get offsetMs(): number | undefined {
    return this.#best()?.offsetMs;
  }

  /** The offset is off by this at most. */
  get errorMs(): number | undefined {
    return this.#best()?.errorMs;
  }

  #best(): Sample | undefined {
    return this.#samples.reduce<Sample | undefined>(
      (best, sample) => (best === undefined || sample.errorMs <= best.errorMs ? sample : best),
      undefined,
    );
  }
}
