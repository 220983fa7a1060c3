// The session engine, the same class on both sides (PROTOCOL.md §2, §5–§7). Sans-I/O.
//
// Theory. A session is a log of ours (`Log`), a count of theirs (`received`) and at most one live
// link. A link is two cursors: `next`, the position in our log that it writes next, and `expected`,
// the position in theirs that it reads next. Whatever happens to links, an entry is applied when its
// position equals the count, is dropped when it is below, and both cursors of a new link are set by
// the counts that hello and welcome exchange. A client also has a pending link, from hello to
// welcome, during which the live one goes on (§5.9).
//
// Time. `#time` is our own clock: it moves with the caller's, but never back, and past the next
// deadline only by `leapMs` in one step (§7.3). Deadlines are kept in it.

import { CloseCode, endsSession, reconnects } from "./close-code.js";
import { Entry } from "./entry.js";
import { type Fault, fault } from "./fault.js";
import { defaultLimits, graceMs, type Limits, leapMs } from "./limits.js";
import { Link, type LinkOwner, type LinkPort } from "./link.js";
import { Log } from "./log.js";
import {
  type Bye,
  type Hello,
  isCounted,
  type Packet,
  type Payload,
  type Welcome,
} from "./packet.js";
import { RoundTrip } from "./round-trip.js";
import type {
  ByeDetails,
  LinkEnd,
  Linked,
  Overflow,
  SessionHandler,
  SessionOptions,
} from "./session-handler.js";

/** Thrown by `send` for an entry above `limits.messageBytes`: the other side would end the session. */
export class MessageTooLargeError extends RangeError {
  readonly size: number;
  readonly limit: number;

  constructor(size: number, limit: number) {
    super(`The message is ${size} bytes, above messageBytes (${limit}). Send it as a stream.`);
    this.name = "MessageTooLargeError";
    this.size = size;
    this.limit = limit;
  }
}

export class Session implements LinkOwner {
  readonly role: "client" | "server";
  /** The public id. A client has none before its first welcome. */
  id: string | undefined;
  /** Client only: what proves the session in the next hello. Never log it. */
  secret: string | undefined;
  /** The limits in force. */
  limits: Limits;
  /** How many entries of the other side were applied. */
  received = 0;
  /** The other side has all our entries below this position. */
  acknowledged = 0;
  readonly roundTrip: RoundTrip = new RoundTrip();
  readonly #handler: SessionHandler;
  readonly #overflow: Overflow;
  readonly #retentionMs: number;
  readonly #log: Log;
  #live: Link | undefined;
  #pending: Link | undefined;
  #linkNumber = 0;
  /** Positions below were written to some link. */
  #written = 0;
  #ended = false;
  /** Client: a former session was lost, so the next fresh answer loses something. */
  #abandoned = false;
  #gapReason = "overflow";
  /** Entries received since our last acknowledgement. */
  #owed = 0;
  #ackAt = Number.POSITIVE_INFINITY;
  #pingId = 0;
  #now: number;
  #time = 0;
  #expireAt: number;
  #graced = false;

  constructor(options: SessionOptions, now: number) {
    this.role = options.role;
    this.id = options.id;
    this.limits = options.limits ?? defaultLimits;
    this.#handler = options.handler;
    this.#overflow = options.overflow ?? (options.role === "client" ? "refuse" : "gap");
    this.#retentionMs = options.retentionMs ?? this.limits.sessionMs;
    this.#log = new Log({ bytes: this.limits.logBytes, entries: this.limits.logEntries });
    this.#now = now;
    this.#expireAt = this.limits.sessionMs;
  }

  /** The link that carries the session now. */
  get live(): Link | undefined {
    return this.#live;
  }

