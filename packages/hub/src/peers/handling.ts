// A request of a client while it is handled: what its handler may know of it.

import type { Request } from "@tidewire/session-protocol";
import type { RequestInfo } from "../events/handlers.js";

/** Makes its signal when a handler looks at it; most never do, and it costs more than an answer. */
export class Handling implements RequestInfo {
  readonly id: number;
  readonly name: string;
  readonly timeoutMs: number | undefined;
  #controller: AbortController | undefined;
  #reason: unknown;
  #state: "open" | "answered" | "aborted" = "open";

  constructor({ id, name, timeoutMs }: Pick<Request, "id" | "name" | "timeoutMs">) {
    this.id = id;
    this.name = name;
    this.timeoutMs = timeoutMs;
  }

  get isAborted(): boolean {
    return this.#state === "aborted";
  }

  /** Answered or aborted. */
  get isOver(): boolean {
    return this.#state !== "open";
  }

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.isAborted) this.#controller.abort(this.#reason);
    }
    return this.#controller.signal;
  }

  /** Takes the right to answer, which there is once, and not after an abort. */
  answer(): boolean {
    if (this.#state !== "open") return false;
    this.#state = "answered";
    return true;
  }

  abort(reason: unknown): void {
    if (this.#state !== "open") return;
    this.#state = "aborted";
    this.#reason = reason;
    this.#controller?.abort(reason);
  }
}
