/**
 * A handshake that waits for `authenticate`. The client may go away, the deadline may pass and the
 * server may close meanwhile; whatever comes first ends it, once. Early bytes of the client wait in
 * the socket's own buffer, which is bounded, since nobody reads.
 */
import type { Socket as NetSocket } from "node:net";

/** Why a handshake ended before `authenticate` did. */
export type AbortCause = "gone" | "timeout" | "closing";

/** What is told once, unless the handshake is finished before. */
export type AbortListener<A extends { readonly netSocket: NetSocket }> = (
  attempt: A,
  cause: AbortCause,
  pending: PendingHandshake<A>,
) => void;

/**
 * A promise that never settles would keep whatever its reactions refer to. They refer to this, which
 * lets go of the attempt, its request and its socket as soon as it is over.
 */
export class PendingHandshake<A extends { readonly netSocket: NetSocket }> {
  readonly #onAbort: AbortListener<A>;
  #attempt: A | undefined;
  #timer: NodeJS.Timeout | undefined;
  readonly #onGone = (): void => this.abort("gone");

  constructor(attempt: A, timeoutMs: number, onAbort: AbortListener<A>) {
    this.#attempt = attempt;
    this.#onAbort = onAbort;
    this.#timer = setTimeout(() => this.abort("timeout"), timeoutMs);
    const { netSocket } = attempt;
    netSocket.on("error", this.#onGone);
    netSocket.on("close", this.#onGone);
    // A client that has ended its side cannot open a WebSocket any more.
    netSocket.on("end", this.#onGone);
  }

  /** The socket keeps its listeners: an error that is reported later still needs one. */
  abort(cause: AbortCause): void {
    const attempt = this.#take();
    if (attempt !== undefined) this.#onAbort(attempt, cause, this);
  }

  /** `authenticate` has answered. Undefined if that was too late. */
  finish(): A | undefined {
    const attempt = this.#take();
    attempt?.netSocket.off("error", this.#onGone);
    attempt?.netSocket.off("close", this.#onGone);
    attempt?.netSocket.off("end", this.#onGone);
    return attempt;
  }

  #take(): A | undefined {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    return attempt;
  }
}
