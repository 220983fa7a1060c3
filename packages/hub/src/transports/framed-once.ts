// A broadcast is framed once per transport, not once per receiver.

import type { Entry } from "@tidewire/session-protocol";

/**
 * Keeps what a transport made of the entry that it wrote last: a broadcast hands the same entry to
 * all members of a room in a row. Only one is kept, so logs hold no second copy of what they retain.
 */
export class FramedOnce<Made> {
  readonly #make: (entry: Entry) => Made;
  #entry: Entry | undefined;
  #made: Made | undefined;

  constructor(make: (entry: Entry) => Made) {
    this.#make = make;
  }

  of(entry: Entry): Made {
    if (entry !== this.#entry || this.#made === undefined) {
      this.#made = this.#make(entry);
      this.#entry = entry;
    }
    return this.#made;
  }
}
