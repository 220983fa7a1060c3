// One person: a client's session with a clock of its own, on links of every kind.

import {
  ClientSession,
  defaultLimits,
  Entry,
  jsonCodec,
  type LinkEnd,
  type Linked,
} from "@tidewire/session-protocol";
import { type Carrier, type Kind, kinds, type Owner, type Place } from "./carrier.js";
import { tokenOf } from "./doorkeeper.js";
import { PollCarrier } from "./poll-carrier.js";
import { ResponseCarrier } from "./response-carrier.js";
import type { Said } from "./session-record.js";
import { limits, type Site } from "./site.js";
import { SocketCarrier } from "./socket-carrier.js";
import type { Weather } from "./weather.js";
import type { Witness } from "./witness.js";

/** What a person needs of the world. */
interface Surroundings {
  readonly weather: Weather;
  readonly witness: Witness;
  /** Where new links go. */
  readonly site: Site;
}

/** Ends that the weather explains; any other is a bug of one side. */
const expectedEnds = [0, 4001, 4002, 4003, 4004, 4006, 4401, 4402, 4403, 4404, 4408, 4409];

export class Person implements Owner {
  readonly name: string;
  readonly address: string;
  readonly session: ClientSession;
  /** The number of the next event. */
  nextNumber = 0;
  readonly #around: Surroundings;
  readonly #carriers = new Set<Carrier>();
  #clockOffset = 0;
  #offlineUntil = 0;
  #isConnectPlanned = false;
  #tickPlannedAt: number = Number.POSITIVE_INFINITY;
  /** The kind of the live link. */
  #liveKind: Kind | undefined;
  #renewal = 0;

  constructor(around: Surroundings, number: number) {
    this.#around = around;
    this.name = `person-${number}`;
    this.address = `192.0.${(number >> 8) & 255}.${number & 255}`;
    this.session = new ClientSession(
      {
        limits: { ...defaultLimits, ...limits },
        handler: {
          packet: (packet) => {
            if (packet.type === "renew") this.#planRenewal(packet.renewMs);
            if (packet.type !== "event" || packet.name !== "said") return;
            around.witness.heard(this.name, packet.data as Said);
          },
          linked: (linked) => this.#linked(linked),
          unlinked: (end) => this.#unlinked(end),
          ended: (end) => {
            this.#judge(end);
            around.witness.over(this.name);
          },
        },
      },
      this.now(),
    );
  }

  now(): number {
    return this.#around.weather.timeline.now + this.#clockOffset;
  }

