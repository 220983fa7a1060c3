// All rooms of this node with what belongs to them: subscriptions on the bus, presence, places in
// histories, and the questions of other nodes.

import type { Entry } from "@tidewire/session-protocol";
import { isFault, quickJsonCodec } from "@tidewire/session-protocol";
import type { Backplane } from "../backplane/backplane.js";
import { Cluster } from "../backplane/cluster.js";
import type { Checker } from "../contract/checker.js";
import type { Page, Position, Retention } from "../history/position.js";
import { checkTimeout } from "../limits.js";
import type { PeerSession } from "../peers/peer-session.js";
import type { Surroundings } from "../peers/surroundings.js";
import type { Wheel } from "../time/wheel.js";
import type { Action, AudienceHost, Done, Found } from "./audience.js";
import { allChannel, Broadcaster, channelOf, type Manner } from "./broadcaster.js";
import { ClusterRequests } from "./cluster-requests.js";
import { readEnvelope } from "./envelope.js";
import { type PresentMember, RoomPresence } from "./presence.js";
import { PresenceKeeper } from "./presence-keeper.js";
import type { PastEvent, RoomHost } from "./room-handle.js";
import type { RoomReplies } from "./room-request.js";
import { type RoomOptions, type RoomState, retentionOf } from "./room-state.js";
import { Rooms } from "./rooms.js";
import type { Selection } from "./selection.js";

export interface RoomKeeperParts {
  readonly hub: Surroundings;
  readonly checker: Checker;
  readonly wheel: Wheel;
  readonly node: string;
  readonly backplane: Backplane;
  readonly options: (room: string) => RoomOptions | undefined;
  readonly peers: () => Iterable<PeerSession>;
}

export class RoomKeeper implements AudienceHost, RoomHost {
  readonly rooms: Rooms<PeerSession>;
  readonly #parts: RoomKeeperParts;
  readonly #cluster: Cluster;
  readonly #broadcaster: Broadcaster;
  readonly #presence: PresenceKeeper;
  readonly #requests: ClusterRequests;
  readonly #states = new Map<string, RoomState>();

