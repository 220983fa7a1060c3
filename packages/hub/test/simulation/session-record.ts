// What the witness writes down: events, sessions, and clients.

import type { Site } from "./site.js";

/** An event to a room. */
export interface Said {
  readonly room: string;
  /** Its number among all events. */
  readonly n: number;
  readonly bytes: number;
  /** When, on the hub's clock. */
  readonly at: number;
}

/** A session as it was seen. */
export interface SessionRecord {
  readonly id: string;
  readonly user: string;
  readonly site: Site;
  /** Places in the order of all beginnings and ends. */
  readonly began: number;
  ended: number | undefined;
  isKicked: boolean;
  /** Since when it has no link, on the hub's clock. */
  unlinkedAt: number;
  /** Since when, in time awake, its token has run out. */
  overdueSince: number | undefined;
  readonly rooms: Set<string>;
  readonly owed: Said[];
  readonly heard: Set<number>;
  /** What its client sent, by position; unknown before its client knows of it. */
  ups: Map<number, number> | undefined;
  applied: number;
}

/** A client as it was seen. */
export interface ClientRecord {
  record: SessionRecord | undefined;
  /** Numbers of what it sent by position in its present log. */
  ups: Map<number, number>;
  /** Numbers that hubs applied since the last calm; below `floor` nothing may come any more. */
  readonly applied: Set<number>;
  floor: number;
  /** It was told to go, and not to come back. */
  isOver: boolean;
}
