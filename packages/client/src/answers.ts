// The server's requests under way here (PROTOCOL.md §8.2): handlers run, and their answers leave.

import {
  DataError,
  type Failure,
  fault,
  type Reply,
  type Request,
} from "@tidewire/session-protocol";
import type { RequestHandler } from "./calls.js";
import { ClientError } from "./client-error.js";
import type { Core } from "./core.js";

export class Answers {
  readonly #core: Core;
  readonly #answer: (answer: Reply | Failure) => void;
  readonly #running = new Map<number, AbortController>();

  /** `answer` sends, and throws for what cannot be sent. */
  constructor(core: Core, answer: (answer: Reply | Failure) => void) {
    this.#core = core;
    this.#answer = answer;
  }

  async run(request: Request, data: unknown, handler: RequestHandler | undefined): Promise<void> {
    const { id, name } = request;
    const { session, schemas } = this.#core;
    if (this.#running.has(id)) {
      const detail = "a second request with the id of a pending one";
      this.#core.fail(fault("unexpected", "8.2", detail));
      return;
    }
    if (this.#running.size >= session.limits.requests) {
      const message = `${this.#running.size} requests are under way.`;
      this.#answer({ type: "failure", id, code: "busy", message });
      return;
    }
    const abort = new AbortController();
    this.#running.set(id, abort);
    const isWanted = (): boolean => this.#running.get(id) === abort;
    try {
      // Removed while its schema was at work.
      if (handler === undefined) throw new ClientError("unknown-name", `Nobody handles "${name}".`);
      const reply = await handler(data, { name, signal: abort.signal });
      await schemas.validate("server", name, "reply", reply);
      if (isWanted()) this.#answer({ type: "reply", id, data: reply });
    } catch (error) {
      const failure = this.#failureOf(id, error);
      if (isWanted()) this.#answer(failure);
    }
    if (isWanted()) this.#running.delete(id);
  }

  /** The server does not wait any more. */
  abort(id: number): void {
    const running = this.#running.get(id);
    this.#running.delete(id);
    running?.abort(new ClientError("aborted", "The server stopped waiting."));
  }

  /** Nobody waits for any of them. */
  drop(why: string): void {
    const running = [...this.#running.values()];
    this.#running.clear();
    for (const abort of running) abort.abort(new ClientError(why, "The session is over."));
  }

  /** The words of our own errors are for the server; those of others stay here. */
  #failureOf(id: number, error: unknown): Failure {
    const type = "failure";
    if (error instanceof ClientError || error instanceof DataError) {
      const code = error instanceof ClientError ? error.code : "invalid";
      return { type, id, code, message: error.message.slice(0, 1_000) };
    }
    this.#core.reportError(error);
    return { type, id, code: "internal", message: "The client's handler failed." };
  }
}
