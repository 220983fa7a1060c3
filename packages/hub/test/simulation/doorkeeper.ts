// Who may come in: the `authenticate` of a simulated hub. It takes its time, lets tokens run out, and
// refuses some of them. It knows what a checker must know: which links had to end.

import type { Handshake, Identity } from "../../src/index.js";
import { RefusedError } from "../../src/index.js";
import type { Site } from "./site.js";
import type { Weather } from "./weather.js";

/** A token says whose it is, and for which living session it is, if it is a renewal. */
export function tokenOf(user: string, session: string = ""): string {
  return `${user} ${session}`;
}

export interface Refused {
  readonly session: string;
  readonly link: number;
}

export class Doorkeeper {
  /** Renewals that were refused, with the link that was live then. */
  readonly refused: Refused[] = [];
  readonly #weather: Weather;
  readonly #site: Site;
  /** The latest time at which a token of this user is still good, on the hub's clock. */
  readonly #goodUntil = new Map<string, number>();

  constructor(weather: Weather, site: Site) {
    this.#weather = weather;
    this.#site = site;
  }

  goodUntil(user: string): number {
    return this.#goodUntil.get(user) ?? Number.NEGATIVE_INFINITY;
  }

  async judge({ token = "" }: Handshake): Promise<Identity> {
    const { random } = this.#weather;
    const [user = "", session = ""] = token.split(" ");
    const dice = random.next();
    if (dice < 0.2) await this.#site.sleep(random.below(400));
    else if (dice < 0.5) await Promise.resolve();
    return session === "" ? this.#greet(user) : this.#renew(user, session);
  }

  #greet(user: string): Identity {
    if (this.#weather.strikes("refusedHello", 0.03)) throw new RefusedError("not today");
    return this.#trust(user);
  }

  #renew(user: string, session: string): Identity {
    if (!this.#weather.strikes("refusedRenewal", 0.4)) return this.#trust(user);
    const { live } = this.#site.core(session)?.session ?? {};
    if (live !== undefined) this.refused.push({ session, link: live.number });
    // §7.4: a token of somebody else (4403) is as bad as a refused one (4401).
    if (this.#weather.random.chance(0.5)) return { user: "somebody-else", renewMs: 60_000 };
    throw new RefusedError("no more");
  }

  #trust(user: string): Identity {
    const renewMs = 2_000 + this.#weather.random.below(8_000);
    this.#goodUntil.set(user, Math.max(this.goodUntil(user), this.#site.now() + renewMs));
    return { user, renewMs };
  }
}
