// A server's end of a session (PROTOCOL.md §5, §7.5, §10): it accepts links, lets a session without
// a link grow old, and evicts what nobody fetches.

import * as CloseCode from "./close-code.js";
import type { Entry } from "./entry.js";
import { type Fault, fault } from "./fault.js";
import { graceMs } from "./limits.js";
import { Link, type LinkPort } from "./link.js";
import type { Hello } from "./packet.js";
import { SessionCore } from "./session-core.js";
import type { ByeDetails, Overflow, ServerSessionOptions } from "./session-handler.js";

/** A link of a server's session. */
export class ServerLink extends Link {
  readonly #session: ServerSession;

  constructor(session: ServerSession, number: number, port: LinkPort) {
    super(session, number, port);
    this.#session = session;
  }

  /** Tells the session's handler how long the message or body is whose packets come next. */
  arrived(bytes: number): void {
    this.#session.arrived(bytes);
  }

  /**
   * A poll or a POST names the count of its client (§10.4, §10.5): acknowledges, and writes again from
   * there, now and until `write` answers false. False when the link is over, or when this is an old copy:
   * answer it empty.
   */
  rewind(received: number, now: number): boolean {
    return this.#session.rewind(this, received, now);
  }

  /**
   * A POST took what the way down does not know of: an `ack` tells where it goes on (§10.4), and what is
   * not acknowledged is written again.
   */
  repeat(now: number): void {
    this.#session.repeat(this, now);
  }
}

export class ServerSession extends SessionCore {
  readonly #overflow: Overflow;
  readonly #retentionMs: number;
  #gapReason: "overflow" | "age" = "overflow";
  /** When the session is over, if no link comes; while one is live it means nothing. */
  #expireAt: number;
  /** Whether this time without a link was prolonged after a leap. */
  #graced = false;

  constructor(options: ServerSessionOptions, now: number) {
    super("server", options.handler, options.limits, now);
    this.id = options.id;
    this.#overflow = options.overflow ?? "gap";
    this.#retentionMs = options.retentionMs ?? this.limits.sessionMs;
    this.#expireAt = this.limits.sessionMs;
  }

  /**
   * Takes a checked hello (§5.3) and writes the welcome. The older link is closed. A new session
   * answers `fresh`, with `reason` when the hello named another one.
   *
   * A fault `stale` refuses this link only. A fault `mismatch` means that this session cannot
   * continue: end it, and let the hello have a new one with that reason (§5.6).
   */
  accept(
    port: LinkPort,
    hello: Hello,
    now: number,
    extra: { secret?: string; renewMs?: number; reason?: string } = {},
  ): ServerLink | Fault {
    this.advance(now);
    const isFresh = this.linkNumber === 0;
    const received = isFresh ? 0 : (hello.received ?? 0);
    if (this.ended || hello.link <= this.linkNumber) {
      return fault("stale", "5.2", "a newer link was accepted", CloseCode.stale);
    }
    if (received > this.written) {
      return fault("mismatch", "5.6", "hello.received is above what was sent", CloseCode.stale);
    }
    this.linkNumber = hello.link;
    if (this.live !== undefined) {
      this.sayBye(this.live, { type: "bye", code: CloseCode.superseded, reason: "" });
    }
    this.forget(received);
    this.release();
    const link = new ServerLink(this, hello.link, port);
    const position = this.log.base;
    const isGap = position > this.acknowledged;
    const answer = isFresh ? "fresh" : isGap ? "gap" : "resumed";
    const reason = isFresh ? extra.reason : isGap ? this.#gapReason : undefined;
    // After a gap the client counts what was evicted, written or not.
    this.written = Math.max(this.written, position);
    this.carry(link, position, this.received, now);
    this.write(link, {
      type: "welcome",
      answer,
      ...(reason === undefined ? {} : { reason }),
      session: this.id ?? "",
      ...(extra.secret === undefined ? {} : { secret: extra.secret }),
      link: link.number,
      received: this.received,
      position,
      limits: this.limits,
      ...(extra.renewMs === undefined ? {} : { renewMs: extra.renewMs }),
    });
    const nothing = { lost: 0, unknown: [], unsent: [], welcome: undefined };
    this.handler.linked({ ...nothing, answer, reason, link });
    this.pump(link);
    return link;
  }

