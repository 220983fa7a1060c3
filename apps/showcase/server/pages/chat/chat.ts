// The rules of the chat: who may do what, how often, and what is told to whom. The hub delivers, keeps
// what was said, and tells who is in a room.
import { FailureError, type HubStream, type Upload } from "@tidewire/hub";
import * as v from "valibot";
import {
  type attachMetaSchema,
  type Conversation,
  type Present,
  type RoomInfo,
  type Said,
  shownSchema,
} from "../../../shared/chat/contract.js";
import { hubRoom } from "../../../shared/chat/limits.js";
import type { ShowcaseHub } from "../../hub/create-hub.js";
import type { FileStore } from "../../transfers/file-store.js";
import { Attachments } from "./attachments.js";
import type { ChatRoom } from "./chat-room.js";
import { directoryIntervalMs, historyLengthMax, receiptsIntervalMs } from "./limits.js";
import { Rooms } from "./rooms.js";
import { type ChatPeer, Visitor } from "./visitor.js";

/** Everybody who chats, wherever: they get the list of rooms. */
const directoryRoom = "chat";
/** All tabs of a person. */
const personRoom = (id: string): string => `chat-person/${id}`;

interface Joining {
  readonly room: string;
  readonly name: string;
  readonly since?: { readonly epoch: string; readonly offset: number } | undefined;
}

interface Seen {
  readonly room: string;
  readonly delivered: number;
  readonly read?: number | undefined;
}

export class Chat {
  readonly #hub: ShowcaseHub;
  readonly #now: () => number;
  readonly #attachments: Attachments;
  readonly #visitors = new Map<string, Visitor>();
  readonly #rooms = new Rooms();
  /** Rooms in which something has become of messages. */
  readonly #news = new Set<ChatRoom>();
  #directoryTimer: NodeJS.Timeout | undefined;
  #receiptsTimer: NodeJS.Timeout | undefined;

  constructor(hub: ShowcaseHub, store: FileStore, now: () => number) {
    this.#hub = hub;
    this.#now = now;
    this.#attachments = new Attachments(store);
  }

  get directory(): RoomInfo[] {
    return this.#rooms.open.map(({ name, people }) => ({ name, people }));
  }

