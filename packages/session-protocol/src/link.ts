// A link as the session sees it (PROTOCOL.md §1): a carrier with two cursors, told what happens to it.

import type { Codec } from "./codec.js";
import type { Entry } from "./entry.js";
import type { Fault } from "./fault.js";
import { Heartbeat } from "./heartbeat.js";
import type { Packet } from "./packet.js";

/** What a transport gives to the session. Neither method may throw. */
export interface LinkPort {
  readonly codec: Codec;
  /** Added to the patience of §7.2: the interval of a transport that polls. Default 0 ms. */
  readonly allowanceMs?: number;
  /**
   * Takes one packet: `entry.encoded(port.codec)`. `count` is the log's count with it, 0 for an
   * uncounted packet. False means "taken, but no more until `link.drain`": the log is the only
   * queue, so a transport should answer false early.
   */
  write(entry: Entry, count: number): boolean;
  /** The link is over: flush what was written, then close. Nothing is written afterwards. */
  close(code: number, reason: string): void;
}

/** What a session does when a link reports. */
export interface LinkOwner {
  receive(link: Link, packet: Packet, now: number): void;
  fail(link: Link, fault: Fault, now: number): void;
  drain(link: Link, now: number): void;
  lose(link: Link, now: number, code: number, reason: string): void;
  hear(link: Link, now: number): void;
  seek(link: Link, position: number, now: number): boolean;
}

/**
 * The transport's handle on a link. All methods do nothing once the link is over, so that a link
 * which wakes up late harms nobody (§5.2).
 */
export class Link {
  /** Its number in the session (§5.2). */
  readonly number: number;
  readonly port: LinkPort;
  readonly #owner: LinkOwner;
  /** True once it was closed, lost or superseded. */
  over = false;

  // The session's bookkeeping; transports leave these alone.
  /** Position of the next entry to write. */
  next = 0;
  /** Position of the next entry to arrive. Polls set it before each entry: their answers cross those of POSTs. */
  expected = 0;
  writable = true;
  ackOwed = false;
  pongOwed: number | undefined;
  pingOwed = false;
  pingId = 0;
  /** When the ping was sent whose pong has not come yet. */
  pingAt: number | undefined;
  readonly heartbeat: Heartbeat = new Heartbeat();

  constructor(owner: LinkOwner, number: number, port: LinkPort) {
    this.#owner = owner;
    this.number = number;
    this.port = port;
  }

  /** A packet arrived, decoded and checked. */
  receive(packet: Packet, now: number): void {
    this.#owner.receive(this, packet, now);
  }

  /** What arrived was not a packet: the link, and with most codes the session, ends (§11). */
  fail(fault: Fault, now: number): void {
    this.#owner.fail(this, fault, now);
  }

  /** The transport can take more after `write` answered false. */
  drain(now: number): void {
    this.#owner.drain(this, now);
  }

  /** The transport is gone. `code` 0: without a close code of its own. */
  lost(now: number, code: number = 0, reason: string = ""): void {
    this.#owner.lose(this, now, code, reason);
  }

  /** A sign of life that is not a packet, such as a request. */
  heard(now: number): void {
    this.#owner.hear(this, now);
  }

  /**
   * A body names the position of its first entry: a POST's (§10.4), or for a client the answer to a
   * poll, which begins at the count that the poll named (§10.5). False: an entry before it is
   * missing, so drop the counted packets of this body; a server answers with its count.
   */
  seek(position: number, now: number): boolean {
    return this.#owner.seek(this, position, now);
  }
}
