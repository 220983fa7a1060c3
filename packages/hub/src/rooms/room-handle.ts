// A room by name: who is in it, and what was said.

import type { Page, Position } from "../history/position.js";
import type { Found } from "./audience.js";
import type { PresentMember } from "./presence.js";

/** An event of a room's history. */
export interface PastEvent {
  readonly name: string;
  readonly data?: unknown;
}

/** What the hub does for rooms. */
export interface RoomHost {
  past(room: string, since: Position | undefined, max: number): Promise<Page<PastEvent>>;
  present(room: string): readonly PresentMember[];
  membersOf(room: string): Promise<Found>;
  ready(room: string): Promise<void>;
}

export class RoomHandle {
  readonly name: string;
  readonly #host: RoomHost;

  /** Made by the hub: `hub.room(name)`. */
  constructor(name: string, host: RoomHost) {
    this.name = name;
    this.#host = host;
  }

  /**
   * What is kept of the room: the events after `since`, oldest first; without it the newest `max`
   * (default 100, at most 1,000). `complete` says whether nothing after `since` is missing.
   */
  history(options: { since?: Position; max?: number } = {}): Promise<Page<PastEvent>> {
    return this.#host.past(this.name, options.since, options.max ?? 100);
  }

  /**
   * Who is in the room, with their states, as this node knows it: exact for its own members, behind by
   * an interval for others. Empty when nobody of this node is in it, or it has no presence.
   */
  get present(): readonly PresentMember[] {
    return this.#host.present(this.name);
  }

  /**
   * Resolves when events of other nodes reach this room's members here: at once with the in-memory
   * backplane, after its subscription with an engine. Await it between `join` and `replay`.
   */
  ready(): Promise<void> {
    return this.#host.ready(this.name);
  }

  /** Asks all nodes who is in the room. */
  members(): Promise<Found> {
    return this.#host.membersOf(this.name);
  }
}
