// How often a token may be wrong, by session and by address. Right ones cost nothing; but while a limit
// is reached none is compared, the right one neither, or the answer would tell it apart.
import type { Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import { TokenBucket } from "../../token-bucket.js";
import { addressesMax, wrongPerAddress, wrongPerSession } from "./limits.js";

interface Count {
  readonly bucket: TokenBucket;
  blockedUntil: number;
}

export class WrongTokens {
  readonly #sessions = new WeakMap<Peer<ShowcaseContract>, Count>();
  readonly #addresses = new Map<string, Count>();
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  get addresses(): number {
    return this.#addresses.size;
  }

  /** Milliseconds until the next token is looked at; 0: now. */
  waitOf(peer: Peer<ShowcaseContract>): number {
    const counts = [this.#sessions.get(peer), this.#addresses.get(peer.address)];
    const until = Math.max(...counts.map((count) => count?.blockedUntil ?? 0));
    return Math.max(0, Math.ceil(until - this.#now()));
  }

  /** Counts one; answers as `waitOf`. */
  add(peer: Peer<ShowcaseContract>): number {
    const now = this.#now();
    for (const count of [this.#ofSession(peer, now), this.#ofAddress(peer.address, now)]) {
      const waitMs = count.bucket.take(now);
      if (waitMs > 0) count.blockedUntil = now + waitMs;
    }
    return this.waitOf(peer);
  }

  #ofSession(peer: Peer<ShowcaseContract>, now: number): Count {
    const known = this.#sessions.get(peer);
    if (known !== undefined) return known;
    const count = newCount(wrongPerSession, now);
    this.#sessions.set(peer, count);
    return count;
  }

  #ofAddress(address: string, now: number): Count {
    const known = this.#addresses.get(address);
    if (known !== undefined) return known;
    const count = newCount(wrongPerAddress, now);
    this.#addresses.set(address, count);
    if (this.#addresses.size > addressesMax) {
      for (const oldest of this.#addresses.keys()) {
        this.#addresses.delete(oldest);
        break;
      }
    }
    return count;
  }
}

function newCount({ burst, perSecond }: { burst: number; perSecond: number }, now: number): Count {
  return { bucket: new TokenBucket(burst, perSecond, now), blockedUntil: 0 };
}
