// The chat as the page knows it: applies what the server says, and asks it for what the person in
// front of the page wants. Draws nothing and knows no socket.
import { computed, type ReadonlySignal, signal } from "@preact/signals";
import * as v from "valibot";
import type { ClientMessage } from "../../shared/client-message.js";
import { closeReplaced, roomsPerPersonMax } from "../../shared/limits.js";
import {
  type Person,
  type Refused,
  type RoomInfo,
  type ServerMessage,
  serverMessageSchema,
} from "../../shared/server-message.js";
import type { Connection, ConnectionState } from "../connection/connection.js";
import { Outbox, type Pending } from "./outbox.js";
import { randomId } from "./random-id.js";
import { RoomModel } from "./room-model.js";

/** Others are told that someone is typing at most this often. */
const typingIntervalMs = 3_000;

export interface ChatModelOptions {
  readonly connection: Connection;
  /** Tells the server that this is the same tab as before. Made up when missing. */
  readonly key?: string | undefined;
  /** Called with what the tab should remember until it is reloaded. */
  readonly remember?: (memory: { key: string; name: string; rooms: string[] }) => void;
}

export class ChatModel {
  readonly #connection: Connection;
  readonly #remember: NonNullable<ChatModelOptions["remember"]>;
  readonly #outbox: Outbox;
  readonly #me = signal<Person>({ id: "", name: "" });
  readonly #rooms = signal<ReadonlyMap<string, RoomModel>>(new Map());
  readonly #directory = signal<readonly RoomInfo[]>([]);
  readonly #current = signal("");
  readonly #notice = signal("");
  #key: string;
  #typingToldAt = 0;

  constructor({ connection, key, remember }: ChatModelOptions) {
    this.#connection = connection;
    this.#remember = remember ?? (() => {});
    this.#key = key ?? randomId();
    this.#outbox = new Outbox(({ id, room, text }) => this.#send({ type: "say", id, room, text }));
  }

  get connectionState(): ReadonlySignal<ConnectionState> {
    return this.#connection.state;
  }

  /** Us; with an empty id until the server has given us one. */
  get me(): ReadonlySignal<Person> {
    return this.#me;
  }

  /** The rooms we are in. */
  get rooms(): ReadonlySignal<ReadonlyMap<string, RoomModel>> {
    return this.#rooms;
  }

  /** All the rooms there are, as the server said last. */
  get directory(): ReadonlySignal<readonly RoomInfo[]> {
    return this.#directory;
  }

  /** The room that is looked at; undefined when we are not in it. */
  readonly currentRoom: ReadonlySignal<RoomModel | undefined> = computed(() =>
    this.#rooms.value.get(this.#current.value),
  );

