// The client's side of the simulation: one session over every kind of link, through all weather.

import { ClientSession } from "../client-session.js";
import * as CloseCode from "../close-code.js";
import type { Codec, Encoded } from "../codec.js";
import { Entry } from "../entry.js";
import { isFault } from "../fault.js";
import { jsonCodec } from "../json-codec.js";
import type { Limits } from "../limits.js";
import type { Link } from "../link.js";
import type { ClientSessionOptions, LinkEnd, Linked } from "../session-handler.js";
import type { Carrier, CarrierKind, World } from "./carrier.js";
import { openCarrier } from "./carrier.js";
import { type Checker, Violation } from "./checker.js";
import type { Random } from "./random.js";
import type { SimulatedServer } from "./simulated-server.js";

const kinds: readonly CarrierKind[] = ["socket", "sse", "stream", "poll", "short-poll"];

export class SimulatedClient {
  session: ClientSession;
  readonly #world: World;
  readonly #limits: Limits;
  readonly #carriers = new Set<Carrier>();
  #number = 0;
  #token = 0;
  #clockOffset = 0;
  #offlineUntil = 0;
  #connectPlanned = false;
  #tickPlannedAt: number = Number.POSITIVE_INFINITY;

  constructor(world: World, limits: Limits) {
    this.#world = world;
    this.#limits = limits;
    this.session = this.#newSession();
    this.connect();
  }

  get #random(): Random {
    return this.#world.random;
  }

  get #checker(): Checker {
    return this.#world.checker;
  }

  get #server(): SimulatedServer {
    return this.#world.server;
  }

  now(): number {
    return this.#world.timeline.now + this.#clockOffset;
  }

  /** After every call into the session: plans its tick. */
  settle(): void {
    const at = this.session.nextTickAt - this.#clockOffset;
    if (at >= this.#tickPlannedAt || at === Number.POSITIVE_INFINITY) return;
    this.#tickPlannedAt = at;
    this.#world.timeline.plan(at - this.#world.timeline.now, () => {
      this.#tickPlannedAt = Number.POSITIVE_INFINITY;
      this.session.tick(this.now());
      this.settle();
    });
  }

  emit(size: number, isVolatile: boolean): void {
    if (this.session.ended) return;
    const { session } = this;
    const data = { number: this.#number, text: "u".repeat(size) };
    this.#number += 1;
    if (isVolatile) {
      const packet = { type: "event", name: "hint", volatile: true, data } as const;
      session.sendVolatile(new Entry(packet, jsonCodec), this.now());
    } else this.#send(new Entry({ type: "event", name: "up", data }, jsonCodec), data.number);
    this.settle();
  }

  /** Opens another link now, whatever is open: a reconnect, an upgrade, or a fallback. */
  connect(kind: CarrierKind = this.#random.pick(kinds)): void {
    if (this.session.ended || this.#world.timeline.now < this.#offlineUntil) return;
    const carrier = openCarrier(this.#world, this, kind);
    this.#carriers.add(carrier);
    const port = this.#world.seam.port?.(carrier.port, "client") ?? carrier.port;
    carrier.link = this.session.connect(port, this.now(), { token: String(this.#token) });
    this.settle();
  }

  /** Of carriers: a message came for a link. One that is not a packet is a violation. */
  receive(link: Link | undefined, message: Encoded, codec: Codec): void {
    if (link === undefined) return;
    const packet = codec.decode(message);
    if (isFault(packet)) throw new Violation(`the client read ${packet.code}: ${packet.detail}`);
    link.receive(packet, this.now());
    this.settle();
  }

  /** Of carriers: this one is over. */
  forget(carrier: Carrier): void {
    this.#carriers.delete(carrier);
  }

  jumpClock(ms: number): void {
    this.#clockOffset += ms;
    this.#tickPlannedAt = Number.POSITIVE_INFINITY;
    this.settle();
  }

  goOffline(ms: number): void {
    this.#offlineUntil = this.#world.timeline.now + ms;
    for (const carrier of [...this.#carriers]) carrier.cut(this.#random.below(4));
    this.planConnect(ms + 1);
  }

  /** Hurts one of the open carriers. */
  hurt(): void {
    const carrier = this.#random.pick([...this.#carriers]);
    if (carrier === undefined) return;
    if (this.#random.chance(0.4)) carrier.freeze(this.#random.below(20_000));
    else carrier.cut(this.#random.below(4));
  }

  /** A carrier's end was noticed; without a link, another try is planned. */
  planConnect(delayMs: number = this.#random.below(1500)): void {
    if (this.#connectPlanned) return;
    this.#connectPlanned = true;
    this.#world.timeline.plan(delayMs, () => {
      this.#connectPlanned = false;
      if (this.session.live === undefined && this.session.pending === undefined) {
        if (this.#world.timeline.now < this.#offlineUntil) {
          this.planConnect(this.#offlineUntil - this.#world.timeline.now + 1);
        } else this.connect();
      }
    });
  }

  #newSession(): ClientSession {
    const options: ClientSessionOptions = {
      limits: this.#limits,
      handler: {
        packet: (packet) => {
          if (packet.type !== "event") return;
          const data = packet.data as { serial: number; position: number };
          if (packet.volatile) this.#checker.counts.volatile += 1;
          else this.#checker.downApplied(data.serial, data.position);
        },
        linked: (linked) => this.#linked(linked),
        unlinked: (end) => this.#unlinked(end),
        acknowledged: (count) => this.#checker.upAcknowledged(count),
        ended: (end) => {
          throw new Violation(`the client's session ended with ${end.code}: ${end.reason}`);
        },
      },
    };
    const make = this.#world.seam.client ?? ((given, now) => new ClientSession(given, now));
    return make(options, this.now());
  }

  #linked(linked: Linked): void {
    const id = linked.welcome?.session;
    const record = this.#server.recordOf(id);
    const theirs = this.#server.sessionOf(id);
    // Of a session that ended while the welcome was under way nobody knows what it held.
    const retainedFrom =
      theirs === undefined ? Number.POSITIVE_INFINITY : theirs.sent - theirs.retained.entries;
    this.#checker.answered(linked, record, retainedFrom);
    for (const entry of linked.unsent) {
      const packet = entry.packet() as { data: { number: number } };
      this.#send(entry, packet.data.number);
    }
    this.#checkMemory();
  }

  #unlinked(end: LinkEnd): void {
    if (end.code === CloseCode.malformed || end.code === CloseCode.tooLarge) {
      throw new Violation(`a link ended with ${end.code}: ${end.reason}`);
    }
    // Sometimes the stale token is tried once more first.
    if (end.code === CloseCode.tokenExpired && this.#random.chance(0.8)) {
      this.#token = this.#server.token;
    }
    if (this.session.live === undefined && this.session.pending === undefined) {
      this.planConnect();
    }
  }

  #send(entry: Entry, number: number): void {
    const position = this.session.sent;
    this.#checker.upSent(position, number);
    const given = this.session.send(entry, this.now());
    if (given === position) this.#checkMemory();
    else if (given < 0) {
      this.#checker.upRefused(position);
      this.#checker.counts.refused += 1;
    } else throw new Violation(`position ${given} where ${position} was due`);
  }

  #checkMemory(): void {
    const { bytes, entries } = this.session.retained;
    if (bytes > this.#limits.logBytes || entries > this.#limits.logEntries) {
      throw new Violation(`the client retains ${entries} entries, ${bytes} bytes`);
    }
  }
}
