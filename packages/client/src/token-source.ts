// The application's token: fetched by one call at a time, kept until it is refused or runs out.

import { bounds } from "@tidewire/session-protocol";
import type { Alarms } from "./alarms.js";
import { ClientError } from "./client-error.js";
import { tokenMs } from "./limits.js";

/** A token, or who knows one. The provider may be called again at any time, and never twice at once. */
export type TokenProvider = string | (() => string | Promise<string>);

export class TokenSource {
  readonly #provider: TokenProvider | undefined;
  readonly #alarms: Alarms;
  #token: string | undefined;
  #fetching: Promise<string> | undefined;

  constructor(provider: TokenProvider | undefined, alarms: Alarms) {
    this.#provider = provider;
    this.#alarms = alarms;
    if (typeof provider === "string") this.#token = provider;
  }

  /** Whether asking again may give another token. */
  get canRefresh(): boolean {
    return typeof this.#provider === "function";
  }

  /** The token in hand, or the provider's next one. Rejects when the provider throws or hangs. */
  get(): Promise<string> | string | undefined {
    if (this.#token !== undefined || typeof this.#provider !== "function") return this.#token;
    this.#fetching ??= this.#fetch(this.#provider);
    return this.#fetching;
  }

  /** The token in hand is not good any more; a fetch that is under way counts as new. */
  forget(): void {
    if (this.canRefresh) this.#token = undefined;
  }

  async #fetch(provider: () => string | Promise<string>): Promise<string> {
    try {
      // Called in a later turn, so that `#fetching` is set before it can throw.
      const asked = Promise.resolve().then(provider);
      const token = await this.#alarms.within(tokenMs, asked, "The token provider");
      if (typeof token !== "string" || token.length > bounds.tokenMax) {
        throw new ClientError(
          "token",
          `The token is no string, or above ${bounds.tokenMax} characters.`,
        );
      }
      this.#token = token;
      return token;
    } finally {
      this.#fetching = undefined;
    }
  }
}
