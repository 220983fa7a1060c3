// All rooms of the chat, and who may come into which. Rooms for all come with the first and go with the
// last; a conversation of two stays for as long as somebody may come back to read it.
import { FailureError } from "@tidewire/hub";
import { lobby, privatePerPersonMax, roomsPerPersonMax } from "../../../shared/chat/limits.js";
import { ChatRoom } from "./chat-room.js";
import { peoplePerRoomMax, privateRoomsMax, roomsMax } from "./limits.js";
import type { Visitor } from "./visitor.js";

export class Rooms {
  readonly #open = new Map<string, ChatRoom>([[lobby, new ChatRoom(lobby)]]);
  readonly #private = new Map<string, ChatRoom>();

  /** Those for all, in the order in which they came to be. */
  get open(): ChatRoom[] {
    return [...this.#open.values()];
  }

  find(name: string): ChatRoom | undefined {
    return this.#open.get(name) ?? this.#private.get(name);
  }

  /** The conversations of a person in which somebody waits, or something was said. */
  conversationsOf(person: string): ChatRoom[] {
    this.#forgetOld();
    return this.#withPerson(person);
  }

  /**
   * The room, a new one if need be, when the visitor may be in it.
   * @throws {FailureError} `forbidden`, or the limit that is reached
   */
  admit(name: string, visitor: Visitor): ChatRoom {
    const room = this.find(name);
    if (room?.has(visitor.peer.id)) return room;
    const candidate = room ?? new ChatRoom(name);
    if (candidate.pair === undefined) this.#checkOpen(visitor, candidate, room === undefined);
    else this.#checkPrivate(visitor, candidate.pair, room === undefined);
    // From here on nothing can be refused.
    (candidate.pair === undefined ? this.#open : this.#private).set(name, candidate);
    return candidate;
  }

  /** Somebody has gone. */
  leave(room: ChatRoom): void {
    if (room.pair === undefined) {
      if (room.people === 0 && room.name !== lobby) this.#open.delete(room.name);
    } else if (room.isOver(Date.now())) this.#private.delete(room.name);
  }

  #checkOpen(visitor: Visitor, room: ChatRoom, isNew: boolean): void {
    const own = [...visitor.rooms].filter(({ pair }) => pair === undefined);
    if (own.length >= roomsPerPersonMax) {
      const reason = `You are in ${roomsPerPersonMax} rooms, which is the most. Leave one first.`;
      throw new FailureError("rooms-per-person", reason);
    }
    if (!room.hasPerson(visitor.id) && room.people >= peoplePerRoomMax) {
      throw new FailureError("room-full", `This room is full: ${peoplePerRoomMax} people.`);
    }
    if (isNew && this.#open.size >= roomsMax) {
      const reason = `There are ${roomsMax} rooms, which is the most. Join one of them.`;
      throw new FailureError("rooms-in-total", reason);
    }
  }

  #checkPrivate(visitor: Visitor, pair: readonly [string, string], isNew: boolean): void {
    const [one, other] = pair;
    if (!pair.includes(visitor.id) || one === other) {
      const reason = "This conversation is private: only the two people in it may join.";
      throw new FailureError("forbidden", reason);
    }
    if (!isNew) return;
    this.#forgetOld();
    for (const person of pair) {
      if (this.#withPerson(person).length < privatePerPersonMax) continue;
      const [who, whose] =
        person === visitor.id ? ["You have", "Leave one first."] : ["They have", ""];
      const reason = `${who} ${privatePerPersonMax} private conversations, which is the most. ${whose}`;
      throw new FailureError("private-per-person", reason.trim());
    }
    if (this.#private.size >= privateRoomsMax) {
      const reason = `There are ${privateRoomsMax} private conversations, which is the most.`;
      throw new FailureError("rooms-in-total", `${reason} Try again later.`);
    }
  }

  #withPerson(person: string): ChatRoom[] {
    return [...this.#private.values()].filter(({ pair }) => pair?.includes(person));
  }

  #forgetOld(): void {
    const now = Date.now();
    for (const [name, room] of this.#private) if (room.isOver(now)) this.#private.delete(name);
  }
}
