// What each address may take: links without a hello at the same time, and requests per second.

import { groupOf } from "../sessions/address-group.js";
import type { GatePolicy } from "../sessions/admission.js";
import { TokenBucket } from "../time/token-bucket.js";
import type { TransportLimits } from "./limits.js";

/** Gives a place back; further calls do nothing. */
export type Release = () => void;

export class Places {
  readonly #policy: GatePolicy;
  readonly #limits: TransportLimits;
  readonly #now: () => number;
  readonly #waiting = new Map<string, number>();
  /** In the order of use: the first is the one used longest ago. */
  readonly #rates = new Map<string, TokenBucket>();
  /** The last of them. */
  #latest: string | undefined;
  #total = 0;

  constructor(policy: GatePolicy, limits: TransportLimits, now: () => number) {
    this.#policy = policy;
    this.#limits = limits;
    this.#now = now;
  }

  /** How many wait now. */
  get waiting(): number {
    return this.#total;
  }

  /** Counts a request against its address's rate; answers 0, or after how many ms it may come again. */
  spend(address: string): number {
    const group = groupOf(address);
    const { requestsPerSecond, requestsBurst, addresses } = this.#limits;
    const now = this.#now();
    const bucket =
      this.#rates.get(group) ??
      new TokenBucket({ perSecond: requestsPerSecond, burst: requestsBurst }, now);
    if (group !== this.#latest) {
      this.#latest = group;
      this.#rates.delete(group);
      this.#rates.set(group, bucket);
      if (this.#rates.size > addresses) this.#rates.delete(this.#rates.keys().next().value!);
    }
    return bucket.take(1, now) ? 0 : Math.max(1, Math.ceil(bucket.readyAt(1, now) - now));
  }

  /** Whether the address has a place left: false when it, or all together, have too many. */
  hasRoom(address: string): boolean {
    if (this.#total === 0) return true;
    const count = this.#waiting.get(groupOf(address)) ?? 0;
    const { waitingLinks, waitingLinksPerAddress } = this.#policy;
    return count < waitingLinksPerAddress && this.#total < waitingLinks;
  }

  /** A place to wait in, or undefined when there is none. */
  take(address: string): Release | undefined {
    if (!this.hasRoom(address)) return undefined;
    const group = groupOf(address);
    const count = this.#waiting.get(group) ?? 0;
    this.#waiting.set(group, count + 1);
    this.#total += 1;
    let isTaken = true;
    return () => {
      if (!isTaken) return;
      isTaken = false;
      this.#total -= 1;
      const left = (this.#waiting.get(group) ?? 1) - 1;
      if (left === 0) this.#waiting.delete(group);
      else this.#waiting.set(group, left);
    };
  }
}
