// Rates per address (IPv6: per /64): hellos, and wrong secrets. A bounded table; whoever is quiet is forgotten.

import type { HubLimits } from "../limits.js";
import { TokenBucket } from "../time/token-bucket.js";
import { groupOf } from "./address-group.js";

interface Buckets {
  readonly hellos: TokenBucket;
  readonly wrongSecrets: TokenBucket;
}

export class AddressLimits {
  readonly #limits: HubLimits;
  /** In order of last use. */
  readonly #addresses = new Map<string, Buckets>();
  /** Whether there ever was a wrong secret: mostly not, and nobody need be looked for. */
  #wasWrong = false;

  constructor(limits: HubLimits) {
    this.#limits = limits;
  }

  get size(): number {
    return this.#addresses.size;
  }

  /** Counts a hello; answers 0 when it may come in, else for how many ms not. */
  hello(address: string, now: number): number {
    const { hellos, wrongSecrets } = this.#of(address, now);
    // Who guesses secrets is not let in for a while, right guess or not.
    const wait = Math.max(hellos.readyAt(1, now), wrongSecrets.readyAt(1, now)) - now;
    if (wait > 0) return Math.ceil(wait);
    hellos.take(1, now);
    return 0;
  }

  /** Whether a batch of this address may prove a secret now. */
  mayProve(address: string, now: number): number {
    if (!this.#wasWrong) return 0;
    const known = this.#addresses.get(groupOf(address));
    return known === undefined ? 0 : Math.ceil(known.wrongSecrets.readyAt(1, now) - now);
  }

  wrongSecret(address: string, now: number): void {
    this.#wasWrong = true;
    this.#of(address, now).wrongSecrets.take(1, now);
  }

  #of(address: string, now: number): Buckets {
    const { hellosPerSecond, hellosBurst, wrongSecretsPerSecond, wrongSecretsBurst } = this.#limits;
    const group = groupOf(address);
    const buckets = this.#addresses.get(group) ?? {
      hellos: new TokenBucket({ perSecond: hellosPerSecond, burst: hellosBurst }, now),
      wrongSecrets: new TokenBucket(
        { perSecond: wrongSecretsPerSecond, burst: wrongSecretsBurst },
        now,
      ),
    };
    this.#addresses.delete(group);
    this.#addresses.set(group, buckets);
    if (this.#addresses.size > this.#limits.addresses) this.#forgetOldest();
    return buckets;
  }

  #forgetOldest(): void {
    for (const group of this.#addresses.keys()) {
      this.#addresses.delete(group);
      return;
    }
  }
}
