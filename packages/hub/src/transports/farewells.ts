// Last words to polls: a link of polls may end between two of them, and the next one should learn why.

import { type Batch, type Bye, CloseCode, equalSecrets } from "@tidewire/session-protocol";
import type { Admission } from "../sessions/admission.js";
import type { TransportLimits } from "./limits.js";

interface Farewell {
  readonly secret: string;
  readonly link: number;
  readonly bye: Bye;
  readonly until: number;
}

/** Bounded in number and time; told only to who proves the session. */
export class Farewells {
  readonly #admission: Admission;
  readonly #limits: TransportLimits;
  /** By session id, the oldest first. */
  readonly #kept = new Map<string, Farewell>();

  constructor(admission: Admission, limits: TransportLimits) {
    this.#admission = admission;
    this.#limits = limits;
  }

  keep(session: { readonly id: string; readonly secret: string }, link: number, bye: Bye): void {
    if (bye.code === CloseCode.superseded) return;
    const until = this.#admission.now() + this.#limits.farewellMs;
    this.#kept.delete(session.id);
    this.#kept.set(session.id, { secret: session.secret, link, bye, until });
    this.#forgetOld();
  }

  /** What a batch that found no link should be told; once. */
  take({ session, secret, link }: Batch): Bye | undefined {
    this.#forgetOld();
    const kept = this.#kept.get(session);
    if (kept === undefined || kept.link !== link || !equalSecrets(kept.secret, secret)) return;
    this.#kept.delete(session);
    return kept.bye;
  }

  #forgetOld(): void {
    const now = this.#admission.now();
    for (const [id, { until }] of this.#kept) {
      if (until > now && this.#kept.size <= this.#limits.farewells) return;
      this.#kept.delete(id);
    }
  }
}
