// What both ends of a session have in common (PROTOCOL.md §2, §6, §7). Sans-I/O.
//
// Theory. A session is a log of ours (`log`), a count of theirs (`received`) and at most one live
// link. A link is two cursors: `next`, the position in our log that it writes next, and `expected`,
// the position in theirs that it reads next. Whatever happens to links, an entry is applied when its
// position equals the count, is dropped when it is below, and both cursors of a new link are set by
// the counts that hello and welcome exchange. How a link becomes the live one is each role's own
// matter: `ClientSession` has hello and welcome, `ServerSession` has `accept`.

import { Clock } from "./clock.js";
import * as CloseCode from "./close-code.js";
import { endsSession, reconnects } from "./close-meaning.js";
import { Entry } from "./entry.js";
import { type Fault, fault } from "./fault.js";
import { defaultLimits, type Limits } from "./limits.js";
import type { Link, LinkOwner } from "./link.js";
import { Log } from "./log.js";
import { MessageTooLargeError } from "./message-too-large-error.js";
import { type Bye, isCounted, type Packet, type Payload } from "./packet.js";
import { RoundTrip } from "./round-trip.js";
import type { LinkEnd, SessionHandler } from "./session-handler.js";

export abstract class SessionCore implements LinkOwner {
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
  protected readonly handler: SessionHandler;
  protected readonly log: Log;
  protected readonly clock: Clock;
  /** Positions below were written to some link. */
  protected written = 0;
  /** The number of the newest link. */
  protected linkNumber = 0;
  #live: Link | undefined;
  #ended = false;
  /** Entries received since our last acknowledgement. */
  #owed = 0;
  /** Undefined while none is owed: an infinite number is an object, and each session would have one. */
  #ackAt: number | undefined;

  constructor(
    role: "client" | "server",
    handler: SessionHandler,
    limits: Limits = defaultLimits,
    now: number,
  ) {
    this.role = role;
    this.handler = handler;
    this.limits = limits;
    this.log = new Log(limits);
    this.clock = new Clock(now);
  }

  /** The link that carries the session now. */
  get live(): Link | undefined {
    return this.#live;
  }

  get ended(): boolean {
    return this.#ended;
  }

  /** How many entries were ever sent: the position that the next one gets. */
  get sent(): number {
    return this.log.head;
  }

  /** What the log retains now. */
  get retained(): { readonly bytes: number; readonly entries: number } {
    return { bytes: this.log.bytes, entries: this.log.head - this.log.base };
  }

