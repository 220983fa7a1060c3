// The data of the event `presence` (PROTOCOL.md §8.5): who is in a room, and who came and went.

/** The name of that event. It is the hub's own, outside of every contract. */
export const presenceEvent = "presence";

/** Somebody in a room. */
export interface PresentMember {
  /** The public id of their session. */
  readonly id: string;
  /** As the hub's `authenticate` named them; absent without. */
  readonly user?: string;
  /** What they show of themselves in this room; absent when nothing. */
  readonly state?: unknown;
}

/** Who came, went or changed in a room, gathered over a moment. */
export interface PresenceChange {
  /** How many are in the room now, in the whole cluster. */
  readonly count: number;
  /** To those who have just come: all who were there. */
  readonly here?: readonly PresentMember[];
  readonly joined?: readonly PresentMember[];
  /** Ids. */
  readonly left?: readonly string[];
  /** With their new state. */
  readonly changed?: readonly PresentMember[];
  /** False when there was more to tell than the hub names at once: ask for the whole list. */
  readonly complete: boolean;
}
