// The chat on the hub. The hub delivers, keeps what was said, and tells who is in a room; this file
// has the rules: who may do what, how often, and what is told to whom.
import { FailureError } from "@tidewire/hub";
import * as v from "valibot";
import {
  type Present,
  type RoomInfo,
  type Said,
  shownSchema,
} from "../../../shared/chat/contract.js";
import { hubRoom, lobby, roomsPerPersonMax } from "../../../shared/chat/limits.js";
import type { PageServer, ShowcaseHub } from "../../hub/create-hub.js";
import { ChatRoom } from "./chat-room.js";
import {
  directoryIntervalMs,
  historyLengthMax,
  peoplePerRoomMax,
  roomHistory,
  roomsMax,
} from "./limits.js";
import { type ChatPeer, Visitor } from "./visitor.js";

/** Everybody who chats, wherever: they get the list of rooms. */
const directoryRoom = "chat";

export interface ChatServer extends PageServer {
  /** Every room with the number of people in it, in the order in which they came to be. */
  readonly directory: readonly RoomInfo[];
}

/** @param now milliseconds, for what may be done so often per second */
export function registerChat(hub: ShowcaseHub, now: () => number = Date.now): ChatServer {
  const chat = new Chat(hub, now);
  hub.handle("chat.join", (peer, data) => chat.join(peer, data));
  hub.handle("chat.rename", (peer, { name }) => chat.rename(peer, name));
  hub.handle("chat.say", (peer, data) => chat.say(peer, data));
  hub.on("chat.leave", (peer, { room }) => chat.leave(peer, room));
  hub.on("chat.typing", (peer, { room }) => chat.typing(peer, room));
  hub.on("disconnect", (peer) => chat.forget(peer));
  return {
    rooms: (name) =>
      name.startsWith(hubRoom("")) ? { presence: true, history: roomHistory } : undefined,
    close: () => chat.close(),
    get directory() {
      return chat.directory;
    },
  };
}

interface Joining {
  readonly room: string;
  readonly name: string;
  readonly since?: { readonly epoch: string; readonly offset: number } | undefined;
}

class Chat {
  readonly #hub: ShowcaseHub;
  readonly #now: () => number;
  readonly #visitors = new Map<string, Visitor>();
  readonly #rooms = new Map<string, ChatRoom>([[lobby, new ChatRoom(lobby)]]);
  #directoryTimer: NodeJS.Timeout | undefined;

  constructor(hub: ShowcaseHub, now: () => number) {
    this.#hub = hub;
    this.#now = now;
  }