  /** Ends the session, and its links with a `bye`. */
  end(code: number, reason: string, now: number): void {
    this.advance(now);
    this.finish({ type: "bye", code, reason });
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────

  /**
   * Appends an entry to the log, and writes it when the live link can take it. Answers its
   * position, or -1 when the log is full (policy `refuse`) or the session is over.
   *
   * @throws {MessageTooLargeError} above `limits.messageBytes`.
   */
  send(entry: Entry, now: number): number {
    this.advance(now);
    if (entry.size > this.limits.messageBytes) {
      throw new MessageTooLargeError(entry.size, this.limits.messageBytes);
    }
    if (this.#ended || (!this.log.fits(entry) && !this.makeRoom(entry))) return -1;
    const position = this.log.push(entry, this.clock.time);
    const link = this.#live;
    if (link !== undefined) {
      if (link.next === position) this.pump(link);
      if (this.log.isHalfFull && link.pingAt === undefined) this.#ping(link);
    }
    return position;
  }

  /**
   * Writes an uncounted packet (a volatile event, `token`, `renew`) if the live link can take it at
   * once; answers whether it did.
   */
  sendVolatile(entry: Entry, now: number): boolean {
    this.advance(now);
    const link = this.#live;
    if (link === undefined || !link.writable) return false;
    link.writable = link.port.write(entry, 0);
    return true;
  }

  /** Asks for a sign of life and for an acknowledgement (§6.2, §7.1). */
  ping(now: number): void {
    this.advance(now);
    if (this.#live !== undefined) this.#ping(this.#live);
  }

  /** The count of received entries, which the caller is about to tell the other side (§10.4). */
  takeAck(): number {
    this.#owed = 0;
    this.#ackAt = undefined;
    return this.received;
  }

  // ── Time ─────────────────────────────────────────────────────────────────────────────────────

  /** When `tick` is wanted next, on the caller's clock; infinity: never, as things stand. */
  get nextTickAt(): number {
    return this.#ended ? Number.POSITIVE_INFINITY : this.clock.onCallers(this.deadline());
  }

  /** Does what is due: acknowledgement, ping, dead link, expiry. Early calls do nothing. */
  tick(now: number): void {
    this.advance(now);
    const { time } = this.clock;
    if (this.#live !== undefined && time >= (this.#ackAt ?? Number.POSITIVE_INFINITY)) {
      this.#acknowledge(this.#live);
    }
    const link = this.#live;
    if (link === undefined || time < link.heartbeat.dueAt) return;
    if (link.heartbeat.isAsked) this.giveUp(link);
    else this.#ping(link);
  }

  protected advance(now: number): void {
    if (this.clock.advance(now, this)) this.leapt();
  }

  /** When something is due, in our own time. */
  protected deadline(): number {
    const link = this.#live;
    return link === undefined
      ? Number.POSITIVE_INFINITY
      : Math.min(this.#ackAt ?? Number.POSITIVE_INFINITY, link.heartbeat.dueAt);
  }

  /** Time was left out (§7.3): the live link is asked before it is blamed. */
  protected leapt(): void {
    this.#live?.heartbeat.forgive(this.clock.time);
  }

  protected patienceFor(link: Link): number {
    return this.roundTrip.patienceMs + (link.port.allowanceMs ?? 0);
  }

  /** §7.2: the link is dead. */
  protected giveUp(link: Link): void {
    this.breach(link, fault("unexpected", "7.2", "no sign of life", CloseCode.timeout));
  }

  #ping(link: Link): void {
    link.heartbeat.ask(this.clock.time, this.patienceFor(link));
    link.pingOwed = true;
    this.#settle(link);
  }

  // ── What links report (LinkOwner) ────────────────────────────────────────────────────────────

  receive(link: Link, packet: Packet, now: number): void {
    this.hear(link, now);
    if (link.over) return;
    if (isCounted(packet)) {
      this.#count(link, packet as Payload);
      return;
    }
    switch (packet.type) {
      case "event":
        this.handler.packet(packet);
        return;
      case "ack":
        if (packet.count > this.written) {
          this.breach(link, fault("count", "6.3", "an ack of entries that were never sent"));
        } else this.forget(packet.count);
        return;
      case "ping":
        link.pongOwed = packet.id;
        link.ackOwed ||= this.#owed > 0;
        this.#settle(link);
        return;
      case "pong":
        if (packet.id === link.pingId && link.pingAt !== undefined) {
          this.roundTrip.sample(this.clock.time - link.pingAt);
          link.pingAt = undefined;
        }
        return;
      case "bye":
        this.byeFrom(link, packet);
        return;
      case "token":
      case "renew":
        if ((packet.type === "token") === (this.role === "server")) {
          this.handler.packet(packet);
          return;
        }
    }
    this.unexpected(link, packet);
  }

  fail(link: Link, fault: Fault, now: number): void {
    this.advance(now);
    if (!link.over) this.breach(link, fault);
  }

  drain(link: Link, now: number): void {
    this.advance(now);
    if (link.over) return;
    link.writable = true;
    this.#settle(link);
    if (link === this.#live) this.pump(link);
  }

  lose(link: Link, now: number, code: number, reason: string): void {
    this.advance(now);
    if (!link.over) this.byeFrom(link, { type: "bye", code, reason });
  }

  hear(link: Link, now: number): void {
    this.advance(now);
    if (link !== this.#live) return;
    // The server's interval is the shorter one, so that in practice it is the server that pings.
    const intervalMs = this.limits.heartbeatMs * (this.role === "client" ? 1.25 : 1);
    link.heartbeat.heard(this.clock.time, intervalMs);
  }

  seek(link: Link, position: number, now: number): boolean {
    this.hear(link, now);
    if (link.over || position > this.received) return false;
    link.expected = position;
    return true;
  }

  #count(link: Link, packet: Payload): void {
    const position = link.expected;
    if (position > this.received) {
      this.breach(link, fault("order", "2.3", "an entry is missing before this one"));
      return;
    }
    link.expected += 1;
    // §2.3: below the count it is a duplicate.
    const isNew = position === this.received;
    if (isNew) this.received += 1;
    // A duplicate counts here: its acknowledgement on an older link may have been ignored (§6.2).
    this.#owed += 1;
    if (this.#owed >= this.limits.ackEntries) this.#acknowledge(link);
    else if (this.#owed === 1) this.#ackAt = this.clock.time + this.limits.ackMs;
    if (isNew) this.handler.packet(packet);
  }

  // ── Links ────────────────────────────────────────────────────────────────────────────────────

  /** A link carries the session from now on; writes to it begin with the next `pump`. */
  protected carry(link: Link, next: number, expected: number, now: number): void {
    link.next = next;
    link.expected = expected;
    this.#live = link;
    this.takeAck();
    this.hear(link, now);
  }

  /** Writes what the link can take of our log. */
  protected pump(link: Link): void {
    while (link.writable && !link.over && link.next < this.log.head) {
      const entry = this.log.at(link.next);
      link.next += 1;
      if (link.next > this.written) this.written = link.next;
      // The port may lose the link or drain it while it writes: its answer counts only if it says no.
      if (!link.port.write(entry, link.next)) link.writable = false;
    }
    if (this.log.base < this.acknowledged) this.release();
  }

  protected write(link: Link, packet: Packet): void {
    if (link.over) return;
    if (!link.port.write(new Entry(packet, link.port.codec), 0)) link.writable = false;
  }

  #acknowledge(link: Link): void {
    link.ackOwed = true;
    this.#ackAt = undefined;
    this.#settle(link);
  }

  /** Writes what is owed; a link that cannot take it owes the latest of each kind, no more. */
  #settle(link: Link): void {
    if (link.ackOwed && link.writable) {
      link.ackOwed = false;
      this.write(link, { type: "ack", count: this.takeAck() });
    }
    if (link.pongOwed !== undefined && link.writable) {
      const id = link.pongOwed;
      link.pongOwed = undefined;
      this.write(link, { type: "pong", id });
    }
    if (link.pingOwed && link.writable) {
      link.pingOwed = false;
      link.pingId += 1;
      link.pingAt = this.clock.time;
      this.write(link, { type: "ping", id: link.pingId });
    }
  }

  /** The other side has our entries below `count`. */
  protected forget(count: number): void {
    if (count <= this.acknowledged) return;
    this.acknowledged = count;
    this.release();
    this.handler.acknowledged?.(count);
  }

  /** What is acknowledged may go, but the live link writes without holes, duplicates too (§6.3). */
  protected release(): void {
    const next = this.#live?.next ?? this.acknowledged;
    this.log.forget(Math.min(this.acknowledged, next));
  }

  /** The log is full: makes room for an entry, or answers false. A client never evicts (§2.2). */
  protected makeRoom(_entry: Entry): boolean {
    return false;
  }

  // ── Ends ─────────────────────────────────────────────────────────────────────────────────────

  /** The other side, or its transport, ended a link. */
  protected byeFrom(link: Link, bye: Bye): void {
    const end = endOf(link, bye, link === this.#live);
    this.close(link, bye.code, bye.reason);
    // Before the welcome nobody has proved anything: only the link ends (§7.6).
    if (end.wasLive && endsSession(bye.code) && !this.outlives(end)) this.finish(bye, end);
    else this.handler.unlinked(end);
  }

  /** Whether this object goes on although the other side's session is over. */
  protected outlives(_end: LinkEnd): boolean {
    return false;
  }

  /** The other side broke the protocol on this link. */
  protected breach(link: Link, error: Fault): void {
    const bye: Bye = { type: "bye", code: error.closeCode, reason: error.detail };
    if (link === this.#live && endsSession(bye.code)) this.finish(bye);
    else this.cut(link, bye);
  }

  protected unexpected(link: Link, packet: Packet): void {
    this.breach(link, fault("unexpected", "4.2", `${packet.type} is not expected here`));
  }

  /** Ends a link by our own word; the session continues. */
  protected cut(link: Link, bye: Bye): void {
    const end = endOf(link, bye, link === this.#live);
    this.sayBye(link, bye);
    this.handler.unlinked(end);
  }

  protected finish(bye: Bye, end: LinkEnd = endOf(this.#live, bye, true)): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#live !== undefined) this.sayBye(this.#live, bye);
    this.log.clear();
    this.handler.ended(end);
  }

  protected sayBye(link: Link, bye: Bye): void {
    this.write(link, bye);
    this.close(link, bye.code, bye.reason);
  }

  protected close(link: Link, code: number, reason: string): void {
    if (link.over) return;
    link.over = true;
    if (link === this.#live) this.#live = undefined;
    link.port.close(code, reason);
  }
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
