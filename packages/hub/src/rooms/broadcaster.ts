// Sends to audiences: encodes once, delivers to the members of this node, and tells the other nodes.

import { Entry, isFault, MessageTooLargeError, quickJsonCodec } from "@tidewire/session-protocol";
import type { Cluster } from "../backplane/cluster.js";
import { Follower } from "../history/follower.js";
import { checkRange, type Page, type Position, type Retention } from "../history/position.js";
import { readMax } from "../limits.js";
import type { PeerSession } from "../peers/peer-session.js";
import type { Surroundings } from "../peers/surroundings.js";
import { type Envelope, readEnvelope, writeEnvelope } from "./envelope.js";
import { eachSelected, type Selection } from "./selection.js";

/** How an audience gets an event. */
export interface Manner {
  readonly volatile: boolean;
  /** Only this node. */
  readonly local: boolean;
  /** Key of `latest`. */
  readonly latest: string | undefined;
}

export const allChannel = "all";

export function channelOf(room: string): string {
  return `room:${room}`;
}

export interface BroadcasterParts {
  readonly hub: Surroundings;
  readonly cluster: Cluster;
  /** All peers of this node. */
  readonly peers: () => Iterable<PeerSession>;
  /** What is kept of a room. */
  readonly retention: (room: string) => Retention | undefined;
  /** The place in the log of a room that has members here. */
  readonly follower: (room: string) => Follower | undefined;
}

export class Broadcaster {
  readonly #parts: BroadcasterParts;

  constructor(parts: BroadcasterParts) {
    this.#parts = parts;
  }

  /** @throws {DataError} or {MessageTooLargeError}, before anything was sent. */
  emit(selection: Selection, name: string, data: unknown, manner: Manner): void {
    const { hub } = this.#parts;
    const event = { type: "event" as const, name, ...(data === undefined ? {} : { data }) };
    const entry = new Entry(manner.volatile ? { ...event, volatile: true } : event, quickJsonCodec);
    checkSize(entry, hub.limits.messageBytes);
    hub.count("hub.broadcasts", 1);
    const kept = manner.volatile || manner.local ? [] : this.#keptRooms(selection);
    for (const [room, keep] of kept) {
      this.#publish(channelOf(room), { ...selection, rooms: [room] }, entry, manner, keep);
    }
    const plain =
      kept.length === 0 ? selection : without(selection, new Set(kept.map(([room]) => room)));
    // All of its rooms are kept: nobody is left for the plain way.
    if (kept.length > 0 && plain.rooms.length === 0) return;
    this.deliver(plain, entry, manner);
    if (manner.local) return;
    if (plain.rooms.length === 0) this.#publish(allChannel, plain, entry, manner);
    for (const [index, room] of plain.rooms.entries()) {
      // A member of several rooms gets the copy of the first of them: the others leave it out.
      const exceptRooms = [...plain.exceptRooms, ...plain.rooms.slice(0, index)];
      this.#publish(channelOf(room), { ...plain, rooms: [room], exceptRooms }, entry, manner);
    }
  }

  /** To the members of this node. */
  deliver(selection: Selection, entry: Entry, manner: Pick<Manner, "volatile" | "latest">): void {
    const { hub, peers } = this.#parts;
    const now = hub.now();
    const { latest } = manner;
    let delivered = 0;
    let dropped = 0;
    eachSelected(selection, hub.rooms, peers(), (core) => {
      delivered += 1;
      if (manner.volatile) {
        if (!core.deliverVolatile(entry, now)) dropped += 1;
      } else if (latest === undefined) core.deliver(entry, now);
      else core.deliverLatest(latest, entry, now);
    });
    hub.count("hub.deliveries", delivered);
    if (dropped > 0) hub.count("hub.volatile.dropped", dropped);
  }

  /** A message of a channel arrived. */
  published(channel: string, message: string, position: Position | undefined): void {
    if (position !== undefined) {
      this.#parts.follower(channel.slice("room:".length))?.receive(message, position);
      return;
    }
    const envelope = readEnvelope(message);
    if (envelope?.kind === "event") this.#receive(envelope, undefined);
  }

  /** A follower for a room that keeps its events. */
  follow(room: string): Follower {
    const { hub, cluster } = this.#parts;
    return new Follower({
      aheadMax: hub.limits.aheadEntries,
      read: (since) => cluster.read(channelOf(room), since, readMax),
      deliver: (message, position) => {
        const envelope = readEnvelope(message);
        if (envelope?.kind === "event") this.#receive(envelope, { room, ...position });
      },
      noticed: (what, messages) =>
        hub.count(what === "healed" ? "hub.backplane.healed" : "hub.backplane.gap", messages || 1),
      failed: (error) => hub.failed(error, "read the log of a room", undefined),
    });
  }

  /** The kept events of a room, as packets' texts with their place. */
  async history(room: string, since: Position | undefined, max: number): Promise<Page<Entry>> {
    checkRange(since, max);
    const page = await this.#parts.cluster.read(channelOf(room), since, Math.min(max, readMax));
    const items = [];
    for (const { offset, item } of page.items) {
      const envelope = readEnvelope(item);
      if (envelope?.kind !== "event") continue;
      const entry = toEntry(envelope.text, { room, epoch: page.position.epoch, offset });
      if (entry !== undefined) items.push({ offset, item: entry });
    }
    return { ...page, items };
  }

  #receive(
    envelope: Extract<Envelope, { kind: "event" }>,
    place: { room: string; epoch: string; offset: number } | undefined,
  ): void {
    const entry = toEntry(envelope.text, place);
    if (entry === undefined || entry.size > this.#parts.hub.limits.messageBytes) {
      const error = new Error("A node sent an event that is no packet, or is above messageBytes.");
      this.#parts.hub.failed(error, "receive", undefined);
      return;
    }
    this.deliver(envelope.selection, entry, envelope);
  }

  #publish(
    channel: string,
    selection: Selection,
    entry: Entry,
    manner: Manner,
    keep?: Retention,
  ): void {
    const text = String(entry.encoded(quickJsonCodec));
    const { volatile, latest } = manner;
    const envelope = writeEnvelope({ kind: "event", selection, volatile, latest, text });
    void this.#parts.cluster.publish(channel, envelope, keep);
  }

  #keptRooms(selection: Selection): [string, Retention][] {
    const kept: [string, Retention][] = [];
    for (const room of selection.rooms) {
      const keep = this.#parts.retention(room);
      if (keep !== undefined) kept.push([room, keep]);
    }
    return kept;
  }
}

/** What is left when rooms with a log have had theirs: nobody of them gets a second copy. */
function without(selection: Selection, kept: ReadonlySet<string>): Selection {
  return {
    ...selection,
    rooms: selection.rooms.filter((room) => !kept.has(room)),
    exceptRooms: [...selection.exceptRooms, ...kept],
  };
}

function toEntry(
  text: string,
  place: { room: string; epoch: string; offset: number } | undefined,
): Entry | undefined {
  const packet = quickJsonCodec.decode(text);
  if (isFault(packet) || packet.type !== "event") return undefined;
  return new Entry(place === undefined ? packet : { ...packet, ...place }, quickJsonCodec);
}

function checkSize(entry: Entry, messageBytes: number): void {
  if (entry.size > messageBytes) throw new MessageTooLargeError(entry.size, messageBytes);
}
