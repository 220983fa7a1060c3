// How latencies are distributed, in a fixed number of bins whose width grows by two per cent: no
// percentile is off by more than that, and a run of days takes no more memory than one of seconds.

const smallestMs = 0.01;
const growth = Math.log(1.02);
/** Up to 100 s. */
const binCount = Math.ceil(Math.log(1e7) / growth) + 1;

export interface LatencyShare {
  readonly ms: number;
  /** The part of all that took at most so long, from 0 to 1. */
  readonly share: number;
}

export class LatencyHistogram {
  readonly #bins = new Uint32Array(binCount);
  #count = 0;
  #maxMs = 0;

  get count(): number {
    return this.#count;
  }

  /** The longest of all, exactly; 0 when there is none. */
  get maxMs(): number {
    return this.#maxMs;
  }

  /** Below 0.01 ms is the first bin: clocks are not finer. */
  record(ms: number): void {
    const bin = Math.ceil(Math.log(Math.max(ms, smallestMs) / smallestMs) / growth);
    this.#bins[Math.min(bin, binCount - 1)]! += 1;
    this.#count += 1;
    if (ms > this.#maxMs) this.#maxMs = ms;
  }

  clear(): void {
    this.#bins.fill(0);
    this.#count = 0;
    this.#maxMs = 0;
  }

  /** What the given part (0 to 1) of all took at most; undefined when there is none. */
  percentile(part: number): number | undefined {
    const wanted = Math.max(1, Math.ceil(part * this.#count));
    return this.shares().find(({ share }) => share * this.#count >= wanted - 1e-6)?.ms;
  }

  /** The cumulative distribution: one point for each bin that has something in it. */
  shares(): LatencyShare[] {
    const shares: LatencyShare[] = [];
    let sum = 0;
    for (const [bin, count] of this.#bins.entries()) {
      if (count === 0) continue;
      sum += count;
      const ms = Math.min(smallestMs * Math.exp(bin * growth), this.#maxMs);
      shares.push({ ms: Math.max(ms, smallestMs), share: sum / this.#count });
    }
    return shares;
  }
}
