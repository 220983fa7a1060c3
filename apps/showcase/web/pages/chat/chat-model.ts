// The chat as the page knows it: applies what the server says, and asks it for what the person in
// front of the page wants. Draws nothing.
//
// The client keeps the session over lost connections and changes of transport: then there is nothing
// to do here. When it says that a session begins anew (`fresh`, the server was restarted) or that
// something is missing (`gap`), every room is joined again from where its history was followed.
import { effect, type ReadonlySignal, signal } from "@preact/signals";
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
import { hubRoom } from "../../../shared/chat/limits.js";
import { explain, isLoss, waitOf } from "../../session/explain.js";
import type { ShowcaseClient } from "../../session/session.js";
import { Attachments } from "./attachments.js";
import { Outbox, type Outcome, type Pending } from "./outbox.js";
import { ReceiptTeller } from "./receipt-teller.js";
import { RoomModel } from "./room-model.js";
import { Rooms } from "./rooms.js";

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
  readonly #rooms: Rooms;
  readonly #directory = signal<readonly RoomInfo[]>([]);
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
    this.#rooms = new Rooms(rooms);
    this.#stops = [
      client.watch("linked", (info) => this.#linked(info)),
      client.watch("state", () => this.#stateChanged()),
      client.on("chat.said", (said, info) => this.#said(said, info)),
      client.on("chat.rooms", ({ rooms: all }) => {
        this.#directory.value = all;
      }),
      client.on("chat.typing", ({ room, id }) => this.#rooms.get(room)?.noteTyping(id)),
      client.on("chat.receipts", ({ room, receipts }) =>
        this.#rooms.get(room)?.noteReceipts(receipts),
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
    this.#save();
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
    return this.#rooms.all;
  }

  /** All the rooms there are, as the server said last. */
  get directory(): ReadonlySignal<readonly RoomInfo[]> {
    return this.#directory;
  }

  /** The room that is looked at; undefined when we are not in it. */
  get currentRoom(): ReadonlySignal<RoomModel | undefined> {
    return this.#rooms.current;
  }

  /** Unread messages in all rooms. */
  get unread(): ReadonlySignal<number> {
    return this.#rooms.unread;
  }

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
    if (this.rooms.value.size === 0) return; // The next join tells it.
    this.#client.request("chat.rename", { name }, patiently).catch((error: unknown) => {
      if (!isLoss(error)) this.#notice.value = explain(error);
    });
  }

  /** Looks at a room, and joins it first when need be. Nothing changes when that is refused. */
  show(name: string): void {
    this.#rooms.look(name);
    if (this.#rooms.get(name) === undefined)
      this.#enter(name, this.#rooms.findPerson(name, this.#me.value.id));
    const room = this.#rooms.get(name);
    if (room === undefined) return;
    room.isWanted.value = true;
    this.#save();
  }

  /** Looks at none. */
  hide(): void {
    this.#rooms.look("");
  }

  /** Who has a message of ours in the room that is looked at. */
  reachOf(id: string): Promise<MessageReach> {
    const question = { room: this.#rooms.currentName, id };
    return this.#client.request("chat.reach", question, patiently);
  }

  leave(name: string): void {
    this.#dropRoom(name);
    this.#client.emit("chat.leave", { room: name });
  }

  /** @returns whether it will be sent, at once or after the connection is back */
  say(text: string): boolean {
    const isTaken = this.#outbox.add(this.#rooms.currentName, text);
    this.#notice.value = isTaken ? "" : "Too many unsent messages. Wait for the connection.";
    this.#typingToldAt = 0;
    return isTaken;
  }

  /** Sends files to the room that is looked at. */
  attach(files: readonly File[], folders: readonly string[] = []): void {
    if (this.currentRoom.value === undefined) return;
    this.#notice.value = "";
    this.attachments.send(this.#rooms.currentName, files, folders);
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
    this.#client.emit("chat.typing", { room: this.#rooms.currentName }, { volatile: true });
  }

  dismissNotice(): void {
    this.#notice.value = "";
  }

  /** Listens no more. */
  dispose(): void {
    for (const stop of this.#stops.splice(0)) stop();
    for (const room of this.#rooms) room.dispose();
    this.#receipts.dispose();
    this.attachments.dispose();
  }

  // ── The connection ───────────────────────────────────────────────────────────────────────────

  #linked({ answer }: LinkedInfo): void {
    if (answer !== "resumed") {
      for (const room of this.#rooms) room.lose();
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
    for (const room of this.#rooms) this.#join(room);
  }

  async #join(room: RoomModel): Promise<void> {
    const { name, position } = room;
    const data = { room: name, name: this.#me.value.name, ...(position && { since: position }) };
    try {
      const joined = await this.#client.request("chat.join", data, patiently);
      this.#me.value = { ...this.#me.value, id: joined.you };
      if (this.#rooms.get(name) !== room) return;
      this.#receipts.forget(name);
      room.enter(joined);
      // What was said in a session that is lost has come with the history.
      for (const said of joined.said) this.#confirm(said);
    } catch (error) {
      // Then the session is another one, and all rooms are joined again.
      if (isLoss(error) || this.#rooms.get(name) !== room) return;
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
      this.#rooms.get(room)?.say(said);
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
    this.#rooms.get(room)?.say(said);
    this.#confirm(said);
  }

  // ── What the server says ─────────────────────────────────────────────────────────────────────

  #said(said: Said, { epoch, offset }: EventInfo): void {
    const room = this.#rooms.get(said.room);
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
      if (this.#rooms.get(room) !== undefined) continue;
      this.#enter(room, other);
    }
  }

  #presence(change: PresenceChange, place: string | undefined): void {
    for (const room of this.#rooms) {
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
    const problem = this.#rooms.add(room);
    if (problem !== "") {
      this.#notice.value = problem;
      return;
    }
    this.#save();
    // A client that has a session asks when its link is back; else `linked` comes.
    if (this.#client.session !== undefined) this.#join(room);
  }

  /** Runs again when there is something to tell, or somebody to tell it to. */
  #tellMarks(): void {
    const isConnected = this.#isConnected.value;
    for (const { name, marks } of this.#rooms) {
      if (isConnected && marks.value !== undefined) this.#receipts.tell(name, marks.value);
    }
  }

  #dropRoom(name: string): void {
    this.#rooms.drop(name);
    this.#save();
  }

  #save(): void {
    this.#remember({ name: this.#me.value.name, rooms: this.#rooms.listed });
  }
}

/** What is not shown as it should be is not ours. */
function readMembers(members: readonly PresentMember[]): Present[] {
  return members.flatMap(({ id, user, state }) => {
    const shown = v.safeParse(shownSchema, state);
    if (user === undefined || !shown.success) return [];
    return [{ session: id, person: { id: user, name: shown.output.name } }];
  });
}
