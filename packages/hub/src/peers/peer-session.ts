// One client as the hub keeps it: its session engine, and what stands above it (inbox, requests,
// streams). `Peer` is what programs see of it.

import {
  CloseCode,
  Entry,
  type Event,
  isFault,
  type LinkEnd,
  type Linked,
  MessageTooLargeError,
  type Open,
  type Packet,
  type Payload,
  PendingRequests,
  quickJsonCodec,
  type Renew,
  type Request,
  Session,
  type SessionHandler,
  type Stream,
  type StreamHandler,
  type StreamPacket,
  Streams,
  type Token,
} from "@tidewire/session-protocol";
import { checkName, type Maybe } from "../contract/checker.js";
import { FailureError } from "../failure.js";
import type { Member } from "../rooms/member.js";
import { noRooms } from "../rooms/rooms.js";
import type { LinkFacts, TransportName } from "../sessions/admission.js";
import type { StreamHost } from "../streams/hub-stream.js";
import { HubStream } from "../streams/hub-stream.js";
import { TokenBucket } from "../time/token-bucket.js";
import type { Lasting } from "../time/wheel.js";
import { Handling } from "./handling.js";
import { Inbox } from "./inbox.js";
import { runEvent, runRequest, runStream } from "./incoming.js";
import { Peer } from "./peer.js";
import type { Surroundings } from "./surroundings.js";

/** What to do with a peer that reads too slowly for its log (PROTOCOL.md §7.5). */
export type SlowPolicy = "gap" | "end";

interface Renewing {
  readonly rate: TokenBucket;
  /** Whether a token is being checked. */
  isActive: boolean;
  /** A token that came meanwhile. */
  next: string | undefined;
}

interface Flow {
  /** The acknowledgement after which another was asked for. */
  askedAt: number;
  /** Bytes that streams have received and nobody has read. */
  held: number;
}

export class PeerSession implements Member, Lasting, SessionHandler {
  wheelSlot: number | undefined;
  readonly id: string;
  readonly origin: string | undefined;
  rooms: readonly string[] = noRooms;
  readonly session: Session;
  readonly peer: Peer;
  readonly inbox: Inbox;
  readonly hub: Surroundings;
  user: string | undefined;
  data: unknown;
  transport: TransportName;
  address: string;
  /** The secret of the last welcome, and the one before until the new one was used (§5.8). */
  secret: string;
  formerSecret: string | undefined;
  /** When the token runs out, on the hub's clock; undefined: never. */
  expiresAt: number | undefined;
  /** Whether its connect hooks were begun: only then it has a disconnect. */
  isConnected = false;
  // Made when they are first needed: most sessions are quiet, and a map alone has 180 bytes.
  #requests: PendingRequests | undefined;
  #streams: Streams | undefined;
  /** Requests of the client that are being handled. */
  #handling: Map<number, Handling> | undefined;
  /** The one whose handler runs at this moment; it is noted above when it does not answer at once. */
  #current: Handling | undefined;
  #latest: Map<string, number> | undefined;
  #renewing: Renewing | undefined;
  /** Of its streams; undefined while it has had none. */
  #flow: Flow | undefined;
  #arrived = 0;

  constructor(
    hub: Surroundings,
    identity: { id: string; secret: string; user: string | undefined; data: unknown },
    facts: Pick<LinkFacts, "origin" | "transport" | "address">,
    slow: SlowPolicy,
  ) {
    const now = hub.now();
    this.hub = hub;
    this.id = identity.id;
    this.secret = identity.secret;
    this.user = identity.user;
    this.data = identity.data;
    this.origin = facts.origin;
    this.transport = facts.transport;
    this.address = facts.address;
    this.session = new Session(
      {
        role: "server",
        id: identity.id,
        limits: hub.told,
        handler: this,
        overflow: slow,
      },
      now,
    );
    this.inbox = new Inbox(hub);
    this.peer = new Peer(this);
  }

  /** Our requests that wait for the client. */
  get requests(): PendingRequests {
    this.#requests ??= new PendingRequests(this.hub.limits.requests);
    return this.#requests;
  }