  /** Ends the live link with a `bye` and keeps the session: drain, slow, an expired token (§11). */
  unlink(code: number, reason: string, now: number, more: ByeDetails = {}): void {
    this.advance(now);
    if (this.live !== undefined) this.cut(this.live, { type: "bye", code, reason, ...more });
  }

  /**
   * Puts another entry in the place of one that no link has carried yet, as for "only the latest
   * value counts". False when it was written already, or would not fit: send it instead.
   */
  replace(position: number, entry: Entry): boolean {
    const isKept = position >= this.written && position >= this.log.base;
    if (!isKept || position >= this.log.head || this.ended) return false;
    const former = this.log.at(position);
    if (entry.size > former.size && !this.log.fits(entry)) return false;
    this.log.replace(position, entry);
    return true;
  }

  /** See `ServerLink.arrived`. */
  arrived(bytes: number): void {
    this.handler.arrived?.(bytes);
  }

  override tick(now: number): void {
    super.tick(now);
    // An idle session must not keep the ring of its busiest moment.
    if (this.live?.heartbeat.isAsked) this.log.forget(0, 1);
    if (this.live !== undefined || this.ended) return;
    if (this.clock.time >= this.#expireAt) {
      this.finish({ type: "bye", code: CloseCode.timeout, reason: "expired" });
      return;
    }
    while (this.clock.time >= this.#oldestEndsAt()) this.#evict("age");
  }

  // ── Polls ──────────────────────────────────────────────────────────────────────────

  rewind(link: Link, received: number, now: number): boolean {
    this.hear(link, now);
    if (link.over) return false;
    if (received > this.written) {
      this.breach(link, fault("count", "10.5", "a poll names entries that were never sent"));
      return false;
    }
    // An old copy of a poll: its client has said more since. Answer it empty.
    if (received < this.acknowledged) return false;
    // The poll says where to write, so nothing before it is needed.
    link.next = received;
    this.forget(received);
    this.release();
    if (link.over) return false;
    if (received < this.log.base) {
      this.unlink(CloseCode.slow, "entries were evicted", now);
      return false;
    }
    this.drain(link, now);
    return !link.over;
  }

  repeat(link: Link, now: number): void {
    this.advance(now);
    const position = this.acknowledged;
    this.write(link, { type: "ack", count: this.takeAck(), position });
    this.rewind(link, position, now);
  }

  // ── Eviction and age ─────────────────────────────────────────────────────────────────────────

  /** Evicts the oldest entries (§7.5). False when that is not the policy, or is not enough. */
  protected override makeRoom(entry: Entry): boolean {
    if (this.#overflow === "end") {
      this.finish({ type: "bye", code: CloseCode.overflow, reason: "log full" });
    }
    if (this.#overflow !== "gap") return false;
    while (!this.log.fits(entry) && this.log.base < this.log.head) {
      // A link never skips: it ends before what it has not written goes.
      const link = this.live;
      if (link !== undefined && link.next <= this.log.base) {
        this.cut(link, { type: "bye", code: CloseCode.slow, reason: "the log is full" });
      }
      this.#evict("overflow");
    }
    return this.log.fits(entry);
  }

  #evict(reason: "overflow" | "age"): void {
    this.log.forget(this.log.base + 1);
    this.#gapReason = reason;
  }

  #oldestEndsAt(): number {
    if (this.log.base === this.log.head) return Number.POSITIVE_INFINITY;
    return this.log.timeAt(this.log.base) + this.#retentionMs;
  }

  protected override deadline(): number {
    if (this.live !== undefined) return super.deadline();
    return Math.min(this.#expireAt, this.#oldestEndsAt());
  }

  /** §7.3: nobody could link while we were away. */
  protected override leapt(): void {
    super.leapt();
    if (this.live !== undefined || this.#graced) return;
    this.#graced = true;
    this.#expireAt = Math.max(this.#expireAt, this.clock.time + graceMs);
  }

  protected override close(link: Link, code: number, reason: string): void {
    if (link === this.live) {
      this.#graced = false;
      this.#expireAt = this.clock.time + this.limits.sessionMs;
    }
    super.close(link, code, reason);
  }
}