  /** Client: the link whose hello has no answer yet. */
  get pending(): Link | undefined {
    return this.#pending;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many entries were ever sent: the position that the next one gets. */
  get sent(): number {
    return this.#log.head;
  }

  /** What the log retains now. */
  get retained(): { readonly bytes: number; readonly entries: number } {
    return { bytes: this.#log.bytes, entries: this.#log.head - this.#log.base };
  }

  // ── Links ────────────────────────────────────────────────────────────────────────────────────

  /**
   * Client: a transport is open. Writes the hello (§5.1). The live link, if any, goes on until the
   * welcome (§5.9); an earlier pending one is given up.
   */
  connect(port: LinkPort, now: number, greeting: { token?: string; agent?: string } = {}): Link {
    this.#advance(now);
    if (this.#pending !== undefined) this.#close(this.#pending, CloseCode.superseded, "");
    this.#linkNumber += 1;
    const link = new Link(this, this.#linkNumber, port, this.#time);
    link.silentSince = this.#time;
    this.#pending = link;
    const resume =
      this.id === undefined || this.secret === undefined
        ? {}
        : { session: this.id, secret: this.secret, received: this.received };
    this.#write(link, { type: "hello", version: 1, link: link.number, ...greeting, ...resume });
    return link;
  }

  /**
   * Server: takes a checked hello (§5.3) and writes the welcome. The older link is closed. A new
   * session answers `fresh`, with `reason` when the hello named another one.
   *
   * A fault `stale` refuses this link only. A fault `mismatch` means that this session cannot
   * continue: end it, and let the hello have a new one with that reason (§5.6).
   */
  accept(
    port: LinkPort,
    hello: Hello,
    now: number,
    extra: { secret?: string; renewMs?: number; reason?: string } = {},
  ): Link | Fault {
    this.#advance(now);
    const isFresh = this.#linkNumber === 0;
    const received = isFresh ? 0 : (hello.received ?? 0);
    if (this.#ended || hello.link <= this.#linkNumber) {
      return fault("stale", "5.2", "a newer link was accepted", CloseCode.stale);
    }
    if (received > this.#written) {
      return fault("mismatch", "5.6", "hello.received is above what was sent", CloseCode.stale);
    }
    this.#linkNumber = hello.link;
    if (this.#live !== undefined) {
      this.#sayBye(this.#live, { type: "bye", code: CloseCode.superseded, reason: "" });
    }
    this.#forget(received);
    this.#release();
    const link = new Link(this, hello.link, port, this.#time);
    const base = this.#log.base;
    const lost = base - this.acknowledged;
    const answer = isFresh ? "fresh" : lost > 0 ? "gap" : "resumed";
    const reason = isFresh ? extra.reason : lost > 0 ? this.#gapReason : undefined;
    link.next = base;
    link.expected = this.received;
    // After a gap the client counts what was evicted, written or not.
    this.#written = Math.max(this.#written, base);
    this.#live = link;
    this.#owed = 0;
    this.#ackAt = Number.POSITIVE_INFINITY;
    this.#write(link, {
      type: "welcome",
      answer,
      ...(reason === undefined ? {} : { reason }),
      session: this.id ?? "",
      ...(extra.secret === undefined ? {} : { secret: extra.secret }),
      link: link.number,
      received: this.received,
      position: base,
      limits: this.limits,
      ...(extra.renewMs === undefined ? {} : { renewMs: extra.renewMs }),
    });
    this.#handler.linked({ ...nothingLost, answer, reason, link });
    this.#pump(link);
    return link;
  }

  /** Ends the live link with a `bye` and keeps the session: drain, slow, an expired token (§11). */
  unlink(code: number, reason: string, now: number, more: ByeDetails = {}): void {
    this.#advance(now);
    const link = this.#live;
    if (link === undefined) return;
    const bye: Bye = { type: "bye", code, reason, ...more };
    this.#sayBye(link, bye);
    this.#handler.unlinked(endOf(link, bye, true));
  }

  /** Ends the session, and its links with a `bye`. */
  end(code: number, reason: string, now: number): void {
    this.#advance(now);
    this.#finish(this.#live, { type: "bye", code, reason });
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────

  /**
   * Appends an entry to the log, and writes it when the live link can take it. Answers its
   * position, or -1 when the log is full (policy `refuse`) or the session is over.
   *
   * @throws {MessageTooLargeError} above `limits.messageBytes`.
   */
  send(entry: Entry, now: number): number {
    this.#advance(now);
    if (entry.size > this.limits.messageBytes) {
      throw new MessageTooLargeError(entry.size, this.limits.messageBytes);
    }
    if (this.#ended || (!this.#log.fits(entry) && !this.#makeRoom(entry))) return -1;
    const position = this.#log.push(entry, this.#time);
    const link = this.#live;
    if (link !== undefined) {
      if (link.next === position) this.#pump(link);
      if (this.#log.isHalfFull && link.pingAt === undefined) this.#ping(link);
    }
    return position;
  }

  /**
   * Writes an uncounted packet (a volatile event, `token`, `renew`) if the live link can take it at
   * once; answers whether it did.
   */
  sendVolatile(entry: Entry, now: number): boolean {
    this.#advance(now);
    const link = this.#live;
    if (link === undefined || !link.writable) return false;
    link.writable = link.port.write(entry, 0);
    return true;
  }

  /**
   * Puts another entry in the place of one that no link has carried yet, as for "only the latest
   * value counts". False when it was written already, or would not fit: send it instead.
   */
  replace(position: number, entry: Entry): boolean {
    const kept = position >= this.#written && position >= this.#log.base;
    if (!kept || position >= this.#log.head || this.#ended) return false;
    const former = this.#log.at(position);
    if (entry.size > former.size && !this.#log.fits(entry)) return false;
    this.#log.replace(position, entry);
    return true;
  }

  /** Asks for a sign of life and for an acknowledgement (§6.2, §7.1). */
  ping(now: number): void {
    this.#advance(now);
    if (this.#live !== undefined) this.#ping(this.#live);
  }

  /** The count of received entries, which the caller is about to tell the other side (§10.4). */
  takeAck(): number {
    this.#owed = 0;
    this.#ackAt = Number.POSITIVE_INFINITY;
    return this.received;
  }

  // ── Time ─────────────────────────────────────────────────────────────────────────────────────

  /** When `tick` is wanted next, on the caller's clock; infinity: never, as things stand. */
  get nextTickAt(): number {
    return this.#now + Math.max(0, this.#deadline() - this.#time);
  }

  /** Does what is due: acknowledgement, ping, dead link, expiry. Early calls do nothing. */
  tick(now: number): void {
    this.#advance(now);
    if (this.#ended) return;
    if (this.#time >= this.#ackAt && this.#live !== undefined) this.#acknowledge(this.#live);
    for (const link of [this.#live, this.#pending]) {
      if (link !== undefined && this.#time >= this.#silenceEndsAt(link)) this.#doubt(link);
    }
    if (this.#live !== undefined || this.role === "client") return;
    if (this.#time >= this.#expireAt) {
      this.#finish(undefined, { type: "bye", code: CloseCode.timeout, reason: "expired" });
      return;
    }
    while (this.#log.base < this.#log.head && this.#time >= this.#oldestEndsAt()) {
      this.#log.forget(this.#log.base + 1);
      this.#gapReason = "age";
    }
  }

  #deadline(): number {
    if (this.#ended) return Number.POSITIVE_INFINITY;
    let at = this.#live === undefined ? Number.POSITIVE_INFINITY : this.#ackAt;
    if (this.#live !== undefined) at = Math.min(at, this.#silenceEndsAt(this.#live));
    if (this.#pending !== undefined) at = Math.min(at, this.#silenceEndsAt(this.#pending));
    if (this.#live === undefined && this.role === "server") {
      at = Math.min(at, this.#expireAt, this.#oldestEndsAt());
    }
    return at;
  }

  #advance(now: number): void {
    const step = now - this.#now;
    this.#now = now;
    if (step <= 0) return;
    if (step > leapMs) {
      const most = Math.max(0, this.#deadline() - this.#time) + leapMs;
      if (step > most) {
        this.#time += most;
        this.#leap();
        return;
      }
    }
    this.#time += step;
  }

  /** §7.3: we were away, not they. Each silence is forgiven once. */
  #leap(): void {
    for (const link of [this.#live, this.#pending]) {
      if (link === undefined || link.doubted) continue;
      link.doubted = true;
      if (link === this.#pending) link.silentSince = this.#time;
      else {
        link.silentSince = undefined;
        link.heardAt = Math.min(link.heardAt, this.#time - this.#heartbeatMs());
      }
    }
    if (this.#live === undefined && !this.#graced) {
      this.#graced = true;
      this.#expireAt = Math.max(this.#expireAt, this.#time + graceMs);
    }
  }

  #heartbeatMs(): number {
    return this.limits.heartbeatMs * (this.role === "client" ? 1.25 : 1);
  }

  #silenceEndsAt(link: Link): number {
    return link.silentSince === undefined
      ? link.heardAt + this.#heartbeatMs()
      : link.silentSince + this.roundTrip.patienceMs + (link.port.allowanceMs ?? 0);
  }

  #oldestEndsAt(): number {
    if (this.#log.base === this.#log.head) return Number.POSITIVE_INFINITY;
    return this.#log.timeAt(this.#log.base) + this.#retentionMs;
  }

  #doubt(link: Link): void {
    if (link.silentSince === undefined) this.#ping(link);
    else this.#drop(link, CloseCode.timeout, "no sign of life");
  }

  #ping(link: Link): void {
    link.silentSince ??= this.#time;
    link.pingOwed = true;
    this.#settle(link);
  }

  // ── What links report (LinkOwner) ────────────────────────────────────────────────────────────

  receive(link: Link, packet: Packet, now: number): void {
    this.hear(link, now);
    if (link.over) return;
    if (link === this.#pending) {
      if (packet.type === "welcome") this.#welcome(link, packet);
      else if (packet.type === "bye") this.#byeFrom(link, packet);
      else this.#breach(link, unexpected(packet));
      return;
    }
    if (isCounted(packet)) {
      this.#count(link, packet as Payload);
      return;
    }
    switch (packet.type) {
      case "event":
        this.#handler.packet(packet);
        return;
      case "ack":
        if (packet.count > this.#written) {
          this.#breach(link, fault("count", "6.3", "an ack of entries that were never sent"));
        } else this.#forget(packet.count);
        return;
      case "ping":
        link.pongOwed = packet.id;
        link.ackOwed ||= this.#owed > 0;
        this.#settle(link);
        return;
      case "pong":
        if (packet.id === link.pingId && link.pingAt !== undefined) {
          this.roundTrip.sample(this.#time - link.pingAt);
          link.pingAt = undefined;
        }
        return;
      case "bye":
        this.#byeFrom(link, packet);
        return;
      case "token":
      case "renew":
        if ((packet.type === "token") === (this.role === "server")) {
          this.#handler.packet(packet);
          return;
        }
    }
    this.#breach(link, unexpected(packet));
  }

  fail(link: Link, fault: Fault, now: number): void {
    this.#advance(now);
    if (!link.over) this.#breach(link, fault);
  }

  drain(link: Link, now: number): void {
    this.#advance(now);
    if (link.over) return;
    link.writable = true;
    this.#settle(link);
    if (link === this.#live) this.#pump(link);
  }

  lose(link: Link, now: number, code: number, reason: string): void {
    this.#advance(now);
    if (link.over) return;
    this.#byeFrom(link, { type: "bye", code, reason });
  }

  rewind(link: Link, received: number, now: number): boolean {
    this.hear(link, now);
    if (link.over || link !== this.#live) return false;
    if (received > this.#written) {
      this.#breach(link, fault("count", "10.5", "a poll names entries that were never sent"));
      return false;
    }
    // An old copy of a poll: its client has said more since. Answer it empty.
    if (received < this.acknowledged) return false;
    // The poll says where to write, so nothing before it is needed.
    link.next = received;
    this.#forget(received);
    this.#release();
    if (link.over) return false;
    if (received < this.#log.base) {
      this.unlink(CloseCode.slow, "entries were evicted", now);
      return false;
    }
    this.drain(link, now);
    return !link.over;
  }

  hear(link: Link, now: number): void {
    this.#advance(now);
    if (link.over) return;
    link.heardAt = this.#time;
    link.doubted = false;
    if (link === this.#live) link.silentSince = undefined;
  }

  seek(link: Link, position: number, now: number): boolean {
    this.hear(link, now);
    if (link.over || position > this.received) return false;
    link.expected = position;
    return true;
  }

  // ── Receiving ────────────────────────────────────────────────────────────────────────────────

  #count(link: Link, packet: Payload): void {
    const position = link.expected;
    // §2.3: below the count it is a duplicate.
    if (position > this.received) {
      this.#breach(link, fault("order", "2.3", "an entry is missing before this one"));
      return;
    }
    link.expected += 1;
    const isNew = position === this.received;
    if (isNew) this.received += 1;
    // A duplicate counts here: its acknowledgement on an older link may have been ignored (§6.2).
    this.#owed += 1;
    if (this.#owed >= this.limits.ackEntries) this.#acknowledge(link);
    else if (this.#owed === 1) this.#ackAt = this.#time + this.limits.ackMs;
    if (isNew) this.#handler.packet(packet);
  }

  #welcome(link: Link, welcome: Welcome): void {
    const isFresh = welcome.answer === "fresh";
    const error = isFresh ? checkFresh(link, welcome) : this.#checkResume(link, welcome);
    if (error !== undefined) {
      if (error.code === "mismatch") this.#abandon();
      this.#breach(link, error);
      return;
    }
    const former = this.#live;
    this.#pending = undefined;
    this.#live = link;
    if (former !== undefined) this.#close(former, CloseCode.superseded, "");
    link.silentSince = undefined;
    this.limits = welcome.limits;
    this.#log.restrict({ bytes: welcome.limits.logBytes, entries: welcome.limits.logEntries });
    const loss = isFresh ? this.#startAnew() : this.#continue(welcome);
    this.id = welcome.session;
    this.secret = welcome.secret ?? this.secret;
    link.next = welcome.received;
    link.expected = welcome.position;
    const { answer, reason } = welcome;
    this.#handler.linked({ ...nothingLost, ...loss, answer, reason, link, welcome });
    this.#pump(link);
  }

  #checkResume(link: Link, welcome: Welcome): Fault | undefined {
    if (welcome.link !== link.number) return otherLink();
    // The session's name differs when the old link said meanwhile that it is gone.
    const isTrue =
      welcome.session === this.id &&
      welcome.received >= this.acknowledged &&
      welcome.received <= this.#written &&
      (welcome.answer === "gap" || welcome.position <= this.received);
    if (isTrue) return undefined;
    return fault("mismatch", "5.6", "the welcome's counts cannot be true", CloseCode.stale);
  }

  /** §5.5: forgets what the server has, and takes note of what it lost. */
  #continue(welcome: Welcome): Partial<Linked> {
    const lost = Math.max(0, welcome.position - this.received);
    this.received += lost;
    this.#forget(welcome.received);
    return { lost };
  }

  /** §5.7: what was sent in a former session has an unknown outcome. */
  #startAnew(): Partial<Linked> {
    const hadSession = this.id !== undefined || this.#abandoned;
    const { messageBytes } = this.limits;
    const sent = Math.max(0, this.#written - this.#log.base);
    this.received = 0;
    this.#owed = 0;
    this.#ackAt = Number.POSITIVE_INFINITY;
    this.#abandoned = false;
    // Entries taken before the server's limit was known go back to the caller, whose `send` throws.
    if (!hadSession && !this.#log.some((entry) => entry.size > messageBytes)) return {};
    this.acknowledged = 0;
    this.#written = 0;
    const entries = this.#log.clear();
    return { unknown: entries.slice(0, sent), unsent: entries.slice(sent) };
  }

  #abandon(): void {
    this.id = undefined;
    this.secret = undefined;
    this.#abandoned = true;
  }

  #forget(count: number): void {
    if (count <= this.acknowledged) return;
    this.acknowledged = count;
    this.#release();
    this.#handler.acknowledged?.(count);
  }

  /** What is acknowledged may go, but the live link writes without holes, duplicates too (§6.3). */
  #release(): void {
    const next = this.#live?.next ?? this.acknowledged;
    this.#log.forget(Math.min(this.acknowledged, next));
  }

  // ── Writing ──────────────────────────────────────────────────────────────────────────────────

  #pump(link: Link): void {
    while (link.writable && !link.over && link.next < this.#log.head) {
      const entry = this.#log.at(link.next);
      link.next += 1;
      if (link.next > this.#written) this.#written = link.next;
      // The port may lose the link or drain it while it writes: its answer counts only if it says no.
      if (!link.port.write(entry, link.next)) link.writable = false;
    }
    if (this.#log.base < this.acknowledged) this.#release();
  }

  #write(link: Link, packet: Packet): void {
    if (link.over) return;
    if (!link.port.write(new Entry(packet, link.port.codec), 0)) link.writable = false;
  }

  #acknowledge(link: Link): void {
    link.ackOwed = true;
    this.#ackAt = Number.POSITIVE_INFINITY;
    this.#settle(link);
  }

  /** Writes what is owed; a link that cannot take it owes the latest of each kind, no more. */
  #settle(link: Link): void {
    if (link.ackOwed && link.writable) {
      link.ackOwed = false;
      this.#write(link, { type: "ack", count: this.takeAck() });
    }
    if (link.pongOwed !== undefined && link.writable) {
      const id = link.pongOwed;
      link.pongOwed = undefined;
      this.#write(link, { type: "pong", id });
    }
    if (link.pingOwed && link.writable) {
      link.pingOwed = false;
      this.#pingId += 1;
      link.pingId = this.#pingId;
      link.pingAt = this.#time;
      this.#write(link, { type: "ping", id: link.pingId });
    }
  }

  /** Evicts the oldest entries (§7.5). False when that is not the policy, or is not enough. */
  #makeRoom(entry: Entry): boolean {
    if (this.#overflow === "end") {
      this.#finish(this.#live, { type: "bye", code: CloseCode.overflow, reason: "log full" });
    }
    if (this.#overflow !== "gap") return false;
    while (!this.#log.fits(entry) && this.#log.base < this.#log.head) {
      const link = this.#live;
      if (link !== undefined && link.next <= this.#log.base) {
        this.unlink(CloseCode.slow, "the log is full", this.#now);
      }
      this.#log.forget(this.#log.base + 1);
      this.#gapReason = "overflow";
    }
    return this.#log.fits(entry);
  }

  // ── Ends ─────────────────────────────────────────────────────────────────────────────────────

  /** The other side, or its transport, ended a link. */
  #byeFrom(link: Link, bye: Bye): void {
    const end = endOf(link, bye, link === this.#live);
    this.#close(link, bye.code, bye.reason);
    // Before the welcome nobody has proved anything: only the link ends (§7.6).
    if (end.wasLive && endsSession(bye.code)) {
      if (this.role === "server" || !end.reconnect) {
        this.#finish(undefined, bye, end);
        return;
      }
      this.#abandon();
    }
    this.#handler.unlinked(end);
  }

  /** The other side broke the protocol on this link. */
  #breach(link: Link, error: Fault): void {
    const bye: Bye = { type: "bye", code: error.closeCode, reason: error.detail };
    if (link === this.#live && endsSession(bye.code)) {
      this.#finish(link, bye);
      return;
    }
    const end = endOf(link, bye, link === this.#live);
    this.#sayBye(link, bye);
    this.#handler.unlinked(end);
  }

  #drop(link: Link, code: number, reason: string): void {
    this.#breach(link, fault("unexpected", "7.2", reason, code));
  }

  #finish(link: Link | undefined, bye: Bye, end: LinkEnd = endOf(link, bye, true)): void {
    if (this.#ended) return;
    this.#ended = true;
    if (link !== undefined) this.#sayBye(link, bye);
    if (this.#live !== undefined) this.#sayBye(this.#live, bye);
    if (this.#pending !== undefined) this.#close(this.#pending, bye.code, bye.reason);
    this.#log.clear();
    this.#handler.ended(end);
  }

  #sayBye(link: Link, bye: Bye): void {
    this.#write(link, bye);
    this.#close(link, bye.code, bye.reason);
  }

  #close(link: Link, code: number, reason: string): void {
    if (link.over) return;
    link.over = true;
    if (link === this.#pending) this.#pending = undefined;
    if (link === this.#live) {
      this.#live = undefined;
      this.#graced = false;
      this.#expireAt = this.#time + this.limits.sessionMs;
    }
    link.port.close(code, reason);
  }
}

const nothingLost: Pick<Linked, "lost" | "unknown" | "unsent" | "welcome"> = {
  lost: 0,
  unknown: [],
  unsent: [],
  welcome: undefined,
};

function checkFresh(link: Link, welcome: Welcome): Fault | undefined {
  if (welcome.link !== link.number) return otherLink();
  if (welcome.received === 0 && welcome.position === 0 && welcome.secret !== undefined) {
    return undefined;
  }
  return fault("unexpected", "5.4", "a fresh welcome has counts of 0 and a secret");
}

function otherLink(): Fault {
  return fault("unexpected", "5.4", "the welcome is for another link");
}

function endOf(link: Link | undefined, bye: Bye, wasLive: boolean): LinkEnd {
  return {
    link: link?.number ?? 0,
    code: bye.code,
    reason: bye.reason,
    reconnect: bye.reconnect ?? reconnects(bye.code),
    retryMs: bye.retryMs,
    versions: bye.versions,
    wasLive,
  };
}

function unexpected(packet: Packet): Fault {
  return fault("unexpected", "4.2", `${packet.type} is not expected here`);
}
