// That a client went before its answer was complete.

import type { ServerResponse } from "node:http";
import type { Departure } from "../sessions/departure.js";

export class ResponseEnd implements Departure {
  readonly #response: ServerResponse;
  /** Undefined until somebody wants to know. */
  #listeners: (() => void)[] | undefined;

  constructor(response: ServerResponse) {
    this.#response = response;
  }

  get aborted(): boolean {
    return this.#response.closed && !this.#response.writableFinished;
  }

  addEventListener(_type: "abort", listen: () => void): void {
    if (this.#listeners === undefined) {
      this.#listeners = [];
      this.#response.on("close", () => this.#closed());
    }
    if (!this.#listeners.includes(listen)) this.#listeners.push(listen);
  }

  removeEventListener(_type: "abort", listen: () => void): void {
    const at = this.#listeners?.indexOf(listen) ?? -1;
    if (at >= 0) this.#listeners!.splice(at, 1);
  }

  #closed(): void {
    if (this.#response.writableFinished) return;
    // Taken out as they are called, as `once` says; every listener here is of that kind.
    const listeners = this.#listeners!.splice(0);
    for (const listen of listeners) listen();
  }
}