  get streams(): Streams {
    const { limits } = this.hub;
    this.#streams ??= new Streams({
      role: "server",
      streamsMax: limits.streams,
      itemsMax: limits.streamItems,
      send: (packet) => this.#sendStreamPacket(packet),
      opened: (stream, data) => this.#opened(stream, data),
    });
    return this.#streams;
  }

  /** What renewing its token needs. */
  get renewing(): Renewing {
    if (this.#renewing === undefined) {
      const { tokensPerSecond: perSecond, tokensBurst: burst } = this.hub.limits;
      const rate = new TokenBucket({ perSecond, burst }, this.hub.now());
      this.#renewing = { rate, isActive: false, next: undefined };
    }
    return this.#renewing;
  }

  #takeFlow(): Flow {
    this.#flow ??= { askedAt: -1, held: 0 };
    return this.#flow;
  }

  /** How many requests of ours wait, and how many streams are open. */
  get waits(): { readonly requests: number; readonly streams: number } {
    return { requests: this.#requests?.size ?? 0, streams: this.#streams?.size ?? 0 };
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────

  deliver(entry: Entry, now: number): void {
    this.session.send(entry, now);
  }

  deliverVolatile(entry: Entry, now: number): boolean {
    return this.session.sendVolatile(entry, now);
  }

  deliverLatest(key: string, entry: Entry, now: number): void {
    this.#latest ??= new Map();
    const latest = this.#latest;
    const position = latest.get(key);
    if (position !== undefined && this.session.replace(position, entry)) return;
    latest.delete(key);
    latest.set(key, this.session.send(entry, now));
    if (latest.size > this.hub.limits.latestKeys) {
      for (const oldest of latest.keys()) {
        latest.delete(oldest);
        break;
      }
    }
  }

  /**
   * Sends one packet to this peer; false when its session is over.
   * @throws {DataError} for data that cannot be sent.
   * @throws {MessageTooLargeError} above `limits.messageBytes`.
   */
  sendPacket(packet: Packet): boolean {
    const now = this.hub.now();
    const isSent = this.session.send(new Entry(packet, quickJsonCodec), now) >= 0;
    if (packet.type === "request") this.requests.sentAt(packet.id, this.session.sent - 1);
    return isSent;
  }

  /**
   * A stream waits for acknowledgements in the stream, where it holds up only its own sender: in a full
   * log it would evict entries, its own first. A quarter of the log is left to everything else.
   */
  #sendStreamPacket(packet: StreamPacket): boolean {
    const { logBytes, logEntries } = this.hub.limits;
    const { session } = this;
    const now = this.hub.now();
    const entry = new Entry(packet, quickJsonCodec);
    const { bytes, entries } = session.retained;
    const isFull = bytes + entry.size > logBytes * 0.75 || entries >= logEntries * 0.75;
    if (entries === 0 || !isFull) return session.send(entry, now) >= 0;
    // A pong brings the acknowledgement (§6.2) that its client would keep for a second; once for each.
    const flow = this.#takeFlow();
    if (flow.askedAt !== session.acknowledged) {
      flow.askedAt = session.acknowledged;
      session.ping(now);
    }
    return false;
  }

  /** Answers a request of the client. What cannot be sent becomes a failure that can. */
  answer(handling: Handling, packet: Packet): void {
    if (!handling.answer()) return;
    if (handling !== this.#current) this.#handling?.delete(handling.id);
    try {
      this.sendPacket(packet);
    } catch (error) {
      const isLarge = error instanceof MessageTooLargeError;
      const told = isLarge ? new FailureError("too-large", error.message) : error;
      if (!isLarge) this.hub.failed(error, "reply", this);
      this.sendPacket(FailureError.packet(handling.id, told));
    }
  }

  // ── What the session reports ─────────────────────────────────────────────────────────────────

  packet(packet: Payload | Token | Renew): void {
    switch (packet.type) {
      case "event":
        this.hub.count("hub.events.received", 1);
        this.#event(packet);
        break;
      case "request":
        this.hub.count("hub.requests.received", 1);
        this.#request(packet);
        break;
      case "reply":
      case "failure":
        this.#requests?.settle(packet);
        break;
      case "abort":
        this.#handled(packet.id)?.abort(new FailureError("aborted", "The asker stopped waiting."));
        this.#handling?.delete(packet.id);
        break;
      case "open":
      case "data":
      case "credit":
      case "end":
      case "cancel":
        this.#stream(packet);
        break;
      case "token":
        this.#renew(packet.token);
        break;
      case "renew":
        break;
    }
    this.#arrived = 0;
    this.hub.schedule(this);
  }

  linked(linked: Linked): void {
    if (linked.answer === "gap") {
      this.#streams?.failAll("gap", "entries were lost");
      // Evicted: from what the client has up to where its link begins. Nobody will answer these.
      const { acknowledged } = this.session;
      this.#requests?.failBelow(linked.link.next, "gap", "the question was lost", acknowledged);
    } else this.#streams?.flush();
    this.hub.schedule(this);
    if (linked.answer !== "fresh") this.hub.linked(this);
  }

  unlinked(end: LinkEnd): void {
    this.hub.schedule(this);
    this.hub.unlinked(this, end);
  }

  acknowledged(): void {
    this.#streams?.flush();
  }

  ended(end: LinkEnd): void {
    this.inbox.close();
    for (const handling of [this.#current, ...(this.#handling?.values() ?? [])]) {
      handling?.abort(new FailureError("lost", "The session is over."));
    }
    this.#handling?.clear();
    this.#streams?.failAll("lost", "the session is over");
    this.#requests?.failAll("lost", "the session is over");
    this.hub.rooms.leaveAll(this);
    this.hub.ended(this, end);
  }

  // ── Time ─────────────────────────────────────────────────────────────────────────────────────

  get isLasting(): true {
    return true;
  }

  get nextTickAt(): number {
    if (this.session.ended) return Number.POSITIVE_INFINITY;
    return Math.min(
      this.session.nextTickAt,
      this.#requests?.nextTickAt ?? Number.POSITIVE_INFINITY,
      this.inbox.nextTickAt,
      (this.session.live && this.expiresAt) ?? Number.POSITIVE_INFINITY,
    );
  }

  tick(now: number): void {
    this.session.tick(now);
    if (this.session.ended) return;
    for (const id of this.#requests?.tick(now) ?? []) this.sendPacket({ type: "abort", id });
    this.inbox.pump();
    const isExpired = this.expiresAt !== undefined && now >= this.expiresAt;
    if (isExpired && this.session.live !== undefined && !this.#renewing?.isActive) {
      this.session.unlink(CloseCode.tokenExpired, "the token ran out", now);
    }
  }

  // ── Receiving ────────────────────────────────────────────────────────────────────────────────

  /** The size of the message whose packets come next. */
  arrived(bytes: number): void {
    this.#arrived = bytes;
  }

  takeArrived(): number {
    const bytes = this.#arrived;
    this.#arrived = 0;
    return bytes;
  }

  #event(packet: Event): void {
    const { inbox } = this;
    const bytes = this.takeArrived();
    const concurrent = this.hub.handlers.events.get(packet.name)?.concurrent ?? false;
    if (inbox.starts(bytes, concurrent)) {
      inbox.started(runEvent(this, packet), concurrent);
      return;
    }
    const run = (): Maybe<void> => runEvent(this, packet);
    const isTaken = inbox.push({ bytes, isFree: false, concurrent, run });
    if (!isTaken && packet.volatile !== true) this.#flood();
  }

  #renew(token: string): void {
    const now = this.hub.now();
    if (this.renewing.rate.take(1, now)) this.hub.renew(this, token);
    else this.session.unlink(CloseCode.limited, "too many tokens", now, { retryMs: 1_000 });
  }

  #request(packet: Request): void {
    const { limits } = this.hub;
    if (this.#handled(packet.id) !== undefined) {
      this.session.live?.fail(
        {
          type: "fault",
          code: "unexpected",
          closeCode: CloseCode.malformed,
          section: "8.2",
          detail: "a second request with the id of a pending one",
        },
        this.hub.now(),
      );
      return;
    }
    if ((this.#handling?.size ?? 0) >= limits.requests) {
      this.#busy(packet.id, `at most ${limits.requests} requests at once (limits.requests)`);
      return;
    }
    const { inbox } = this;
    const bytes = this.takeArrived();
    const concurrent = this.hub.handlers.requests.get(packet.name)?.concurrent ?? false;
    const handling = new Handling(packet);
    if (inbox.starts(bytes, concurrent)) {
      this.#current = handling;
      const work = runRequest(this, packet, handling);
      this.#current = undefined;
      if (work !== undefined) this.#keep(handling);
      inbox.started(work, concurrent);
      return;
    }
    this.#keep(handling);
    const run = (): Maybe<void> => runRequest(this, packet, handling);
    if (inbox.push({ bytes, isFree: false, concurrent, run })) return;
    this.#handling?.delete(packet.id);
    this.#busy(packet.id, `${limits.inboxEntries} calls wait already (limits.inboxEntries)`);
  }

  /** The request with this id that is being handled. */
  #handled(id: number): Handling | undefined {
    return this.#current?.id === id ? this.#current : this.#handling?.get(id);
  }

  #keep(handling: Handling): void {
    if (handling.isOver) return;
    this.#handling ??= new Map();
    this.#handling.set(handling.id, handling);
  }

  #busy(id: number, message: string): void {
    this.hub.count("hub.refused", 1, "busy");
    this.sendPacket(FailureError.packet(id, new FailureError("busy", message)));
  }

  #stream(packet: StreamPacket): void {
    const fault = this.streams.receive(packet);
    if (isFault(fault)) this.session.live?.fail(fault, this.hub.now());
  }

  #opened(stream: Stream, data: Open["data"]): void {
    this.hub.count("hub.streams.received", 1);
    // Started in turn, and not waited for: a stream may last for hours. `limits.streams` bounds them.
    const run = (): void => {
      void runStream(this, stream, data);
    };
    const bytes = this.takeArrived();
    const isTaken = this.inbox.push({ bytes, isFree: false, concurrent: false, run });
    if (!isTaken) stream.cancel("busy", "too much waits already");
  }

  /** Events cannot be refused one by one: they are counted as received. So the session ends. */
  #flood(): void {
    const now = this.hub.now();
    this.hub.count("hub.refused", 1, "flood");
    this.session.unlink(CloseCode.limited, "more events than the hub takes", now, {
      retryMs: 1_000,
    });
    this.session.end(CloseCode.limited, "more events than the hub takes", now);
  }

  /** What a stream of this peer needs. `sent` and `received` are directions of the contract. */
  streamHost(name: string): StreamHost {
    const { limits, checker } = this.hub;
    const flow = this.#takeFlow();
    return {
      itemsMax: limits.streamItems,
      takeArrived: () => this.takeArrived(),
      hold: (bytes) => {
        if (flow.held > 0 && flow.held + bytes > limits.streamBytes) return false;
        flow.held += bytes;
        return true;
      },
      release: (bytes) => {
        flow.held -= bytes;
      },
      checkReceived: (item) => checker.receiveStream(name, "up", item),
      checkSent: (item) => checker.sendStream(name, "down", item),
    };
  }

  /**
   * @throws {FailureError} `busy` when `limits.streams` are open, `lost` when the session is over.
   * @throws {TypeError} for a name that no wire carries.
   */
  openStream(name: string, data: unknown): HubStream {
    checkName(name);
    if (this.session.ended) throw new FailureError("lost", "The session is over.");
    let told: StreamHandler | undefined;
    const stream = this.streams.open(name, data, {
      data: (item) => told?.data(item),
      credit: () => told?.credit?.(),
      end: (last) => told?.end(last),
      cancel: (code, message) => told?.cancel(code, message),
    });
    if (stream === undefined) {
      throw new FailureError(
        "busy",
        `At most ${this.hub.limits.streams} streams (limits.streams).`,
      );
    }
    const opened = new HubStream(stream, this.streamHost(name));
    told = opened.handler();
    return opened;
  }
}

/** The part of the hub's limits that a welcome tells (§9). */
export function toldLimits(limits: Surroundings["limits"]): Session["limits"] {
  const { messageBytes, batchBytes, batchPackets, logBytes, logEntries, sessionMs } = limits;
  const { heartbeatMs, ackEntries, ackMs, requests, streams, streamItems, pollMs } = limits;
  return {
    messageBytes,
    batchBytes,
    batchPackets,
    logBytes,
    logEntries,
    sessionMs,
    heartbeatMs,
    ackEntries,
    ackMs,
    requests,
    streams,
    streamItems,
    pollMs,
  };
}
