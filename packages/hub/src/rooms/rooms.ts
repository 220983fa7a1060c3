// The rooms of this node: who is in which. A room is there while somebody of this node is in it.

import { FailureError } from "../failure.js";
import { type HubLimits, roomNameMax } from "../limits.js";
import type { Member } from "./member.js";

/** A room with members on this node. */
export interface Room<M extends Member> {
  readonly name: string;
  readonly members: Set<M>;
}

/** The rooms of all members that are in none. */
export const noRooms: readonly string[] = [];

/** Told when the first one comes and the last one goes. Must not throw. */
export interface RoomsHandler<M extends Member> {
  opened(name: string): void;
  joined(name: string, member: M): void;
  left(name: string, member: M): void;
  closed(name: string): void;
}

export class Rooms<M extends Member> {
  readonly #rooms = new Map<string, Room<M>>();
  readonly #limits: Pick<HubLimits, "rooms" | "roomsPerPeer">;
  readonly #handler: RoomsHandler<M>;

  constructor(limits: Pick<HubLimits, "rooms" | "roomsPerPeer">, handler: RoomsHandler<M>) {
    this.#limits = limits;
    this.#handler = handler;
  }

  get size(): number {
    return this.#rooms.size;
  }

  names(): IterableIterator<string> {
    return this.#rooms.keys();
  }

  /** Those of this node who are in a room. */
  members(name: string): ReadonlySet<M> | undefined {
    return this.#rooms.get(name)?.members;
  }

  /**
   * Adds a member; false when it is in there already.
   * @throws {FailureError} `busy` above `roomsPerPeer` or `rooms`.
   * @throws {TypeError} for what cannot be the name of a room.
   */
  join(name: string, member: M): boolean {
    checkRoomName(name);
    let room = this.#rooms.get(name);
    if (room?.members.has(member)) return false;
    if (member.rooms.length >= this.#limits.roomsPerPeer) {
      const { roomsPerPeer } = this.#limits;
      throw new FailureError("busy", `In ${roomsPerPeer} rooms already (limits.roomsPerPeer).`);
    }
    if (room === undefined) {
      if (this.#rooms.size >= this.#limits.rooms) {
        throw new FailureError("busy", `${this.#limits.rooms} rooms are open (limits.rooms).`);
      }
      room = { name, members: new Set() };
      this.#rooms.set(name, room);
      this.#handler.opened(name);
    }
    room.members.add(member);
    // Not spread: V8 leaves sixteen places free behind that.
    member.rooms = member.rooms.concat(name);
    this.#handler.joined(name, member);
    return true;
  }

  /** Takes a member out; false when it was not in. The name is exact: "A" is not "a". */
  leave(name: string, member: M): boolean {
    const room = this.#rooms.get(name);
    if (room === undefined || !room.members.delete(member)) return false;
    member.rooms = member.rooms.filter((each) => each !== name);
    this.#handler.left(name, member);
    if (room.members.size === 0) {
      this.#rooms.delete(name);
      this.#handler.closed(name);
    }
    return true;
  }

  leaveAll(member: M): void {
    for (const name of member.rooms) this.leave(name, member);
  }
}

/** @throws {TypeError} unless it is 1 to 128 characters without control characters (§4.1). */
export function checkRoomName(name: unknown): asserts name is string {
  if (typeof name === "string" && isRoomName(name)) return;
  const shown = typeof name === "string" ? JSON.stringify(name.slice(0, 40)) : `a ${typeof name}`;
  throw new TypeError(
    `${shown} cannot be the name of a room: give 1 to ${roomNameMax} characters, no control characters.`,
  );
}

const controls = /[\u0000-\u001f\u007f-\u009f]/;

function isRoomName(name: string): boolean {
  return name !== "" && name.length <= roomNameMax && !controls.test(name);
}
