// The witness: it knows what was said to whom and by whom, and judges what arrived, the answers to
// hellos, and what the hubs keep. It believes no engine.

import type { Linked } from "@tidewire/session-protocol";
import type { ClientRecord, Said, SessionRecord } from "./session-record.js";
import { limits, type Site } from "./site.js";
import type { Weather } from "./weather.js";

/** Kinds of broken promises. */
export type Breach =
  /** A broadcast came before another that was owed first: that one is lost, or late. */
  | "skipped"
  | "repeated"
  /** A broadcast to rooms that the listener was not in. */
  | "stranger"
  /** In calm, a broadcast had not arrived. */
  | "lost"
  /** The same of what clients send. */
  | "up-skipped"
  | "up-repeated"
  | "up-lost"
  /** `fresh`, `resumed` or `gap` said what was not so. */
  | "untrue-answer"
  /** A session was ended that should have lived. */
  | "early-end"
  /** What nobody needs any more is kept. */
  | "left-over"
  | "memory"
  /** A link that was replaced still speaks. */
  | "old-link"
  /** A link lives on after its token was refused, or ran out. */
  | "refused-link"
  | "expired-link"
  /** The two sides do not understand each other. */
  | "protocol"
  | "stuck"
  /** The hub reported an error of its own. */
  | "hub-error";

export class Witness {
  readonly counts = {
    said: 0,
    heard: 0,
    up: 0,
    fresh: 0,
    resumed: 0,
    gap: 0,
    lost: 0,
    unknown: 0,
    unsent: 0,
  };
  readonly sessions: Map<string, SessionRecord> = new Map();
  readonly #clients = new Map<string, ClientRecord>();
  readonly #weather: Weather;
  #order = 0;
  #found: { readonly breach: Breach; readonly what: string } | undefined;
  #digest = 0x811c9dc5;

  constructor(weather: Weather) {
    this.#weather = weather;
  }

  /** The first promise that was broken. Noted, not thrown: it is found in handlers that must not throw. */
  get found(): { readonly breach: Breach; readonly what: string } | undefined {
    return this.#found;
  }

  violated(breach: Breach, what: string): void {
    this.#found ??= { breach, what };
  }

  /** Of all that happened, in order: the same run has the same. */
  get digest(): number {
    return this.#digest >>> 0;
  }

