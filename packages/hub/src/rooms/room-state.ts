// What a room keeps beside its members, by what the program said of rooms of that name.

import type { Follower } from "../history/follower.js";
import type { Retention } from "../history/position.js";
import { defaultRetention } from "../limits.js";
import type { RoomPresence } from "./presence.js";

/** What a room does besides having members. Decided by the function `rooms` of the hub's options. */
export interface RoomOptions {
  /** Tells its members who is there: see `presenceEvent`. Default false. */
  readonly presence?: boolean;
  /**
   * Keeps its events in the backplane, each with a position. `true`: 1,000 events, 1 MiB, a day.
   * Default: nothing is kept.
   */
  readonly history?: boolean | Partial<Retention>;
}

/** State of a room with members on this node. */
export interface RoomState {
  /** Resolves when messages of other nodes arrive. */
  readonly ready: Promise<void>;
  readonly presence: RoomPresence | undefined;
  readonly follower: Follower | undefined;
  /** Of each other node, the number of its last presence message here. */
  readonly turns: Map<string, number>;
  /** The number of our own. */
  turn: number;
}

/** What is kept of a room's events; undefined: nothing. */
export function retentionOf(options: RoomOptions | undefined): Retention | undefined {
  const history = options?.history;
  if (history === undefined || history === false) return undefined;
  return history === true ? defaultRetention : { ...defaultRetention, ...history };
}
