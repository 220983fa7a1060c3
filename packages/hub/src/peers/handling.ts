// A request of a client while it is handled: what its handler may know of it.

import type { RequestInfo } from "../events/handlers.js";

/** Makes its signal when a handler looks at it; most never do, and it costs more than an answer. */
export class Handling implements RequestInfo {
  readonly name: string;
  readonly timeoutMs: number | undefined;
  #controller: AbortController | undefined;
  #reason: unknown;
  #isAborted = false;

  constructor(name: string, timeoutMs: number | undefined) {
    this.name = name;
    this.timeoutMs = timeoutMs;
  }

  get isAborted(): boolean {
    return this.#isAborted;
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  abort(reason: unknown): void {
    if (this.#isAborted) return;
    this.#isAborted = true;
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