  note(...numbers: readonly number[]): void {
    for (const number of [this.#weather.timeline.now, ...numbers]) {
      this.#digest = Math.imul(this.#digest ^ number, 0x01000193);
    }
  }

  client(name: string): ClientRecord {
    let client = this.#clients.get(name);
    if (client === undefined) {
      client = { record: undefined, ups: new Map(), applied: new Set(), floor: 0, isOver: false };
      this.#clients.set(name, client);
    }
    return client;
  }

  // ── What the hub's program sees ──────────────────────────────────────────────────────────────

  began(id: string, user: string, site: Site): void {
    this.#order += 1;
    this.sessions.set(id, {
      id,
      user,
      site,
      began: this.#order,
      ended: undefined,
      isKicked: false,
      unlinkedAt: Number.POSITIVE_INFINITY,
      overdueSince: undefined,
      rooms: new Set(),
      owed: [],
      heard: new Set(),
      ups: undefined,
      applied: 0,
    });
  }

  linked(id: string, isLinked: boolean): void {
    const record = this.sessions.get(id);
    if (record === undefined) return;
    record.unlinkedAt = isLinked ? Number.POSITIVE_INFINITY : record.site.now();
  }

  ended(id: string, code: number): void {
    const record = this.sessions.get(id);
    if (record === undefined) return;
    this.#order += 1;
    record.ended = this.#order;
    record.rooms.clear();
    const { site, user, isKicked, unlinkedAt } = record;
    const isRight =
      (code === 4003 && site.now() - unlinkedAt >= limits.sessionMs) ||
      // A client that was kicked hands the code on to a link that is still pending.
      (code === 4006 && (isKicked || this.client(user).isOver)) ||
      (code === 4002 && site.isLeaving);
    if (!isRight) this.violated("early-end", `session of ${user} ended with ${code}`);
  }

  /** An event to a room is about to be said by a hub. */
  said(site: Site, room: string, bytes: number): number {
    const n = this.counts.said;
    this.counts.said += 1;
    const said: Said = { room, n, bytes, at: site.now() };
    for (const record of this.sessions.values()) {
      if (record.site === site && record.rooms.has(room)) record.owed.push(said);
    }
    return n;
  }

  upApplied(id: string, user: string, number: number): void {
    const client = this.client(user);
    const record = this.sessions.get(id);
    if (record === undefined) return;
    this.note(3, number);
    const wanted = record.ups?.get(record.applied);
    if (client.applied.has(number) || number < client.floor) {
      this.violated("up-repeated", `the hub got up ${number} of ${user} again`);
    } else if (wanted !== number) {
      this.violated("up-skipped", `the hub got up ${number} of ${user}, not ${wanted}`);
    }
    client.applied.add(number);
    record.applied += 1;
    this.counts.up += 1;
  }

  // ── What the clients see ─────────────────────────────────────────────────────────────────────

  heard(name: string, { room, n }: Pick<Said, "room" | "n">): void {
    const { record } = this.client(name);
    this.counts.heard += 1;
    this.note(4, n);
    if (record?.owed[0]?.n === n) {
      record.owed.shift();
      record.heard.add(n);
      return;
    }
    const told = `${name} heard ${n} in ${room}`;
    if (record?.heard.has(n)) this.violated("repeated", `${told} again`);
    else if (record?.owed.some((owed) => owed.n === n)) {
      this.violated("skipped", `${told} before ${record.owed[0]?.n}`);
    } else this.violated("stranger", `${told}, which was not said to it`);
  }

  /** A client was told to go. */
  over(name: string): void {
    this.client(name).isOver = true;
  }

  upSent(name: string, position: number, number: number): void {
    this.client(name).ups.set(position, number);
  }

  /** The client's log was full: the position was not given after all. */
  upRefused(name: string, position: number): void {
    this.client(name).ups.delete(position);
  }

  /** A client was told how its session goes on. */
  answered(name: string, linked: Linked): void {
    const { answer, lost, reason, welcome } = linked;
    const client = this.client(name);
    const record = this.sessions.get(welcome?.session ?? "");
    this.counts[answer] += 1;
    this.counts.lost += lost;
    this.counts.unknown += linked.unknown.length;
    this.counts.unsent += linked.unsent.length;
    this.note(5, answer.length, lost);
    if (record === undefined || record.user !== name) {
      this.violated("untrue-answer", `${answer}, of a session that is not ${name}'s`);
    } else if (answer === "fresh") this.#fresh(client, record, linked);
    else if (record !== client.record) {
      this.violated("untrue-answer", `${answer}, but it is another session of ${name}`);
    } else if (answer === "resumed" && lost > 0) {
      this.violated("untrue-answer", `resumed, and ${lost} are lost`);
    } else if (answer === "gap") {
      if (reason === "overflow" || reason === "age") this.#weather.met(reason);
      this.#skip(record, lost);
    }
  }

  #fresh(client: ClientRecord, record: SessionRecord, { reason }: Linked): void {
    const former = client.record;
    // A welcome on its way may be outrun by the word that its session is gone, and only then misfit.
    if (reason === "mismatch" && former?.ended === undefined) {
      this.violated("untrue-answer", `counts of ${record.user} that cannot be true`);
    }
    if (former !== undefined) {
      if (former.site !== record.site) this.#weather.met("freshAfterDrain");
      else if (former.ended === undefined || former.ended > record.began) {
        this.violated("untrue-answer", `fresh, but the session of ${record.user} lives`);
      }
      client.ups = new Map();
    }
    client.record = record;
    record.ups = client.ups;
  }

  /** What a gap says is lost must have been driven out, by its budget or by age, and be gone. */
  #skip(record: SessionRecord, lost: number): void {
    const { owed, site } = record;
    const last = owed[lost - 1];
    if (lost === 0) return;
    const retained = site.core(record.id)?.session.retained.entries;
    if (last === undefined || (retained !== undefined && retained > owed.length - lost)) {
      this.violated("untrue-answer", `a gap of ${lost} over entries that the hub still held`);
      return;
    }
    const after = owed.slice(lost - 1);
    const bytes = after.reduce((sum, said) => sum + said.bytes, 0);
    const isDriven =
      after.length > limits.logEntries ||
      bytes > limits.logBytes ||
      site.now() - last.at >= limits.sessionMs;
    if (!isDriven) this.violated("untrue-answer", `a gap of ${lost} for no reason`);
    owed.splice(0, lost);
  }

  // ── In calm ──────────────────────────────────────────────────────────────────────────────────

  /** Everything of this client has arrived, or something is missing. */
  settled(name: string, upSent: number): void {
    const { record } = this.client(name);
    if (record === undefined) return;
    const [first] = record.owed;
    if (first !== undefined) {
      this.violated("lost", `${record.owed.length} never reached ${name}, the first ${first.n}`);
    }
    if (record.applied !== upSent) {
      this.violated("up-lost", `the hub got ${record.applied} of ${upSent} of ${name}`);
    }
  }

  /** Forgets whoever is gone; `next` is the number that each client's next event will have. */
  forget(next: ReadonlyMap<string, number>): void {
    for (const [id, { ended }] of this.sessions) if (ended !== undefined) this.sessions.delete(id);
    for (const record of this.sessions.values()) record.heard.clear();
    for (const [name, client] of this.#clients) {
      const floor = next.get(name);
      if (floor === undefined) this.#clients.delete(name);
      else {
        client.floor = floor;
        client.applied.clear();
        client.ups.clear();
      }
    }
  }
}
