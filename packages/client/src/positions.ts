// How far this client has followed the history of each room: what to name when it asks for the rest.

import type { EventInfo } from "./inbox.js";
import { positionsMax } from "./limits.js";

/** A place in a room's history. Offsets of different epochs cannot be compared. */
export interface Position {
  readonly epoch: string;
  readonly offset: number;
}

export class Positions {
  readonly #byRoom = new Map<string, Position>();

  /** Takes the place of an event; one of an older offset of the same epoch changes nothing. */
  note(place: Pick<EventInfo, "room" | "epoch" | "offset">): void {
    const { room, epoch, offset } = place;
    if (room === undefined || epoch === undefined || offset === undefined) return;
    const known = this.#byRoom.get(room);
    if (known?.epoch === epoch && known.offset >= offset) return;
    // The order of a Map is that of insertion: the room heard last moves to the end.
    this.#byRoom.delete(room);
    this.#byRoom.set(room, { epoch, offset });
    if (this.#byRoom.size > positionsMax) {
      this.#byRoom.delete(this.#byRoom.keys().next().value as string);
    }
  }

  get(room: string): Position | undefined {
    return this.#byRoom.get(room);
  }

  forget(room: string): void {
    this.#byRoom.delete(room);
  }
}
