// What a session is given, and what it tells: its options and its handler.

import type { Entry } from "./entry.js";
import type { Limits } from "./limits.js";
import type { Link } from "./link.js";
import type { Answer, Payload, Renew, Token, Welcome } from "./packet.js";

/** What a server does when an entry does not fit into the log (§7.5). A client refuses it (§2.2). */
export type Overflow = "refuse" | "gap" | "end";

export interface ClientSessionOptions {
  readonly handler: SessionHandler;
  /** In force until the welcome tells the server's. Default `defaultLimits`. */
  readonly limits?: Limits;
}

export interface ServerSessionOptions {
  readonly handler: SessionHandler;
  /** Told to the client. Default `defaultLimits`. */
  readonly limits?: Limits;
  /** The public id of §12.1. */
  readonly id?: string;
  /** Default `gap`. */
  readonly overflow?: Overflow;
  /** How old an entry may grow without a link, in ms. Default `limits.sessionMs`. */
  readonly retentionMs?: number;
}

/** For either role; a client makes no use of what only a server has. */
export interface SessionOptions extends ServerSessionOptions {
  readonly role: "client" | "server";
}

/** Called synchronously; may call the session again. Must not throw. */
export interface SessionHandler {
  /** Server: the bytes of the message or body whose packets come next, as its link was told. */
  arrived?(bytes: number): void;
  /** A packet of the other side: entries once and in order, volatile events, `token`, `renew`. */
  packet(packet: Payload | Token | Renew): void;
  /** A link was accepted: how the session continues. */
  linked(linked: Linked): void;
  /** A link ended; the session continues. */
  unlinked(end: LinkEnd): void;
  /** The other side has all our entries below `count`. */
  acknowledged?(count: number): void;
  /** The session is over. Nothing is called afterwards. */
  ended(end: LinkEnd): void;
}

export interface Linked {
  readonly answer: Answer;
  /** Why a former session does not continue, or has a gap: that of the welcome, or of its end. */
  readonly reason: string | undefined;
  readonly link: Link;
  /** Entries of the other side that are lost for ever; above 0 only with `gap`. */
  readonly lost: number;
  /** Client, `fresh`: sent in the former session, whether applied is not known (§5.7). */
  readonly unknown: readonly Entry[];
  /** Client, `fresh`: never written to a link in the former session; may be sent again. */
  readonly unsent: readonly Entry[];
  /** Client: the welcome itself. */
  readonly welcome: Welcome | undefined;
}

export interface LinkEnd {
  /** The link's number; 0 when the session ended without one. */
  readonly link: number;
  /** A code of §11, or 0 when the transport ended without one. */
  readonly code: number;
  readonly reason: string;
  /** Whether the client should link again: the table of §11, or what the `bye` said. */
  readonly reconnect: boolean;
  readonly retryMs: number | undefined;
  readonly versions: readonly number[] | undefined;
  /** Whether it was the live link; false for one that was never welcomed. */
  readonly wasLive: boolean;
}

/** What a server may add to a `bye` (§4.2). */
export interface ByeDetails {
  readonly reconnect?: boolean;
  readonly retryMs?: number;
}
