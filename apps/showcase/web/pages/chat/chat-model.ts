// The chat as the page knows it: applies what the server says, and asks it for what the person in
// front of the page wants. Draws nothing.
//
// The client keeps the session over lost connections and changes of transport: then there is nothing
// to do here. When it says that a session begins anew (`fresh`, the server was restarted) or that
// something is missing (`gap`), every room is joined again from where its history was followed.
import { computed, effect, type ReadonlySignal, signal } from "@preact/signals";
import type { EventInfo, LinkedInfo, PresenceChange, PresentMember } from "@tidewire/client";
import * as v from "valibot";
import {
  type Conversation,
  type MessageReach,
  type Person,
  type Present,
  type RoomInfo,
  type Said,
  shownSchema,
} from "../../../shared/chat/contract.js";
import { hubRoom, privatePerPersonMax, roomsPerPersonMax } from "../../../shared/chat/limits.js";
import { pairOf } from "../../../shared/chat/private-room.js";
import { explain, isLoss, waitOf } from "../../session/explain.js";
import type { ShowcaseClient } from "../../session/session.js";
import { Attachments } from "./attachments.js";
import { Outbox, type Outcome, type Pending } from "./outbox.js";
import { ReceiptTeller } from "./receipt-teller.js";
import { RoomModel } from "./room-model.js";

/** Others are told that someone is typing at most this often. */
const typingIntervalMs = 3_000;

/** The client knows when a session is lost; no clock has to. */
const patiently = { timeoutMs: Number.POSITIVE_INFINITY } as const;

export interface ChatModelOptions {
  readonly client: ShowcaseClient;
  readonly name: string;
  /** The rooms of last time. */
  readonly rooms: readonly string[];
  /** Called with what the tab should remember until it is reloaded. */
  readonly remember?: (memory: { name: string; rooms: string[] }) => void;
  /** Whether somebody looks at the page: only then something is read. Default: always. */
  readonly attention?: ReadonlySignal<boolean>;
  /** Takes files that were fetched to be saved. Default: nothing. */
  readonly save?: (blob: Blob, name: string) => void;
}

export class ChatModel {
  /** Files of all rooms. */
  readonly attachments: Attachments;
  readonly #client: ShowcaseClient;
  readonly #remember: NonNullable<ChatModelOptions["remember"]>;
  readonly #outbox: Outbox;
  readonly #me = signal<Person>({ id: "", name: "" });
  readonly #rooms = signal<ReadonlyMap<string, RoomModel>>(new Map());
  readonly #directory = signal<readonly RoomInfo[]>([]);
  readonly #current = signal("");
  readonly #notice = signal("");
  readonly #isConnected = signal(false);
  readonly #receipts: ReceiptTeller;
  readonly #stops: (() => void)[];
  #typingToldAt = 0;