  get directory(): RoomInfo[] {
    return [...this.#rooms.values()].map(({ name, people }) => ({ name, people }));
  }

  async join(peer: ChatPeer, { room: name, name: visitorName, since }: Joining) {
    const visitor = this.#visitors.get(peer.id) ?? new Visitor(peer, this.#now());
    visitor.change(this.#now());
    const room = this.#rooms.get(name);
    if (!room?.has(peer.id)) {
      this.#checkRoom(visitor, room);
      this.#enter(visitor, room ?? new ChatRoom(name));
    }
    this.#rename(visitor, visitorName);
    peer.setState(hubRoom(name), { name: visitorName });
    const handle = this.#hub.room(hubRoom(name));
    // Joined first, read then: what is said in between comes both ways, and is shown once.
    const { items, position } = await handle.history({
      max: historyLengthMax,
      ...(since !== undefined && { since }),
    });
    const said = items.flatMap(({ item }) =>
      item.name === "chat.said" ? [item.data as Said] : [],
    );
    return { you: visitor.id, people: handle.present.flatMap(toPresent), said, position };
  }

  leave(peer: ChatPeer, name: string): void {
    const visitor = this.#visitors.get(peer.id);
    const room = this.#rooms.get(name);
    if (visitor === undefined || room === undefined) return;
    peer.leave(hubRoom(name));
    this.#left(visitor, room);
  }

  /** Who is in no room yet tells the name with the first. */
  rename(peer: ChatPeer, name: string): null {
    const visitor = this.#visitors.get(peer.id);
    if (visitor === undefined) return null;
    visitor.change(this.#now());
    this.#rename(visitor, name);
    return null;
  }

  say(peer: ChatPeer, { id, room: name, text }: { id: string; room: string; text: string }): Said {
    const visitor = this.#visitors.get(peer.id);
    const room = this.#rooms.get(name);
    if (visitor === undefined || !room?.has(peer.id)) {
      const reason = `You are not in the room “${name}”. Join it first.`;
      throw new FailureError("not-in-room", reason);
    }
    const before = room.find(visitor.id, id);
    if (before !== undefined) return before;
    visitor.say(this.#now());
    const said: Said = { room: name, id, by: visitor.person, at: Date.now(), text };
    room.note(said);
    this.#hub.to(hubRoom(name)).emit("chat.said", said);
    return said;
  }

  /** Nobody misses it when it comes too often, or is for a room that they are not in. */
  typing(peer: ChatPeer, name: string): void {
    const visitor = this.#visitors.get(peer.id);
    if (!this.#rooms.get(name)?.has(peer.id) || !visitor?.mayChange(this.#now())) return;
    const audience = this.#hub.to(hubRoom(name)).except(peer).volatile;
    audience.emit("chat.typing", { room: name, id: visitor.id });
  }

  /** A session is over; the hub has taken it out of its rooms. */
  forget(peer: ChatPeer): void {
    const visitor = this.#visitors.get(peer.id);
    if (visitor === undefined) return;
    this.#visitors.delete(peer.id);
    for (const room of [...visitor.rooms]) this.#left(visitor, room);
  }

  close(): void {
    clearTimeout(this.#directoryTimer);
  }

  #checkRoom(visitor: Visitor, room: ChatRoom | undefined): void {
    if (visitor.rooms.size >= roomsPerPersonMax) {
      const reason = `You are in ${roomsPerPersonMax} rooms, which is the most. Leave one first.`;
      throw new FailureError("rooms-per-person", reason);
    }
    if (room !== undefined && !room.hasPerson(visitor.id) && room.people >= peoplePerRoomMax) {
      const reason = `This room is full: ${peoplePerRoomMax} people.`;
      throw new FailureError("room-full", reason);
    }
    if (room === undefined && this.#rooms.size >= roomsMax) {
      const reason = `There are ${roomsMax} rooms, which is the most. Join one of them.`;
      throw new FailureError("rooms-in-total", reason);
    }
  }

  #enter(visitor: Visitor, room: ChatRoom): void {
    const { peer } = visitor;
    peer.join(hubRoom(room.name));
    // From here on nothing can be refused.
    if (peer.join(directoryRoom)) peer.emit("chat.rooms", { rooms: this.directory });
    this.#visitors.set(peer.id, visitor);
    this.#rooms.set(room.name, room);
    room.add(peer.id, visitor.id);
    visitor.rooms.add(room);
    this.#directoryChanged();
  }

  #left(visitor: Visitor, room: ChatRoom): void {
    room.remove(visitor.peer.id);
    visitor.rooms.delete(room);
    if (room.people === 0 && room.name !== lobby) this.#rooms.delete(room.name);
    this.#directoryChanged();
  }

  #rename(visitor: Visitor, name: string): void {
    if (visitor.name === name) return;
    visitor.name = name;
    for (const room of visitor.rooms) visitor.peer.setState(hubRoom(room.name), { name });
  }

  /** Someone came into a room or left it: the list of rooms is told once for many changes. */
  #directoryChanged(): void {
    this.#directoryTimer ??= setTimeout(() => {
      this.#directoryTimer = undefined;
      const audience = this.#hub.to(directoryRoom).latest("chat.rooms");
      audience.emit("chat.rooms", { rooms: this.directory });
    }, directoryIntervalMs);
  }
}

/** As the page knows them; somebody who has joined and shows nothing yet is not there yet. */
function toPresent(member: { id: string; user?: string; state?: unknown }): Present[] {
  const shown = v.safeParse(shownSchema, member.state);
  if (!shown.success || member.user === undefined) return [];
  return [{ session: member.id, person: { id: member.user, name: shown.output.name } }];
}
