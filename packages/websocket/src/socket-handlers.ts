/** What a socket tells its user, and the states that it goes through. */
import type { CloseInfo } from "@tidewire/ws-protocol";

/** The WHATWG's numbers. */
export const ReadyState = { CONNECTING: 0, OPEN: 1, CLOSING: 2, CLOSED: 3 } as const;
export type ReadyState = (typeof ReadyState)[keyof typeof ReadyState];

/** How a connection ended. */
export interface Closure extends CloseInfo {
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
}

/**
 * Receives what happens on a socket, without an object per message. `this` is not used; one set of
 * handlers serves all sockets of a server. What a handler throws surfaces as an uncaught exception;
 * the socket goes on.
 */
export interface SocketHandlers<S> {
  /**
   * A whole message: text as a string, binary as bytes that belong to the handler. Unlike `message`
   * events, which the WHATWG ends with `close()`, it is called for all that arrives until the peer's
   * Close frame.
   */
  message?: ((socket: S, data: string | Uint8Array, isBinary: boolean) => void) | undefined;
  /** A ping arrived and was answered. */
  ping?: ((socket: S, payload: Uint8Array) => void) | undefined;
  pong?: ((socket: S, payload: Uint8Array) => void) | undefined;
  /** Everything that waited to be sent is with the kernel, after the queue had been full. */
  drain?: ((socket: S) => void) | undefined;
  /** Why the connection failed; at most once, right before `close`. */
  error?: ((socket: S, error: Error) => void) | undefined;
  /** The last thing that happens to a socket. */
  close?: ((socket: S, code: number, reason: string, wasClean: boolean) => void) | undefined;
}
