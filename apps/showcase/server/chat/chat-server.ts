// The chat without its transport: connections come in as lines that can send and close, texts
// come in as they were received. It knows nothing of sockets, and so is tested without any.
import { lobby } from "../../shared/limits.js";
import type { RoomInfo } from "../../shared/server-message.js";
import { directoryIntervalMs, roomsMax, visitorsMax } from "./limits.js";
import { Room } from "./room.js";
import { Visitor } from "./visitor.js";

/** One connection, as the chat sees it. Neither call throws, whatever became of the connection. */
export interface Line {
  send(text: string): void;
  close(code: number, reason: string): void;
}

export class ChatServer {
  readonly #visitors = new Set<Visitor>();
  readonly #visitorsById = new Map<string, Visitor>();
  readonly #rooms = new Map<string, Room>([[lobby, new Room(lobby)]]);
  #directoryTimer: NodeJS.Timeout | undefined;

  /**
   * A connection was opened. Pass what arrives on it to `receive`, and call `end` once it is
   * closed, by whomever.
   *
   * @returns undefined when the server is full; the line was told to close with 1013
   */
  connect(line: Line): Visitor | undefined {
    if (this.#visitors.size >= visitorsMax) {
      line.close(1013, `The server is full: ${visitorsMax} connections. Try again later.`);
      return undefined;
    }
    const visitor = new Visitor(this, line);
    this.#visitors.add(visitor);
    return visitor;
  }

  /** Everyone leaves, and no timer is left. Closing the connections is their owner's part. */
  close(): void {
    for (const visitor of this.#visitors) visitor.end();
    clearTimeout(this.#directoryTimer); // Their leaving has set it.
  }

  /** Connections, whether they introduced themselves or not. */
  get visitorCount(): number {
    return this.#visitors.size;
  }

  /** Every room with the number of people in it, in the order in which they came to be. */
  get directory(): RoomInfo[] {
    return [...this.#rooms.values()].map(({ name, size }) => ({ name, people: size }));
  }

  findRoom(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** @returns undefined when there are as many rooms as there may be */
  createRoom(name: string): Room | undefined {
    if (this.#rooms.size >= roomsMax) return undefined;
    const room = new Room(name);
    this.#rooms.set(name, room);
    return room;
  }

  /** Someone came into a room or left it: the list of rooms changes, and empty ones go. */
  occupantsChanged(room: Room): void {
    if (room.size === 0 && room.name !== lobby) this.#rooms.delete(room.name);
    this.#directoryTimer ??= setTimeout(() => this.#sendDirectory(), directoryIntervalMs);
  }

  /** A visitor is known now. An older connection of the same person is over. */
  introduce(visitor: Visitor): void {
    const { id } = visitor.person;
    this.#visitorsById.get(id)?.replace();
    this.#visitorsById.set(id, visitor);
  }

  /** A visitor is gone. */
  forget(visitor: Visitor): void {
    this.#visitors.delete(visitor);
    const { id } = visitor.person;
    if (this.#visitorsById.get(id) === visitor) this.#visitorsById.delete(id);
  }

  #sendDirectory(): void {
    this.#directoryTimer = undefined;
    const text = JSON.stringify({ type: "rooms", rooms: this.directory });
    for (const visitor of this.#visitorsById.values()) visitor.send(text);
  }
}
