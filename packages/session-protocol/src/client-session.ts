// A client's end of a session (PROTOCOL.md §5): it says hello on each new link, and moves to it when
// the welcome comes. Until then the new link is pending and the live one goes on (§5.9).

import * as CloseCode from "./close-code.js";
import { type Fault, fault } from "./fault.js";
import { Link, type LinkPort } from "./link.js";
import type { Bye, Hello, Packet, Welcome } from "./packet.js";
import { SessionCore } from "./session-core.js";
import type { ClientSessionOptions, LinkEnd, Linked } from "./session-handler.js";

export class ClientSession extends SessionCore {
  #pending: Link | undefined;
  /** Why a former session was given up: the next hello does not name it, and `fresh` loses something. */
  #abandoned: string | undefined;

  constructor(options: ClientSessionOptions, now: number) {
    super("client", options.handler, options.limits, now);
  }

  /** The link whose hello has no answer yet. */
  get pending(): Link | undefined {
    return this.#pending;
  }

  /**
   * A transport is open. Writes the hello (§5.1). The live link, if any, goes on until the welcome
   * (§5.9); an earlier pending one is given up.
   */
  connect(port: LinkPort, now: number, greeting: Pick<Hello, "token" | "agent"> = {}): Link {
    this.advance(now);
    if (this.#pending !== undefined) this.close(this.#pending, CloseCode.superseded, "");
    this.linkNumber += 1;
    const link = new Link(this, this.linkNumber, port);
    link.heartbeat.ask(this.clock.time, this.patienceFor(link));
    this.#pending = link;
    const { id: session, secret, received } = this;
    const resume =
      session === undefined || secret === undefined ? {} : { session, secret, received };
    this.write(link, { type: "hello", version: 1, link: link.number, ...greeting, ...resume });
    return link;
  }

  override tick(now: number): void {
    super.tick(now);
    const link = this.#pending;
    if (link !== undefined && this.clock.time >= link.heartbeat.dueAt) this.giveUp(link);
  }

  override receive(link: Link, packet: Packet, now: number): void {
    if (link !== this.#pending) {
      super.receive(link, packet, now);
      return;
    }
    this.advance(now);
    if (packet.type === "welcome") this.#welcome(link, packet, now);
    else if (packet.type === "bye") this.byeFrom(link, packet);
    else this.unexpected(link, packet);
  }

  #welcome(link: Link, welcome: Welcome, now: number): void {
    const isFresh = welcome.answer === "fresh";
    const error = isFresh ? checkFresh(link, welcome) : this.#checkResume(link, welcome);
    if (error !== undefined) {
      // The welcome may have been overtaken by the old link's word of why the session is over.
      if (error.code === "mismatch") this.#abandon(this.#abandoned ?? "mismatch");
      this.breach(link, error);
      return;
    }
    const { answer, limits } = welcome;
    const reason = welcome.reason ?? this.#abandoned;
    const former = this.live;
    this.#pending = undefined;
    this.limits = limits;
    this.log.restrict(limits);
    this.carry(link, welcome.received, welcome.position, now);
    if (former !== undefined) this.close(former, CloseCode.superseded, "");
    const loss = isFresh ? this.#startAnew() : this.#continue(welcome);
    this.id = welcome.session;
    this.secret = welcome.secret ?? this.secret;
    this.handler.linked({
      lost: 0,
      unknown: [],
      unsent: [],
      ...loss,
      answer,
      reason,
      link,
      welcome,
    });
    this.pump(link);
  }

  #checkResume(link: Link, welcome: Welcome): Fault | undefined {
    if (welcome.link !== link.number) return otherLink();
    // The session's name differs when the old link said meanwhile that it is gone.
    const isTrue =
      welcome.session === this.id &&
      welcome.received >= this.acknowledged &&
      welcome.received <= this.written &&
      (welcome.answer === "gap" || welcome.position <= this.received);
    if (isTrue) return undefined;
    return fault("mismatch", "5.6", "the welcome's counts cannot be true", CloseCode.stale);
  }

  /** §5.5: forgets what the server has, and takes note of what it lost. */
  #continue(welcome: Welcome): Partial<Linked> {
    const lost = Math.max(0, welcome.position - this.received);
    this.received += lost;
    this.forget(welcome.received);
    return { lost };
  }

  /** §5.7: what was sent in a former session has an unknown outcome. */
  #startAnew(): Partial<Linked> {
    const hadSession = this.id !== undefined || this.#abandoned !== undefined;
    const { messageBytes } = this.limits;
    const sent = Math.max(0, this.written - this.log.base);
    this.received = 0;
    this.#abandoned = undefined;
    // Entries taken before the server's limit was known go back to the caller, whose `send` throws.
    if (!hadSession && !this.log.some((entry) => entry.size > messageBytes)) return {};
    this.acknowledged = 0;
    this.written = 0;
    const entries = this.log.clear();
    return { unknown: entries.slice(0, sent), unsent: entries.slice(sent) };
  }

  #abandon(reason: string): void {
    this.id = undefined;
    this.secret = undefined;
    this.#abandoned = reason;
  }

  /** The server's session is over, but its code allows another one (§11). */
  protected override outlives(end: LinkEnd): boolean {
    if (end.reconnect) this.#abandon(end.code === CloseCode.overflow ? "overflow" : "unknown");
    return end.reconnect;
  }

  protected override deadline(): number {
    return Math.min(super.deadline(), this.#pending?.heartbeat.dueAt ?? Number.POSITIVE_INFINITY);
  }

  protected override leapt(): void {
    super.leapt();
    const link = this.#pending;
    // Its hello is out already: what begins anew is the patience.
    if (link?.heartbeat.forgive(this.clock.time)) {
      link.heartbeat.ask(this.clock.time, this.patienceFor(link));
    }
  }

  protected override finish(bye: Bye, end?: LinkEnd): void {
    if (this.#pending !== undefined) this.close(this.#pending, bye.code, bye.reason);
    super.finish(bye, end);
  }

  protected override close(link: Link, code: number, reason: string): void {
    if (link === this.#pending) this.#pending = undefined;
    super.close(link, code, reason);
  }
}

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