  /** After every call into the session: plans its tick. */
  settle(): void {
    const { timeline } = this.#around.weather;
    const at = this.session.nextTickAt - this.#clockOffset;
    if (at >= this.#tickPlannedAt || at === Number.POSITIVE_INFINITY) return;
    this.#tickPlannedAt = at;
    timeline.plan(at - timeline.now, () => {
      // A later plan, for an earlier time, has taken its place.
      if (this.#tickPlannedAt !== at) return;
      this.#tickPlannedAt = Number.POSITIVE_INFINITY;
      this.session.tick(this.now());
      this.settle();
    });
  }

  get carriers(): readonly Carrier[] {
    return [...this.#carriers];
  }

  forget(carrier: Carrier): void {
    this.#carriers.delete(carrier);
  }

  // ── What a person does ───────────────────────────────────────────────────────────────────────

  say(size: number): void {
    const number = this.nextNumber;
    this.nextNumber += 1;
    const data = { number, text: "u".repeat(size) };
    this.#send(new Entry({ type: "event", name: "up", data }, jsonCodec), number);
    this.settle();
  }

  /** Opens a link now, whatever is open: a reconnect, an upgrade or a fallback. */
  connect(): void {
    const { weather, witness, site } = this.#around;
    if (this.session.ended || weather.timeline.now < this.#offlineUntil) return;
    if (this.session.live !== undefined) weather.met("twoLinks");
    const kind = weather.random.pick(kinds);
    const carrier = openCarrier({ weather, witness, site, owner: this }, kind);
    this.#carriers.add(carrier);
    carrier.link = this.session.connect(carrier.port, this.now(), { token: tokenOf(this.name) });
    this.settle();
  }

  /** Something happens to one of its links. */
  hurt(): void {
    const { weather } = this.#around;
    const { random } = weather;
    if (this.#carriers.size === 0) return;
    const carrier = random.pick(this.carriers);
    if (random.chance(0.4)) {
      weather.met("frozen");
      carrier.freeze(random.below(random.chance(0.2) ? 20_000 : 2_000));
      return;
    }
    const notice = random.below(4);
    weather.met(notice === 3 ? "cut" : "halfOpen");
    carrier.cut(notice);
  }

  /** What it says is stuck on the old link, and wakes up when the new one was accepted. */
  haunt(): void {
    const { weather } = this.#around;
    weather.met("frozen");
    for (const carrier of this.carriers) carrier.freeze(1_000 + weather.random.below(5_000));
    for (let i = 0; i < 5; i += 1) this.say(10);
    this.connect();
  }

  goOffline(ms: number): void {
    const { weather } = this.#around;
    weather.met("offline");
    this.#offlineUntil = weather.timeline.now + ms;
    for (const carrier of this.carriers) carrier.cut(weather.random.below(4));
    this.planConnect(ms + 1);
  }

  /** Timers that run are not moved by it: they wait for a while, not for a time of the day. */
  jumpClock(ms: number): void {
    this.#clockOffset += ms;
  }

  /** Without a link, another try. */
  planConnect(delayMs: number = this.#around.weather.random.below(1_500)): void {
    if (this.#isConnectPlanned) return;
    this.#isConnectPlanned = true;
    const { timeline } = this.#around.weather;
    timeline.plan(delayMs, () => {
      this.#isConnectPlanned = false;
      if (this.session.live !== undefined || this.session.pending !== undefined) return;
      const offlineMs = this.#offlineUntil - timeline.now;
      if (offlineMs > 0) this.planConnect(offlineMs + 1);
      else this.connect();
    });
  }

  // ── What its session reports ─────────────────────────────────────────────────────────────────

  #linked(linked: Linked): void {
    const { weather, witness, site } = this.#around;
    const former = this.#liveKind;
    const carrier = this.carriers.find(({ link }) => link === linked.link);
    this.#liveKind = carrier?.kind;
    if (former !== undefined && carrier !== undefined && former !== carrier.kind) {
      weather.moves.add(`${former} to ${carrier.kind}`);
      const theirs = site.core(linked.welcome?.session)?.session.retained.entries ?? 0;
      if (this.session.retained.entries > 0 && theirs > 0) weather.met("moveInBurst");
    }
    witness.answered(this.name, linked);
    for (const entry of linked.unsent) this.#send(entry, numberOf(entry));
    this.#planRenewal(linked.welcome?.renewMs);
    this.#checkMemory();
  }

  #unlinked(end: LinkEnd): void {
    const { weather } = this.#around;
    this.#judge(end);
    if (end.wasLive) this.#liveKind = undefined;
    if (end.code === 4402) weather.met("expiredToken");
    if (end.code === 4002) weather.met("sentAway");
    if (this.session.live === undefined && this.session.pending === undefined) {
      this.planConnect((end.retryMs ?? 0) + weather.random.below(1_500));
    }
  }

  #judge({ code, reason }: LinkEnd): void {
    if (expectedEnds.includes(code)) return;
    this.#around.witness.violated("protocol", `a link of ${this.name} ended: ${code} ${reason}`);
  }

  /** Renews its token in time, mostly. */
  #planRenewal(renewMs: number | undefined): void {
    if (renewMs === undefined) return;
    const { weather } = this.#around;
    this.#renewal += 1;
    const renewal = this.#renewal;
    const share = weather.isCalm ? 0.5 : 0.1 + weather.random.next() * 0.7;
    if (weather.strikes("forgottenRenewal", 0.2)) return;
    weather.timeline.plan(renewMs * share, () => {
      if (renewal === this.#renewal) this.#renew();
    });
  }

  #renew(): void {
    const { session } = this;
    if (session.live === undefined || session.id === undefined) return;
    const token = tokenOf(this.name, session.id);
    const entry = new Entry({ type: "token", token }, jsonCodec);
    const isTaken = session.sendVolatile(entry, this.now());
    if (!isTaken) this.#around.weather.timeline.plan(200, () => this.#renew());
    this.settle();
  }

  #send(entry: Entry, number: number): void {
    const { witness } = this.#around;
    const position = this.session.sent;
    witness.upSent(this.name, position, number);
    if (this.session.send(entry, this.now()) < 0) witness.upRefused(this.name, position);
    this.#checkMemory();
  }

  #checkMemory(): void {
    const { bytes, entries } = this.session.retained;
    if (bytes <= limits.logBytes && entries <= limits.logEntries) return;
    this.#around.witness.violated("memory", `${this.name} retains ${entries} entries`);
  }
}

function openCarrier(place: Place, kind: Kind): Carrier {
  if (kind === "socket") return new SocketCarrier(place);
  if (kind === "sse" || kind === "stream") return new ResponseCarrier(place, kind);
  return new PollCarrier(place, kind);
}

function numberOf(entry: Entry): number {
  return (entry.packet() as { data: { number: number } }).data.number;
}