  async join(peer: ChatPeer, { room: name, name: visitorName, since }: Joining) {
    const visitor = this.#visitors.get(peer.id) ?? new Visitor(peer, this.#now());
    visitor.change(this.#now());
    visitor.name ||= visitorName;
    const room = this.#rooms.admit(name, visitor);
    if (!room.has(peer.id)) this.#enter(visitor, room, since !== undefined);
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
    const other = room.otherThan(visitor.id);
    return {
      you: visitor.id,
      people: handle.present.flatMap(toPresent),
      said,
      position,
      read: room.receipts.readUpTo(visitor.id),
      receipts: room.receipts.of(visitor.id, room.messages),
      ...(other !== undefined && { with: this.#personOf(room, other) }),
    };
  }

  leave(peer: ChatPeer, name: string): void {
    const visitor = this.#visitors.get(peer.id);
    const room = this.#rooms.find(name);
    if (visitor === undefined || room?.has(peer.id) !== true) return;
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
    const { visitor, room } = this.#inside(peer, name);
    const before = room.find(visitor.id, id);
    if (before !== undefined) return before;
    visitor.say(this.#now());
    return this.#tell(room, room.say(visitor.person, id, text));
  }

  /** Takes a file; it is said by `sayFile`, so that one cancelled at the last moment never is. */
  async attach(
    peer: ChatPeer,
    { room: name, id, picture }: v.InferOutput<typeof attachMetaSchema>,
    upload: Upload,
  ): Promise<{ sha256: string }> {
    const { visitor, room } = this.#inside(peer, name);
    if (room.find(visitor.id, id) !== undefined) {
      throw new FailureError("invalid", "This message was said already.");
    }
    visitor.say(this.#now());
    const claim = { session: peer.id, room: name, owner: visitor.id, message: id, picture };
    const { sha256 } = await this.#attachments.receive(claim, upload);
    return { sha256 };
  }

  /** Its place among what one may say was taken when it was sent. */
  sayFile(peer: ChatPeer, name: string, id: string): Said {
    const { visitor, room } = this.#inside(peer, name);
    const before = room.find(visitor.id, id);
    if (before !== undefined) return before;
    const attachment = this.#attachments.take(name, visitor.id, id);
    return this.#tell(room, room.say(visitor.person, id, "", attachment));
  }

  dropFile(peer: ChatPeer, name: string, id: string): void {
    const visitor = this.#visitors.get(peer.id);
    if (visitor !== undefined) this.#attachments.drop(name, visitor.id, id);
  }

  /** Only to those in the room that it was said in. */
  async fetch(
    peer: ChatPeer,
    stream: Pick<HubStream<undefined, Uint8Array>, "signal" | "send">,
    name: string,
    file: string,
  ): Promise<{ sha256: string | undefined }> {
    this.#inside(peer, name);
    return this.#attachments.send(peer.id, name, file, stream);
  }

  /** A mark costs nothing but itself: what it changes is told later, for all marks of that time. */
  seen(peer: ChatPeer, { room: name, delivered, read = 0 }: Seen): void {
    const room = this.#rooms.find(name);
    const visitor = this.#visitors.get(peer.id);
    if (visitor === undefined || room?.has(peer.id) !== true) return;
    if (room.noteSeen(visitor.id, delivered, read)) this.#receiptsChanged(room);
  }

  /** Who has a message, to its author only. */
  reach(peer: ChatPeer, name: string, id: string) {
    const { visitor, room } = this.#inside(peer, name);
    visitor.change(this.#now());
    const said = room.find(visitor.id, id);
    if (said === undefined) {
      throw new FailureError("gone", "It is not known any more who has this message.");
    }
    return room.receipts.reachOf(said);
  }

  /** Nobody misses it when it comes too often, or is for a room that they are not in. */
  typing(peer: ChatPeer, name: string): void {
    const visitor = this.#visitors.get(peer.id);
    if (!this.#rooms.find(name)?.has(peer.id) || !visitor?.mayChange(this.#now())) return;
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
    clearTimeout(this.#receiptsTimer);
  }

  /** @throws {FailureError} `not-in-room` */
  #inside(peer: ChatPeer, name: string): { visitor: Visitor; room: ChatRoom } {
    const visitor = this.#visitors.get(peer.id);
    const room = this.#rooms.find(name);
    if (visitor === undefined || room?.has(peer.id) !== true) throw notInRoom(name);
    return { visitor, room };
  }

  #enter(visitor: Visitor, room: ChatRoom, isBack: boolean): void {
    const { peer } = visitor;
    peer.join(hubRoom(room.name));
    room.add(peer.id, visitor.person, isBack);
    visitor.rooms.add(room);
    this.#visitors.set(peer.id, visitor);
    if (peer.join(directoryRoom)) this.#welcome(visitor);
    if (room.pair === undefined) this.#directoryChanged();
    else this.#invite(room, visitor.id);
  }

  #welcome({ peer, id }: Visitor): void {
    peer.join(personRoom(id));
    peer.emit("chat.rooms", { rooms: this.directory });
    const conversations = this.#rooms.conversationsOf(id).map((room) => this.#describe(room, id));
    if (conversations.length > 0) peer.emit("chat.private", { conversations });
  }

  /** The other one's tabs come in, if there are any. */
  #invite(room: ChatRoom, by: string): void {
    const other = room.otherThan(by);
    if (other === undefined || room.hasPerson(other)) return;
    const conversations = [this.#describe(room, other)];
    this.#hub.to(personRoom(other)).emit("chat.private", { conversations });
  }

  #describe(room: ChatRoom, to: string): Conversation {
    return { room: room.name, with: this.#personOf(room, room.otherThan(to) ?? to) };
  }

  #personOf(room: ChatRoom, id: string) {
    return { id, name: room.receipts.nameOf(id) || this.#nameOf(id) };
  }

  /** Empty when nobody knows. */
  #nameOf(id: string): string {
    for (const visitor of this.#visitors.values()) if (visitor.id === id) return visitor.name;
    return "";
  }

  #left(visitor: Visitor, room: ChatRoom): void {
    room.remove(visitor.peer.id);
    this.#attachments.dropOf(visitor.peer.id, room.name);
    visitor.rooms.delete(room);
    this.#rooms.leave(room);
    this.#receiptsChanged(room);
    if (room.pair === undefined) this.#directoryChanged();
  }

  #rename(visitor: Visitor, name: string): void {
    if (visitor.name === name) return;
    visitor.name = name;
    for (const room of visitor.rooms) {
      visitor.peer.setState(hubRoom(room.name), { name });
      room.receipts.rename(visitor.person);
    }
  }

  #tell(room: ChatRoom, said: Said): Said {
    this.#hub.to(hubRoom(room.name)).emit("chat.said", said);
    this.#invite(room, said.by.id);
    const { attachment } = room.trim() ?? {};
    if (attachment !== undefined) this.#attachments.remove(attachment);
    return said;
  }

  /** Someone came into a room or left it: the list of rooms is told once for many changes. */
  #directoryChanged(): void {
    this.#directoryTimer ??= setTimeout(() => {
      this.#directoryTimer = undefined;
      const audience = this.#hub.to(directoryRoom).latest("chat.rooms");
      audience.emit("chat.rooms", { rooms: this.directory });
    }, directoryIntervalMs);
  }

  /** Each author is told of their own messages, once for all marks that came meanwhile. */
  #receiptsChanged(room: ChatRoom): void {
    this.#news.add(room);
    this.#receiptsTimer ??= setTimeout(() => {
      this.#receiptsTimer = undefined;
      for (const { name, receipts, messages } of this.#news) {
        for (const [author, news] of receipts.takeNews(messages)) {
          this.#hub.to(personRoom(author)).emit("chat.receipts", { room: name, receipts: news });
        }
      }
      this.#news.clear();
    }, receiptsIntervalMs);
  }
}

function notInRoom(name: string): FailureError {
  return new FailureError("not-in-room", `You are not in the room “${name}”. Join it first.`);
}

/** As the page knows them; somebody who has joined and shows nothing yet is not there yet. */
function toPresent(member: { id: string; user?: string; state?: unknown }): Present[] {
  const shown = v.safeParse(shownSchema, member.state);
  if (!shown.success || member.user === undefined) return [];
  return [{ session: member.id, person: { id: member.user, name: shown.output.name } }];
}
