// What the links of all transports have in common: they belong to one set, which can be closed.

import type { Bye, Link, LinkPort } from "@tidewire/session-protocol";

/** A link's port as its transport keeps it. */
export interface Carrier extends LinkPort {
  /** The link, once it was admitted. */
  readonly link: Link | undefined;
  /** The `bye` that the session wrote last on it. */
  readonly end: Bye | undefined;
  /** Says goodbye to the client, and tells the session that the link is lost. */
  leave(bye: Bye, now: number): void;
}

/** The links that are open on one set of transports. */
export class Carriers {
  readonly #open = new Set<Carrier>();

  get size(): number {
    return this.#open.size;
  }

  add(carrier: Carrier): void {
    this.#open.add(carrier);
  }

  delete(carrier: Carrier): void {
    this.#open.delete(carrier);
  }

  leave(bye: Bye, now: number): void {
    for (const carrier of [...this.#open]) carrier.leave(bye, now);
  }
}
