// The page's connection to its server, as the rest of the page sees it. What is behind it can be
// exchanged without touching any page.
import type { ReadonlySignal } from "@preact/signals";

export type ConnectionState =
  | { readonly state: "connecting" }
  | { readonly state: "online" }
  /** The next attempt is at `retryAt`, in milliseconds of `Date.now()`. */
  | { readonly state: "offline"; readonly retryAt: number };

export interface ConnectionHandlers {
  /** A new connection is open: introduce yourself. It counts as online once the server answers. */
  open(): void;
  message(text: string): void;
  /** The connection is lost, with the close code; 1006 when the network went away. */
  lost(code: number): void;
}

export interface Connection {
  readonly state: ReadonlySignal<ConnectionState>;
  /** Connects, and from then on reconnects until `stop`. */
  start(handlers: ConnectionHandlers): void;
  /** @returns false when there is no connection; nothing is kept */
  send(text: string): boolean;
  /** Connects at once instead of at `retryAt`. */
  retryNow(): void;
  stop(): void;
}
