// Who looks at whom: tickets, inspections, and the sockets that may turn out to be of an inspected
// session. Whoever shows a ticket of a session, and is the same person, may look at it, and at no other.
import { randomBytes } from "node:crypto";
import { FailureError } from "@tidewire/hub";
import { hubPath } from "../../../shared/hub-path.js";
import { specimenPath } from "../../../shared/wire/specimen-path.js";
import { Inspection, type WirePeer } from "./inspection.js";
import {
  inspectionsMax,
  ticketMs,
  ticketsMax,
  unclaimedFramesMax,
  unclaimedMax,
  unclaimedMs,
} from "./limits.js";
import { LinkTap, type SeenFrame } from "./link-tap.js";
import { type OpenSocket, OpenSockets } from "./open-sockets.js";

interface Ticket {
  readonly subject: WirePeer;
  readonly expiresAt: number;
}

/** A socket that opened while somebody inspects, and has not said yet whose it is. */
interface Unclaimed {
  readonly tap: LinkTap;
  readonly seen: SeenFrame[];
  readonly timer: NodeJS.Timeout;
}

export class Inspections {
  readonly #now: () => number;
  readonly #sockets = new OpenSockets(hubPath, specimenPath, (socket) => this.#opened(socket));
  readonly #tickets = new Map<string, Ticket>();
  readonly #bySubject = new Map<string, Inspection>();
  readonly #byWatcher = new Map<string, Inspection>();
  readonly #bySpecimenTicket = new Map<string, Inspection>();
  readonly #unclaimed = new Map<string, Unclaimed>();

  /** @param now milliseconds of a clock that only goes forward */
  constructor(now: () => number) {
    this.#now = now;
  }

  get size(): number {
    return this.#bySubject.size;
  }

  /** For the one session that asks for it. */
  issueTicket(subject: WirePeer): string {
    for (const [text, ticket] of this.#tickets) {
      const isUseless = ticket.expiresAt <= this.#now() || ticket.subject === subject;
      if (isUseless || this.#tickets.size >= ticketsMax) this.#tickets.delete(text);
    }
    const text = randomBytes(16).toString("base64url");
    this.#tickets.set(text, { subject, expiresAt: this.#now() + ticketMs });
    return text;
  }

  /** @throws {FailureError} when the ticket is not good, or too many look already */
  begin(watcher: WirePeer, ticketText: string): Inspection {
    const ticket = this.#tickets.get(ticketText);
    const isGood =
      ticket !== undefined &&
      ticket.expiresAt > this.#now() &&
      !ticket.subject.isOver &&
      ticket.subject !== watcher &&
      ticket.subject.user === watcher.user;
    if (!isGood) {
      throw new FailureError(
        "forbidden",
        "This ticket is not good, or not any more. Ask for another.",
      );
    }
    this.#tickets.delete(ticketText);
    const { subject } = ticket;
    this.end(this.#bySubject.get(subject.id));
    this.end(this.#byWatcher.get(watcher.id));
    if (this.#bySubject.size >= inspectionsMax) {
      const message = `${inspectionsMax} people inspect already. Try again later.`;
      throw new FailureError("busy", message);
    }
    const inspection = new Inspection(subject, watcher, this.#now);
    this.#bySubject.set(subject.id, inspection);
    this.#byWatcher.set(watcher.id, inspection);
    inspection.begin(this.#socketOf(subject));
    return inspection;
  }

  /** What that watcher looks at. */
  of(watcher: WirePeer): Inspection | undefined {
    return this.#byWatcher.get(watcher.id);
  }

  /** Opens the compressed echo once, for somebody who inspects; it is looked at as well. */
  issueSpecimenTicket(watcher: WirePeer): string | undefined {
    const inspection = this.of(watcher);
    if (inspection === undefined) return undefined;
    this.#forgetSpecimenTicket(inspection);
    const text = randomBytes(16).toString("base64url");
    this.#bySpecimenTicket.set(text, inspection);
    return text;
  }

  isSpecimenTicket(text: string): boolean {
    return this.#bySpecimenTicket.has(text);
  }

  #forgetSpecimenTicket(inspection: Inspection): void {
    for (const [text, each] of this.#bySpecimenTicket) {
      if (each === inspection) this.#bySpecimenTicket.delete(text);
    }
  }

  end(inspection: Inspection | undefined): void {
    if (inspection === undefined) return;
    this.#forgetSpecimenTicket(inspection);
    this.#bySubject.delete(inspection.subject.id);
    this.#byWatcher.delete(inspection.watcher.id);
    inspection.close();
    if (this.#bySubject.size === 0) for (const key of this.#unclaimed.keys()) this.#drop(key);
  }

  /** A session has a new link. */
  linked(peer: WirePeer): void {
    const inspection = this.#bySubject.get(peer.id);
    const key = socketKeyOf(peer);
    const socket = this.#socketOf(peer);
    if (inspection === undefined) {
      if (key !== undefined) this.#drop(key);
    } else if (key === undefined || socket === undefined) inspection.overHttp();
    else {
      const unclaimed = this.#unclaimed.get(key);
      clearTimeout(unclaimed?.timer);
      this.#unclaimed.delete(key);
      inspection.overWebSocket(unclaimed?.tap ?? socket, unclaimed?.seen ?? []);
    }
  }

  unlinked(peer: WirePeer): void {
    this.#bySubject.get(peer.id)?.unlinked();
  }

  /** A session is over, whether it looked or was looked at. */
  over(peer: WirePeer): void {
    this.end(this.#bySubject.get(peer.id));
    this.end(this.#byWatcher.get(peer.id));
  }

  close(): void {
    for (const inspection of this.#bySubject.values()) inspection.close();
    for (const key of this.#unclaimed.keys()) this.#drop(key);
    this.#sockets.close();
  }

  #socketOf(peer: WirePeer): OpenSocket | undefined {
    const key = socketKeyOf(peer);
    return key === undefined ? undefined : this.#sockets.claim(key, peer.id);
  }

  #opened(socket: OpenSocket): void {
    const [path, query] = socket.url.split("?", 2);
    if (path === specimenPath) {
      const ticket = new URLSearchParams(query).get("ticket") ?? "";
      this.#bySpecimenTicket.get(ticket)?.overSpecimen(socket);
      this.#bySpecimenTicket.delete(ticket);
      return;
    }
    if (this.#bySubject.size === 0 || this.#unclaimed.size >= unclaimedMax) return;
    const { key } = socket;
    const seen: SeenFrame[] = [];
    const tap = new LinkTap(socket, {
      frame: (frame) => {
        if (seen.length < unclaimedFramesMax) seen.push(frame);
      },
      closed: () => this.#drop(key),
    });
    const timer = setTimeout(() => this.#drop(key), unclaimedMs);
    this.#unclaimed.set(key, { tap, seen, timer });
  }

  #drop(key: string): void {
    const unclaimed = this.#unclaimed.get(key);
    if (unclaimed === undefined) return;
    this.#unclaimed.delete(key);
    clearTimeout(unclaimed.timer);
    unclaimed.tap.release();
  }
}

/** What `registerWire` adds to a peer's data: which socket its latest link is. */
interface SocketMark {
  readonly socketKey?: string;
}

/** The data with the mark, for `identity.data`. */
export function markSocket(data: unknown, socketKey: string): SocketMark {
  return { ...(data as object | undefined), socketKey };
}

function socketKeyOf({ data, transport }: WirePeer): string | undefined {
  return transport === "websocket" ? (data as SocketMark | undefined)?.socketKey : undefined;
}