  /** Unread messages in all rooms. */
  readonly unread: ReadonlySignal<number> = computed(() =>
    [...this.#rooms.value.values()].reduce((sum, room) => sum + room.unread.value, 0),
  );

  get pending(): ReadonlySignal<readonly Pending[]> {
    return this.#outbox.pending;
  }

  /** Something that the person should know; empty when there is nothing. */
  get notice(): ReadonlySignal<string> {
    return this.#notice;
  }

  /** Connects under a name, with the rooms of last time. */
  start(name: string, rooms: readonly string[]): void {
    this.#me.value = { id: "", name };
    this.#setRooms(rooms.slice(0, roomsPerPersonMax).map((room) => new RoomModel(room)));
    this.#connection.start({
      open: () => this.#hello(),
      message: (text) => this.#receive(text),
      lost: (code) => this.#lost(code),
    });
  }

  retryNow(): void {
    this.#connection.retryNow();
  }

  rename(name: string): void {
    this.#me.value = { ...this.#me.value, name };
    this.#save();
    this.#send({ type: "rename", name });
  }

  /** Looks at a room, and joins it first when need be. Nothing changes when that is refused. */
  show(name: string): void {
    this.#current.value = name;
    const room = this.#rooms.value.get(name);
    if (room) room.markRead();
    else this.#enter(name);
  }

  leave(name: string): void {
    this.#dropRoom(name);
    this.#send({ type: "leave", room: name });
  }

  /** @returns whether it will be sent, at once or after the connection is back */
  say(text: string): boolean {
    const isTaken = this.#outbox.add(this.#current.value, text);
    this.#notice.value = isTaken ? "" : "Too many unsent messages. Wait for the connection.";
    this.#typingToldAt = 0;
    return isTaken;
  }

  retry(id: string): void {
    this.#outbox.retry(id);
  }

  discard(id: string): void {
    this.#outbox.discard(id);
  }

  typing(): void {
    const now = Date.now();
    if (now - this.#typingToldAt < typingIntervalMs) return;
    this.#typingToldAt = now;
    this.#send({ type: "typing", room: this.#current.value });
  }

  dismissNotice(): void {
    this.#notice.value = "";
  }

  #enter(name: string): void {
    if (this.#rooms.value.size >= roomsPerPersonMax) {
      this.#notice.value = `You are in ${roomsPerPersonMax} rooms, which is the most. Leave one first.`;
      return;
    }
    this.#setRooms([...this.#rooms.value.values(), new RoomModel(name)]);
    this.#send({ type: "join", room: name });
  }

  #hello(): void {
    const rooms = [...this.#rooms.value.keys()];
    this.#send({ type: "hello", key: this.#key, name: this.#me.value.name, rooms });
  }

  #lost(code: number): void {
    // The tab was duplicated together with its key: from now on this one is someone else.
    if (code === closeReplaced) this.#key = randomId();
    this.#outbox.offline();
  }

  #receive(text: string): void {
    const read = v.safeParse(serverMessageSchema, JSON.parse(text));
    // A newer server may know messages that this page does not.
    if (read.success) this.#apply(read.output);
  }

  #apply(message: ServerMessage): void {
    switch (message.type) {
      case "welcome":
        this.#me.value = message.you;
        this.#save();
        this.#outbox.online();
        break;
      case "rooms":
        this.#directory.value = message.rooms;
        break;
      case "joined":
        this.#rooms.value.get(message.room)?.enter(message.people, message.history);
        break;
      case "left":
        this.#dropRoom(message.room);
        break;
      case "arrived":
        this.#rooms.value.get(message.room)?.arrive(message.person);
        break;
      case "departed":
        this.#rooms.value.get(message.room)?.depart(message.id);
        break;
      case "renamed":
        if (message.person.id === this.#me.value.id) this.#me.value = message.person;
        for (const room of this.#rooms.value.values()) room.rename(message.person);
        break;
      case "said":
        this.#said(message);
        break;
      case "typing":
        this.#rooms.value.get(message.room)?.noteTyping(message.id);
        break;
      case "pong":
        break;
      case "refused":
        this.#refused(message);
        break;
      default:
        message satisfies never;
    }
  }

  #said({ room: name, said }: Extract<ServerMessage, { type: "said" }>): void {
    const room = this.#rooms.value.get(name);
    room?.say(said);
    if (said.by.id === this.#me.value.id) this.#outbox.confirm(said.id);
    else if (name !== this.#current.value) room?.noteUnread();
  }

  #refused({ request, room, id, reason, retryInMs }: Refused): void {
    if (request === "say" && id !== undefined) {
      if (retryInMs === undefined) this.#outbox.refuse(id, reason);
      else this.#outbox.postpone(id, retryInMs);
      return;
    }
    if (request === "join" && room !== undefined) this.#dropRoom(room);
    this.#notice.value = reason;
  }

  #dropRoom(name: string): void {
    this.#rooms.value.get(name)?.dispose();
    this.#setRooms([...this.#rooms.value.values()].filter((room) => room.name !== name));
  }

  #setRooms(rooms: readonly RoomModel[]): void {
    this.#rooms.value = new Map(rooms.map((room) => [room.name, room]));
    this.#save();
  }

  #save(): void {
    const rooms = [...this.#rooms.value.keys()];
    this.#remember({ key: this.#key, name: this.#me.value.name, rooms });
  }

  #send(message: ClientMessage): void {
    this.#connection.send(JSON.stringify(message));
  }
}
