/**
 * A handshake that waits for `authenticate`. The client may go away, the deadline may pass and the
 * server may close meanwhile; whatever comes first ends it, once. Early bytes of the client wait in
 * the socket's own buffer, which is bounded, since nobody reads.
 */
import type { Socket as NetSocket } from "node:net";

/** Why a handshake ended before `authenticate` did. */
export type AbortCause = "gone" | "timeout" | "closing";

export class PendingHandshake {
  #netSocket: NetSocket | undefined;
  #onAbort: ((cause: AbortCause) => void) | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onGone = (): void => this.abort("gone");

  /** @param onAbort called at most once, and never after `finish`. */
  constructor(netSocket: NetSocket, timeoutMs: number, onAbort: (cause: AbortCause) => void) {
    this.#netSocket = netSocket;
    this.#onAbort = onAbort;
    this.#timer = setTimeout(() => this.abort("timeout"), timeoutMs);
    netSocket.on("error", this.#onGone);
    netSocket.on("close", this.#onGone);
    // A client that has ended its side cannot open a WebSocket any more.
    netSocket.on("end", this.#onGone);
  }

  abort(cause: AbortCause): void {
    const onAbort = this.#onAbort;
    // An error may be reported after the end; it still needs a listener, which is kept then.
    if (onAbort === undefined) return;
    clearTimeout(this.#timer);
    this.#forget();
    onAbort(cause);
  }

  /** `authenticate` has answered. False if that was too late. */
  finish(): boolean {
    const netSocket = this.#netSocket;
    if (netSocket === undefined) return false;
    clearTimeout(this.#timer);
    netSocket.off("error", this.#onGone);
    netSocket.off("close", this.#onGone);
    netSocket.off("end", this.#onGone);
    this.#forget();
    return true;
  }

  /** A promise that never settles would otherwise keep the socket and all that belongs to it. */
  #forget(): void {
    this.#netSocket = undefined;
    this.#onAbort = undefined;
  }
}
