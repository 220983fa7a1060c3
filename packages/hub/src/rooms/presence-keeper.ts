// Presence of all rooms of this node: gathers changes, and tells them when the interval is over.

import { Entry, quickJsonCodec } from "@tidewire/session-protocol";
import type { Cluster } from "../backplane/cluster.js";
import { FailureError } from "../failure.js";
import type { PeerSession } from "../peers/peer-session.js";
import type { Surroundings } from "../peers/surroundings.js";
import type { Ticking } from "../time/wheel.js";
import { channelOf } from "./broadcaster.js";
import { writeEnvelope } from "./envelope.js";
import {
  type PresenceChange,
  type PresenceDelta,
  type PresentMember,
  presenceEvent,
  type RoomPresence,
} from "./presence.js";
import { infoOf } from "./room-request.js";
import type { RoomState } from "./room-state.js";

export interface PresenceParts {
  readonly hub: Surroundings;
  readonly cluster: Cluster;
  readonly state: (room: string) => RoomState | undefined;
  readonly states: () => Iterable<[string, RoomState]>;
}

export class PresenceKeeper implements Ticking {
  readonly #parts: PresenceParts;
  readonly #changed = new Set<string>();
  #flushAt: number = Number.POSITIVE_INFINITY;

  constructor(parts: PresenceParts) {
    this.#parts = parts;
  }

  get nextTickAt(): number {
    return this.#flushAt;
  }

  tick(): void {
    this.#flushAt = Number.POSITIVE_INFINITY;
    const rooms = [...this.#changed];
    this.#changed.clear();
    for (const room of rooms) this.#tell(room);
  }

  /** A room with presence has its first member here: learn who is in it elsewhere. */
  async opened(room: string): Promise<void> {
    await this.#parts.cluster.subscribe(channelOf(room));
    const { answers } = await this.#parts.cluster.ask({ kind: "presence", room });
    for (const [node, answer] of answers) {
      const snapshot = readSnapshot(answer);
      const state = this.#parts.state(room);
      if (snapshot === undefined || state?.presence === undefined) continue;
      // A later message of that node arrived meanwhile: it knows better than this answer.
      if ((state.turns.get(node) ?? -1) > snapshot.turn) continue;
      state.turns.set(node, snapshot.turn);
      state.presence.replace(node, snapshot.here);
      this.#note(room, state.presence);
    }
  }

  joined(room: string, core: PeerSession): void {
    this.#change(room, (presence) => presence.enter(infoOf(core)));
  }

  left(room: string, core: PeerSession): void {
    this.#change(room, (presence) => presence.leave(core.id));
  }

  /** @throws {FailureError} `too-large`, or `forbidden` when it is not in the room. */
  show(room: string, core: PeerSession, state: unknown): void {
    const { presenceStateBytes } = this.#parts.hub.limits;
    // Encoding it also refuses what cannot be sent, here and not when the interval is over.
    const { size } = new Entry({ type: "event", name: presenceEvent, data: state }, quickJsonCodec);
    if (size > presenceStateBytes + 40) {
      const message = `A state has at most ${presenceStateBytes} bytes (limits.presenceStateBytes).`;
      throw new FailureError("too-large", message);
    }
    if (!core.rooms.includes(room)) throw new FailureError("forbidden", "It is not in this room.");
    const copy: unknown = structuredClone(state);
    this.#change(room, (presence) => presence.update({ ...infoOf(core), state: copy }));
  }

  /** Another node tells of a room. */
  received(room: string, node: string, turn: number, delta: PresenceDelta): void {
    const state = this.#parts.state(room);
    if (state?.presence === undefined) return;
    const last = state.turns.get(node);
    if (last !== undefined && turn <= last) return;
    state.turns.set(node, turn);
    const here = delta.here.filter(isPresent);
    state.presence.merge(node, { here, gone: delta.gone.filter((id) => typeof id === "string") });
    this.#note(room, state.presence);
    // A message of that node was lost, or it was there before us: its whole list sets it right.
    if (last === undefined ? turn > 1 : turn !== last + 1) void this.opened(room);
  }

  /** What another node wants to know of a room. */
  snapshot(room: string): unknown {
    const state = this.#parts.state(room);
    if (state?.presence === undefined) return { turn: -1, here: [] };
    return { turn: state.turn, here: state.presence.here() };
  }

  nodeLost(node: string): void {
    for (const [room, state] of this.#parts.states()) {
      state.turns.delete(node);
      if (state.presence === undefined) continue;
      state.presence.nodeLost(node);
      this.#note(room, state.presence);
    }
  }

  /** The last one of this node left: tell the others at once, there will be nobody to do it later. */
  closing(room: string, state: RoomState): void {
    this.#changed.delete(room);
    const delta = state.presence?.take(0).delta;
    if (delta !== undefined) this.#publish(room, state, delta);
  }

  #change(room: string, change: (presence: RoomPresence) => void): void {
    const presence = this.#parts.state(room)?.presence;
    if (presence === undefined) return;
    change(presence);
    this.#note(room, presence);
  }

  #note(room: string, presence: RoomPresence): void {
    if (!presence.isChanged) return;
    this.#changed.add(room);
    if (this.#flushAt !== Number.POSITIVE_INFINITY) return;
    const { hub } = this.#parts;
    this.#flushAt = hub.now() + hub.limits.presenceMs;
    hub.schedule(this);
  }

  #tell(room: string): void {
    const { hub } = this.#parts;
    const state = this.#parts.state(room);
    if (state?.presence === undefined) return;
    const taken = state.presence.take(hub.limits.presenceEntries);
    if (taken.delta !== undefined) this.#publish(room, state, taken.delta);
    const change = this.#entry(room, taken.change);
    const welcome = this.#entry(room, taken.welcome);
    const now = hub.now();
    for (const core of hub.rooms.members(room) ?? []) {
      const entry = taken.newcomers.has(core.id) ? welcome : change;
      if (entry !== undefined) core.deliver(entry, now);
    }
  }

  #entry(room: string, data: PresenceChange | undefined): Entry | undefined {
    if (data === undefined) return undefined;
    const { messageBytes } = this.#parts.hub.limits;
    const packet = { type: "event" as const, name: presenceEvent, room };
    const entry = new Entry({ ...packet, data }, quickJsonCodec);
    if (entry.size <= messageBytes) return entry;
    // Too much to tell in one message: the number, and that there is more.
    return new Entry({ ...packet, data: { count: data.count, complete: false } }, quickJsonCodec);
  }

  #publish(room: string, state: RoomState, delta: PresenceDelta): void {
    state.turn += 1;
    const message = writeEnvelope({ kind: "presence", turn: state.turn, delta });
    void this.#parts.cluster.publish(channelOf(room), message);
  }
}

function readSnapshot(value: unknown): { turn: number; here: PresentMember[] } | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const { turn, here } = value as { turn?: unknown; here?: unknown };
  if (!Number.isSafeInteger(turn) || !Array.isArray(here)) return undefined;
  return { turn: turn as number, here: here.filter(isPresent) };
}

function isPresent(value: unknown): value is PresentMember {
  return typeof value === "object" && value !== null && typeof (value as MemberId).id === "string";
}

interface MemberId {
  readonly id?: unknown;
}