  constructor({ client, name, rooms, remember, attention, save }: ChatModelOptions) {
    this.#client = client;
    this.#remember = remember ?? (() => {});
    this.#outbox = new Outbox((message) => this.#say(message));
    this.attachments = new Attachments({
      client,
      say: (room, id) => this.#sayFile(room, id),
      save: save ?? (() => {}),
      notice: (text) => {
        this.#notice.value = text;
      },
    });
    this.#receipts = new ReceiptTeller((room, marks) =>
      client.emit(
        "chat.seen",
        marks.read === 0 ? { room, delivered: marks.delivered } : { room, ...marks },
      ),
    );
    this.#me.value = { id: "", name };
    this.#stops = [
      client.watch("linked", (info) => this.#linked(info)),
      client.watch("state", () => this.#stateChanged()),
      client.on("chat.said", (said, info) => this.#said(said, info)),
      client.on("chat.rooms", ({ rooms: all }) => {
        this.#directory.value = all;
      }),
      client.on("chat.typing", ({ room, id }) => this.#rooms.value.get(room)?.noteTyping(id)),
      client.on("chat.receipts", ({ room, receipts }) =>
        this.#rooms.value.get(room)?.noteReceipts(receipts),
      ),
      client.on("chat.private", ({ conversations }) => this.#invited(conversations)),
      client.onPresence((change, { room }) => this.#presence(change, room)),
      effect(() => {
        const room = this.currentRoom.value;
        // What comes while one has scrolled up, or looks elsewhere, is not read yet.
        const isShown = attention?.value !== false && room?.isAtEnd.value === true;
        if (isShown && room.unread.value > 0) room.markRead();
      }),
      effect(() => this.#tellMarks()),
    ];
    this.#setRooms(pickRooms(rooms).map((room) => RoomModel.remembered(room)));
    this.#stateChanged();
    this.#joinAll();
    if (this.#isConnected.value) this.#outbox.online();
  }

  /** Whether there is a link. */
  get isConnected(): ReadonlySignal<boolean> {
    return this.#isConnected;
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

  /** Calls `tell` with the number of messages that wait to be sent, now and whenever it changes. */
  onWaiting(tell: (count: number) => void): void {
    this.#stops.push(
      effect(() => tell(this.pending.value.filter(({ refusal }) => refusal === undefined).length)),
    );
  }

  rename(name: string): void {
    this.#me.value = { ...this.#me.value, name };
    this.#save();
    if (this.#rooms.value.size === 0) return; // The next join tells it.
    this.#client.request("chat.rename", { name }, patiently).catch((error: unknown) => {
      if (!isLoss(error)) this.#notice.value = explain(error);
    });
  }

  /** Looks at a room, and joins it first when need be. Nothing changes when that is refused. */
  show(name: string): void {
    this.#current.value = name;
    if (!this.#rooms.value.has(name)) this.#enter(name, this.#findPerson(name));
    const room = this.#rooms.value.get(name);
    if (room === undefined) return;
    room.isWanted.value = true;
    this.#save();
  }

  /** Looks at none. */
  hide(): void {
    this.#current.value = "";
  }

  /** Who has a message of ours in the room that is looked at. */
  reachOf(id: string): Promise<MessageReach> {
    const question = { room: this.#current.value, id };
    return this.#client.request("chat.reach", question, patiently);
  }

  leave(name: string): void {
    this.#dropRoom(name);
    this.#client.emit("chat.leave", { room: name });
  }

  /** @returns whether it will be sent, at once or after the connection is back */
  say(text: string): boolean {
    const isTaken = this.#outbox.add(this.#current.value, text);
    this.#notice.value = isTaken ? "" : "Too many unsent messages. Wait for the connection.";
    this.#typingToldAt = 0;
    return isTaken;
  }

  /** Sends files to the room that is looked at. */
  attach(files: readonly File[], folders: readonly string[] = []): void {
    if (this.currentRoom.value === undefined) return;
    this.#notice.value = "";
    this.attachments.send(this.#current.value, files, folders);
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
    this.#client.emit("chat.typing", { room: this.#current.value }, { volatile: true });
  }

  dismissNotice(): void {
    this.#notice.value = "";
  }

  /** Listens no more. */
  dispose(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const room of this.#rooms.value.values()) room.dispose();
    this.#receipts.dispose();
    this.attachments.dispose();
  }

  // ── The connection ───────────────────────────────────────────────────────────────────────────

  #linked({ answer }: LinkedInfo): void {
    if (answer !== "resumed") {
      for (const room of this.#rooms.value.values()) room.lose();
      this.#joinAll();
    }
    // In this order: the server takes what is unsent only from those who are in the room.
    this.#outbox.online();
  }

  #stateChanged(): void {
    this.#isConnected.value = this.#client.state === "connected";
    if (!this.#isConnected.value) this.#outbox.offline(); // The other way round see `#linked`.
  }

  /** Before the first link there is nobody to ask, and then `linked` comes. */
  #joinAll(): void {
    if (this.#client.state !== "connected") return;
    for (const room of this.#rooms.value.values()) this.#join(room);
  }

  async #join(room: RoomModel): Promise<void> {
    const { name, position } = room;
    const data = { room: name, name: this.#me.value.name, ...(position && { since: position }) };
    try {
      const joined = await this.#client.request("chat.join", data, patiently);
      this.#me.value = { ...this.#me.value, id: joined.you };
      if (this.#rooms.value.get(name) !== room) return;
      this.#receipts.forget(name);
      room.enter(joined);
      // What was said in a session that is lost has come with the history.
      for (const said of joined.said) this.#confirm(said);
    } catch (error) {
      // Then the session is another one, and all rooms are joined again.
      if (isLoss(error) || this.#rooms.value.get(name) !== room) return;
      const waitMs = waitOf(error);
      if (waitMs !== undefined) {
        room.later(waitMs, () => this.#join(room));
        return;
      }
      this.#dropRoom(name);
      this.#notice.value = explain(error);
    }
  }

  async #say({ id, room, text }: Pending): Promise<Outcome> {
    try {
      const said = await this.#client.request("chat.say", { id, room, text }, patiently);
      this.#rooms.value.get(room)?.say(said);
      return { type: "said" };
    } catch (error) {
      if (isLoss(error)) return { type: "again", waitMs: 0 };
      const waitMs = waitOf(error);
      return waitMs === undefined
        ? { type: "refused", reason: explain(error) }
        : { type: "again", waitMs };
    }
  }

  async #sayFile(room: string, id: string): Promise<void> {
    const said = await this.#client.request("chat.say-file", { room, id }, patiently);
    this.#rooms.value.get(room)?.say(said);
    this.#confirm(said);
  }

  // ── What the server says ─────────────────────────────────────────────────────────────────────

  #said(said: Said, { epoch, offset }: EventInfo): void {
    const room = this.#rooms.value.get(said.room);
    room?.say(said);
    if (epoch !== undefined && offset !== undefined) room?.follow({ epoch, offset });
    this.#confirm(said);
  }

  #confirm(said: Said): void {
    if (said.by.id !== this.#me.value.id) return;
    this.#outbox.confirm(said.id);
    this.attachments.confirm(said);
  }

  /** Somebody has begun a private conversation with us, or has said something in one. */
  #invited(conversations: readonly Conversation[]): void {
    for (const { room, with: other } of conversations) {
      if (this.#rooms.value.has(room)) continue;
      this.#enter(room, other);
    }
  }

  #presence(change: PresenceChange, place: string | undefined): void {
    for (const room of this.#rooms.value.values()) {
      if (hubRoom(room.name) !== place) continue;
      if (change.complete) {
        if (change.here !== undefined) room.setPresent(readMembers(change.here));
        const news = [...(change.joined ?? []), ...(change.changed ?? [])];
        room.changePresent(readMembers(news), change.left ?? []);
      } else this.#join(room); // More than one event holds: the answer has them all.
    }
  }

  // ── Rooms ────────────────────────────────────────────────────────────────────────────────────

  #enter(name: string, other?: Person): void {
    const room = new RoomModel(name, other);
    const alike = [...this.#rooms.value.values()].filter(
      ({ isPrivate }) => isPrivate === room.isPrivate,
    );
    const max = room.isPrivate ? privatePerPersonMax : roomsPerPersonMax;
    if (alike.length >= max) {
      const what = room.isPrivate ? "private conversations" : "rooms";
      this.#notice.value = `You are in ${max} ${what}, which is the most. Leave one first.`;
      return;
    }
    this.#setRooms([...this.#rooms.value.values(), room]);
    // A client that has a session asks when its link is back; else `linked` comes.
    if (this.#client.session !== undefined) this.#join(room);
  }

  /** The other one of a conversation, when they are in a room of ours. */
  #findPerson(name: string): Person | undefined {
    const pair = pairOf(name);
    const people = [...this.#rooms.value.values()].flatMap((room) => room.people.value);
    return people.find(({ id }) => pair?.includes(id) && id !== this.#me.value.id);
  }

  /** Runs again when there is something to tell, or somebody to tell it to. */
  #tellMarks(): void {
    const isConnected = this.#isConnected.value;
    for (const { name, marks } of this.#rooms.value.values()) {
      if (isConnected && marks.value !== undefined) this.#receipts.tell(name, marks.value);
    }
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
    const rooms = [...this.#rooms.value.values()].flatMap((room) =>
      room.isListed.value ? [room.name] : [],
    );
    this.#remember({ name: this.#me.value.name, rooms });
  }
}

/** As many of each kind as one may be in. */
function pickRooms(rooms: readonly string[]): string[] {
  const isPrivate = (room: string) => pairOf(room) !== undefined;
  return [
    ...rooms.filter((room) => !isPrivate(room)).slice(0, roomsPerPersonMax),
    ...rooms.filter(isPrivate).slice(0, privatePerPersonMax),
  ];
}

/** What is not shown as it should be is not ours. */
function readMembers(members: readonly PresentMember[]): Present[] {
  return members.flatMap(({ id, user, state }) => {
    const shown = v.safeParse(shownSchema, state);
    if (user === undefined || !shown.success) return [];
    return [{ session: id, person: { id: user, name: shown.output.name } }];
  });
}
