// Bytes per second over the last minute, from the server's growing counts.
import { type LabTransport, type LineCounts, labTransports } from "../../../shared/lab/contract.js";

/** A minute of counts that come twice a second, and the seconds before it that a rate looks back. */
const countsMax = 126;
/** A rate is taken over so many counts, three seconds: else each short poll would be a spike. */
const lookBack = 6;

interface Taken {
  readonly at: number;
  readonly bytes: ReadonlyMap<LabTransport, number>;
}

/** The counts at first are of less than the look-back; two make a rate. */
export class ByteRates {
  readonly #taken: Taken[] = [];
  #startedAt = 0;

  /** @param now milliseconds since any origin */
  add(now: number, counts: readonly LineCounts[]): void {
    const bytes = new Map(counts.map(({ transport, total }) => [transport, total.up + total.down]));
    if (this.#taken.length === 0) this.#startedAt = now;
    this.#taken.push({ at: now, bytes });
    if (this.#taken.length > countsMax) this.#taken.shift();
  }

  clear(): void {
    this.#taken.length = 0;
  }

  /** Seconds since the first count. */
  seconds(): number[] {
    return this.#taken.slice(1).map(({ at }) => (at - this.#startedAt) / 1_000);
  }

  /** Both directions, per second, at each of `seconds`; null where nothing is known. */
  of(transport: LabTransport): (number | null)[] {
    return this.#taken.slice(1).map(({ at, bytes }, index) => {
      const from = this.#taken[Math.max(0, index + 1 - lookBack)]!;
      const [before, after] = [from.bytes.get(transport), bytes.get(transport)];
      if (before === undefined || after === undefined || at === from.at) return null;
      return ((after - before) * 1_000) / (at - from.at);
    });
  }

  /** All transports at once, as charts take them. */
  table(): [number[], ...(number | null)[][]] {
    return [this.seconds(), ...labTransports.map((transport) => this.of(transport))];
  }
}
