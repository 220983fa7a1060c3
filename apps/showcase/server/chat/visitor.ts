// One connection to the chat: reads what arrives on it, and does or refuses it.
//
//   new ──hello──▶ introduced ──end──▶ gone
//    └──── no hello in time, or end ─────▲
import { createHash } from "node:crypto";
import * as v from "valibot";
import { type ClientMessage, clientMessageSchema } from "../../shared/client-message.js";
import { closeReplaced, roomsPerPersonMax } from "../../shared/limits.js";
import type { Person, Refused, ServerMessage } from "../../shared/server-message.js";
import type { ChatServer, Line } from "./chat-server.js";
import {
  changeBurst,
  changesPerSecond,
  helloTimeoutMs,
  peoplePerRoomMax,
  requestBurst,
  requestsPerSecond,
  roomsMax,
  sayBurst,
  sayPerSecond,
} from "./limits.js";
import type { Occupant, Room } from "./room.js";
import { TokenBucket } from "./token-bucket.js";

const nobody: Person = { id: "", name: "" };

type Request<Type> = Extract<ClientMessage, { type: Type }>;
type Refusal = Omit<Refused, "type">;

export class Visitor implements Occupant {
  readonly #chat: ChatServer;
  readonly #line: Line;
  readonly #rooms = new Set<Room>();
  readonly #requests = new TokenBucket(requestBurst, requestsPerSecond, Date.now());
  readonly #changes = new TokenBucket(changeBurst, changesPerSecond, Date.now());
  readonly #sayings = new TokenBucket(sayBurst, sayPerSecond, Date.now());
  readonly #helloTimer: NodeJS.Timeout;
  #person: Person = nobody;
  #isOver = false;

