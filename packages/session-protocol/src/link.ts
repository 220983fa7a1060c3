// A link as the session sees it (PROTOCOL.md §1): a carrier with two cursors, told what happens to it.

import type { Codec } from "./codec.js";
import type { Entry } from "./entry.js";
import type { Fault } from "./fault.js";
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

/** What a session does when a link reports. Only `Session` implements it. */
export interface LinkOwner {
  receive(link: Link, packet: Packet, now: number): void;
  fail(link: Link, fault: Fault, now: number): void;
  drain(link: Link, now: number): void;
  lose(link: Link, now: number, code: number, reason: string): void;
  rewind(link: Link, received: number, now: number): boolean;
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
  /** Position of the next entry to arrive. */
  expected = 0;
  writable = true;
  ackOwed = false;
  pongOwed: number | undefined;
  pingOwed = false;
  heardAt = 0;
  /** When the ping (or hello) was sent that nothing has followed yet. */
  silentSince: number | undefined;
  pingId = 0;
  pingAt: number | undefined;
  doubted = false;

  constructor(owner: LinkOwner, number: number, port: LinkPort, time: number) {
    this.#owner = owner;
    this.number = number;
    this.port = port;
    this.heardAt = time;
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

  /**
   * A poll names the count of its client (§10.5): acknowledges, and writes again from there, now
   * and until `write` answers false. False when the link is over, or when the poll is an old copy:
   * answer it empty.
   */
  rewind(received: number, now: number): boolean {
    return this.#owner.rewind(this, received, now);
  }

  /** A sign of life that is not a packet, such as a request. */
  heard(now: number): void {
    this.#owner.hear(this, now);
  }

  /**
   * A POST body names the position of its first entry (§10.4). False: an entry before it is
   * missing, so drop the counted packets of this body and answer with the count.
   */
  seek(position: number, now: number): boolean {
    return this.#owner.seek(this, position, now);
  }
}
