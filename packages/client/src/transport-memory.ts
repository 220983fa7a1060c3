// Which transport worked for a hub the last time, across reloads.

import { rememberMs } from "./limits.js";
import type { StorageLike } from "./platform.js";

const prefix = "tidewire:transport:";

/** A remembered name; storage that is missing, full, blocked or garbled is as if nothing was there. */
export class TransportMemory {
  readonly #storage: StorageLike | undefined;
  readonly #key: string;

  constructor(storage: StorageLike | undefined, hub: string) {
    this.#storage = storage;
    this.#key = prefix + hub;
  }

  recall(now: number): string | undefined {
    try {
      const [name, at] = (this.#storage?.getItem(this.#key) ?? "").split(" ");
      const age = now - Number(at);
      return age >= 0 && age < rememberMs ? name : undefined;
    } catch {
      return undefined;
    }
  }

  remember(name: string, now: number): void {
    try {
      this.#storage?.setItem(this.#key, `${name} ${now}`);
    } catch {
      // Nothing depends on it.
    }
  }
}