  constructor(parts: RoomKeeperParts) {
    const { hub } = parts;
    this.#parts = parts;
    this.rooms = new Rooms(hub.limits, {
      opened: (room) => this.#opened(room),
      joined: (room, core) => this.#presence.joined(room, core),
      left: (room, core) => this.#presence.left(room, core),
      closed: (room) => this.#closed(room),
    });
    const wheel = parts.wheel;
    this.#cluster = new Cluster(
      parts.node,
      parts.backplane,
      {
        published: (channel, message, position, from) =>
          this.#published(channel, message, position, from),
        asked: (question, from) => this.#requests.asked(question, from),
        nodeLost: (node) => this.#presence.nodeLost(node),
        failed: (error, doing) => {
          hub.count("hub.backplane.failed", 1, doing);
          hub.failed(error, `backplane ${doing}`, undefined);
        },
      },
      { limits: hub.limits, now: hub.now, wheel },
    );
    const { peers } = parts;
    this.#broadcaster = new Broadcaster({
      hub,
      cluster: this.#cluster,
      peers,
      retention: (room) => this.#retention(room),
      follower: (room) => this.#states.get(room)?.follower,
    });
    this.#presence = new PresenceKeeper({
      hub,
      cluster: this.#cluster,
      state: (room) => this.#states.get(room),
      states: () => this.#states,
    });
    const { cluster, presence } = { cluster: this.#cluster, presence: this.#presence };
    this.#requests = new ClusterRequests({
      hub,
      cluster,
      peers,
      snapshot: (room) => presence.snapshot(room),
    });
    void this.#cluster.subscribe(allChannel);
  }

  get size(): number {
    return this.rooms.size;
  }

  // ── Audiences ────────────────────────────────────────────────────────────────────────────────

  emit(selection: Selection, name: string, data: unknown, manner: Manner): void {
    this.#parts.checker.send("server", name, "event", data);
    this.#broadcaster.emit(selection, name, data, manner);
  }

  async request(
    selection: Selection,
    name: string,
    data: unknown,
    options: { readonly timeoutMs?: number; readonly local: boolean },
  ): Promise<RoomReplies> {
    this.#parts.checker.send("server", name, "request", data);
    const timeoutMs = checkTimeout(options.timeoutMs ?? this.#parts.hub.limits.requestMs);
    return await this.#requests.request(selection, { name, data, timeoutMs }, options.local);
  }

  find(selection: Selection, local: boolean): Promise<Found> {
    return this.#requests.find(selection, local);
  }

  act(selection: Selection, action: Action, local: boolean): Promise<Done> {
    return this.#requests.act(selection, action, local);
  }

  // ── Rooms ────────────────────────────────────────────────────────────────────────────────────

  show(room: string, core: PeerSession, state: unknown): void {
    this.#presence.show(room, core, state);
  }

  present(room: string): readonly PresentMember[] {
    return this.#states.get(room)?.presence?.list() ?? [];
  }

  membersOf(room: string): Promise<Found> {
    return this.find({ rooms: [room], exceptIds: [], exceptRooms: [] }, false);
  }

  async ready(room: string): Promise<void> {
    await this.#states.get(room)?.ready;
  }

  async past(room: string, since: Position | undefined, max: number): Promise<Page<PastEvent>> {
    this.#checkKept(room);
    const page = await this.#broadcaster.history(room, since, max);
    const items = [];
    for (const { offset, item } of page.items) {
      const packet = quickJsonCodec.decode(item.encoded(quickJsonCodec));
      if (isFault(packet) || packet.type !== "event") continue;
      const { name, data } = packet;
      items.push({ offset, item: data === undefined ? { name } : { name, data } });
    }
    return { ...page, items };
  }

  async replay(
    core: PeerSession,
    room: string,
    since: Position | undefined,
    max: number,
  ): Promise<Page<Entry>> {
    this.#checkKept(room);
    const page = await this.#broadcaster.history(room, since, max);
    const now = this.#parts.hub.now();
    for (const { item } of page.items) core.deliver(item, now);
    return page;
  }

  // ── Sessions and the node ────────────────────────────────────────────────────────────────────

  claim(session: string): void {
    this.#cluster.claim(session);
  }

  release(session: string): void {
    this.#cluster.release(session);
  }

  close(): Promise<void> {
    return this.#cluster.close();
  }

  #opened(room: string): void {
    const options = this.#parts.options(room);
    const retention = retentionOf(options);
    const state: RoomState = {
      ready: this.#cluster.subscribe(channelOf(room)),
      presence: options?.presence === true ? new RoomPresence() : undefined,
      follower: retention === undefined ? undefined : this.#broadcaster.follow(room),
      turns: new Map(),
      turn: 0,
    };
    this.#states.set(room, state);
    if (state.presence !== undefined) void this.#presence.opened(room);
  }

  #closed(room: string): void {
    const state = this.#states.get(room);
    this.#states.delete(room);
    if (state !== undefined) this.#presence.closing(room, state);
    void this.#cluster.unsubscribe(channelOf(room));
  }

  #published(channel: string, message: string, position: Position | undefined, from: string): void {
    if (position === undefined && channel !== allChannel) {
      const envelope = readEnvelope(message);
      if (envelope?.kind === "presence") {
        const room = channel.slice(channelOf("").length);
        this.#presence.received(room, from, envelope.turn, envelope.delta);
        return;
      }
    }
    this.#broadcaster.published(channel, message, position);
  }

  #retention(room: string): Retention | undefined {
    return retentionOf(this.#parts.options(room));
  }

  #checkKept(room: string): void {
    if (this.#retention(room) !== undefined) return;
    throw new TypeError(
      `The room ${JSON.stringify(room)} keeps no history: see the option "rooms".`,
    );
  }
}