  constructor(chat: ChatServer, line: Line) {
    this.#chat = chat;
    this.#line = line;
    this.#helloTimer = setTimeout(
      () => this.#hangUp(1008, `No hello within ${helloTimeoutMs / 1_000} seconds.`),
      helloTimeoutMs,
    );
  }

  /** Who this is to the others; with an empty id before hello. */
  get person(): Person {
    return this.#person;
  }

  send(text: string): void {
    if (!this.#isOver) this.#line.send(text);
  }

  /** Something arrived. Never throws: what is wrong with it, is told to whoever sent it. */
  receive(text: string): void {
    if (this.#isOver) return;
    if (this.#requests.take(Date.now()) > 0) {
      this.#hangUp(1008, `Too many requests: ${requestsPerSecond} per second at most.`);
      return;
    }
    const value = parseJson(text);
    const read = v.safeParse(clientMessageSchema, value, { abortEarly: true });
    if (!read.success) {
      this.#refuse({ code: "invalid", reason: explain(read.issues[0]), ...namesOf(value) });
    } else if (read.output.type === "hello") {
      this.#hello(read.output);
    } else if (this.#person === nobody) {
      this.#refuse({ code: "hello-first", reason: "Say hello first." });
    } else {
      this.#handle(read.output);
    }
  }

  /** The same person came back on another connection. */
  replace(): void {
    this.#hangUp(closeReplaced, "Replaced by a newer connection.");
  }

  /** The connection is closed. May be called more than once. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    clearTimeout(this.#helloTimer);
    for (const room of this.#rooms) {
      room.remove(this);
      this.#chat.occupantsChanged(room);
    }
    this.#rooms.clear();
    this.#chat.forget(this);
  }

  #handle(message: Exclude<ClientMessage, { type: "hello" }>): void {
    switch (message.type) {
      case "rename":
        if (this.#mayChange(message)) this.#rename(message);
        break;
      case "join":
        if (this.#mayChange(message)) this.#join(message.room);
        break;
      case "leave":
        if (this.#mayChange(message)) this.#leave(message.room);
        break;
      case "say":
        this.#say(message);
        break;
      case "typing":
        this.#typing(message.room);
        break;
      case "ping":
        this.#tell({ type: "pong" });
        break;
      default:
        message satisfies never;
    }
  }

  #hello({ key, name, rooms }: Request<"hello">): void {
    if (this.#person !== nobody) {
      this.#refuse({ code: "hello-twice", reason: "This connection has said hello before." });
      return;
    }
    clearTimeout(this.#helloTimer);
    // A digest, so that it stays the same over restarts of the server without telling the key.
    const id = createHash("sha256").update(key).digest("hex").slice(0, 16);
    this.#person = { id, name };
    this.#chat.introduce(this);
    this.#tell({ type: "welcome", you: this.#person });
    for (const room of new Set(rooms)) this.#join(room);
    this.#tell({ type: "rooms", rooms: this.#chat.directory });
  }

  #rename({ name }: Request<"rename">): void {
    this.#person = { id: this.#person.id, name };
    const message: ServerMessage = { type: "renamed", person: this.#person };
    this.#tell(message);
    for (const room of this.#rooms) room.announce(message, this);
  }

  #join(name: string): void {
    const refused = (code: Refusal["code"], reason: string) =>
      this.#refuse({ code, reason, request: "join", room: name });
    const known = this.#chat.findRoom(name);
    if (!known?.has(this)) {
      if (this.#rooms.size >= roomsPerPersonMax) {
        const reason = `You are in ${roomsPerPersonMax} rooms, which is the most. Leave one first.`;
        refused("rooms-per-person", reason);
        return;
      }
      if (known && known.size >= peoplePerRoomMax) {
        refused("room-full", `This room is full: ${peoplePerRoomMax} people.`);
        return;
      }
    }
    const room = known ?? this.#chat.createRoom(name);
    if (!room) {
      const reason = `There are ${roomsMax} rooms, which is the most. Join one of them.`;
      refused("rooms-in-total", reason);
      return;
    }
    if (!room.has(this)) {
      room.add(this);
      this.#rooms.add(room);
      this.#chat.occupantsChanged(room);
    }
    this.#tell({ type: "joined", room: name, people: room.people, history: [...room.history] });
  }

  #leave(name: string): void {
    const room = this.#chat.findRoom(name);
    if (room?.has(this)) {
      room.remove(this);
      this.#rooms.delete(room);
      this.#chat.occupantsChanged(room);
    }
    this.#tell({ type: "left", room: name });
  }

  #say({ id, room: name, text }: Request<"say">): void {
    const request = { request: "say", room: name, id };
    const room = this.#chat.findRoom(name);
    if (!room?.has(this)) {
      const reason = `You are not in the room “${name}”. Join it first.`;
      this.#refuse({ code: "not-in-room", reason, ...request });
      return;
    }
    const before = room.find(this.#person, id);
    if (before) {
      this.#tell({ type: "said", room: name, said: before });
      return;
    }
    const retryInMs = this.#sayings.take(Date.now());
    if (retryInMs > 0) {
      const reason = `Too many messages: ${sayPerSecond} per second at most.`;
      this.#refuse({ code: "too-fast", reason, retryInMs, ...request });
      return;
    }
    room.say({ id, by: this.#person, at: Date.now(), text });
  }

  /** Volatile: nobody misses it when it comes too often, or is for a room that they are not in. */
  #typing(name: string): void {
    const room = this.#chat.findRoom(name);
    if (!room?.has(this) || this.#changes.take(Date.now()) > 0) return;
    room.announce({ type: "typing", room: name, id: this.#person.id }, this);
  }

  #mayChange({ type }: { type: string }): boolean {
    if (this.#changes.take(Date.now()) === 0) return true;
    const reason = `Too many changes: ${changesPerSecond} per second at most. Try again in a moment.`;
    this.#refuse({ code: "too-fast", reason, request: type });
    return false;
  }

  #tell(message: ServerMessage): void {
    this.send(JSON.stringify(message));
  }

  #refuse(refusal: Refusal): void {
    this.#tell({ type: "refused", ...refusal });
  }

  #hangUp(code: number, reason: string): void {
    this.end();
    this.#line.close(code, reason);
  }
}

/** @returns undefined when it is not JSON, which no schema accepts */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function explain(issue: v.BaseIssue<unknown>): string {
  const path = issue.path?.map(({ key }) => String(key)).join(".");
  const reason = path ? `${issue.message} (${path})` : issue.message;
  // What was received is quoted in it, at whatever length.
  return reason.length > 200 ? `${reason.slice(0, 199)}…` : reason;
}

/** What an invalid request was about, as far as it can be told, so that the page finds it. */
function namesOf(value: unknown): Partial<Refusal> {
  const names = v.safeParse(
    v.object({
      type: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(20))), undefined),
      id: v.fallback(v.optional(v.pipe(v.string(), v.maxLength(32))), undefined),
    }),
    value,
  );
  if (!names.success) return {};
  const { type, id } = names.output;
  return { ...(type !== undefined && { request: type }), ...(id !== undefined && { id }) };
}
