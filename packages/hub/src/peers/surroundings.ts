// What a peer's session needs of its hub. One object per hub, so a peer costs no closures.

import type { Entry, Limits, LinkEnd } from "@tidewire/session-protocol";
import type { Checker } from "../contract/checker.js";
import type { Handlers } from "../events/handlers.js";
import type { Page, Position } from "../history/position.js";
import type { HubLimits } from "../limits.js";
import type { Counter } from "../metrics.js";
import type { Rooms } from "../rooms/rooms.js";
import type { Ticking } from "../time/wheel.js";
import type { PeerSession } from "./peer-session.js";

/** Something of the peer's that was not handled: told to `hub.onRefused`. */
export interface Refusal {
  readonly type: "event" | "request" | "stream";
  readonly name: string;
  readonly code: string;
  readonly message: string;
}

export interface Surroundings {
  readonly limits: HubLimits;
  /** Those of them that a welcome tells (§9). */
  readonly told: Limits;
  readonly checker: Checker;
  readonly handlers: Handlers;
  readonly rooms: Rooms<PeerSession>;
  now(): number;
  schedule(member: Ticking): void;
  count(name: Counter, value: number, label?: string): void;
  /** Ids of requests are the hub's, so that one can go to many peers (§8.2). */
  nextRequestId(): number;
  /** An error of the program's own: in a handler, a hook or a middleware. */
  failed(error: unknown, doing: string, peer: PeerSession | undefined): void;
  refused(peer: PeerSession, refusal: Refusal): void;
  /** The client sent a new token. */
  renew(peer: PeerSession, token: string): void;
  linked(peer: PeerSession): void;
  unlinked(peer: PeerSession, end: LinkEnd): void;
  ended(peer: PeerSession, end: LinkEnd): void;
  /** A member shows another state of itself in a room. */
  presence(peer: PeerSession, room: string, state: unknown): void;
  /** Sends the kept events of a room after a position. */
  replay(
    peer: PeerSession,
    room: string,
    since: Position | undefined,
    max: number,
  ): Promise<Page<Entry>>;
}
