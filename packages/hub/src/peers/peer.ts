// A client, as programs see it. It stays the same object through reconnects and changes of transport,
// for as long as its session lives.

import {
  bounds,
  CloseCode,
  type Contract,
  type DataArguments,
  Entry,
  type Event,
  type EventName,
  type Failure,
  quickJsonCodec,
  type ReceivedItem,
  type ReceivedReply,
  type Reply,
  type RequestName,
  type SentData,
  type SentItem,
  type StreamName,
  type Untyped,
} from "@tidewire/session-protocol";
import { FailureError, given } from "../failure.js";
import type { Position } from "../history/position.js";
import { checkTimeout } from "../limits.js";
import type { TransportName } from "../sessions/admission.js";
import { checkFile, type DownloadOptions, sendFile } from "../streams/download.js";
import type { HubStream } from "../streams/hub-stream.js";
import type { PeerSession } from "./peer-session.js";

/** How a request waits for its answer. */
export interface RequestOptions {
  /** Default `limits.requestMs`. The client is told. */
  readonly timeoutMs?: number;
  /** Stops waiting; the client is told. */
  readonly signal?: AbortSignal;
}

/** What was sent of a room's history, and whether that was all. */
export interface Replayed {
  /** How many events were sent. */
  readonly sent: number;
  /** The end of the history as it was then; keep it for the next time. */
  readonly position: Position;
  /** Whether nothing after `since` is missing. */
  readonly complete: boolean;
}

export class Peer<C extends Contract = Untyped, Data = unknown> {
  readonly #core: PeerSession;

  /** Made by the hub alone. */
  constructor(core: PeerSession) {
    this.#core = core;
  }

  /** The public id of its session: may be shown and logged, and proves nothing. */
  get id(): string {
    return this.#core.id;
  }

  /** Who it is, as `authenticate` said; undefined without authentication. */
  get user(): string | undefined {
    return this.#core.user;
  }

  /** What `authenticate` returned as `data`, the latest after a renewed token. */
  get data(): Data {
    return this.#core.data as Data;
  }

  /** The rooms that it is in at this moment. */
  get rooms(): ReadonlySet<string> {
    return new Set(this.#core.rooms);
  }

  /** Whether a link carries the session at this moment; if not, what is sent waits in the log. */
  get isLinked(): boolean {
    return this.#core.session.live !== undefined;
  }

  /** Whether the session is over; then nothing reaches it any more. */
  get isOver(): boolean {
    return this.#core.session.ended;
  }

  /** The transport of its latest link. */
  get transport(): TransportName {
    return this.#core.transport;
  }

  /** The address of its latest link. */
  get address(): string {
    return this.#core.address;
  }

  get origin(): string | undefined {
    return this.#core.origin;
  }

  /** Round trip of its session as measured by pings, ms; undefined before the first. */
  get roundTripMs(): number | undefined {
    return this.#core.session.roundTrip.smoothedMs;
  }

  /** What waits for its acknowledgement. */
  get retained(): { readonly bytes: number; readonly entries: number } {
    return this.#core.session.retained;
  }

  /** What waits: calls of it for their handlers, requests to it for its answer; and streams that are open. */
  get waits(): { readonly inbox: number; readonly requests: number; readonly streams: number } {
    const { requests, streams } = this.#core.waits;
    return { inbox: this.#core.inbox.size, requests, streams };
  }

  /**
   * How far the two logs of its session are (PROTOCOL.md §1): entries sent to it, how many of them it
   * has acknowledged, and entries received from it.
   */
  get counts(): {
    readonly sent: number;
    readonly acknowledged: number;
    readonly received: number;
  } {
    const { sent, acknowledged, received } = this.#core.session;
    return { sent, acknowledged, received };
  }

  /**
   * Sends an event: once, in order, also over a reconnect. False when the session is over.
   * @throws {FailureError} when the contract refuses it; `DataError`, `MessageTooLargeError`.
   */
  emit<N extends EventName<C, "server">>(
    name: N,
    ...data: DataArguments<SentData<C, "server", N>>
  ): boolean {
    const entry = this.#entry(name, data[0], false);
    return this.#core.session.send(entry, this.#core.hub.now()) >= 0;
  }

  /** Sends an event if it can be sent at once, uncounted (§2.4); answers whether it was. */
  emitVolatile<N extends EventName<C, "server">>(
    name: N,
    ...data: DataArguments<SentData<C, "server", N>>
  ): boolean {
    const entry = this.#entry(name, data[0], true);
    return this.#core.session.sendVolatile(entry, this.#core.hub.now());
  }

  /**
   * Sends an event in the place of the last one with this key that no link has carried yet: a slow
   * reader gets the latest value instead of every one.
   */
  emitLatest<N extends EventName<C, "server">>(
    key: string,
    name: N,
    ...data: DataArguments<SentData<C, "server", N>>
  ): void {
    this.#core.deliverLatest(key, this.#entry(name, data[0], false), this.#core.hub.now());
  }

  /**
   * Asks the client. Rejects with a `FailureError`: the client's own, or `timeout`, `lost` (the session
   * is over), `busy` (`limits.requests` wait already), `aborted`.
   */
  async request<N extends RequestName<C, "server">>(
    name: N,
    data: SentData<C, "server", N>,
    options: RequestOptions = {},
  ): Promise<ReceivedReply<C, "server", N>> {
    const core = this.#core;
    const { checker, limits } = core.hub;
    checker.send("server", name, "request", data);
    const timeoutMs = checkTimeout(options.timeoutMs ?? limits.requestMs);
    const answer = await this.#ask(name, data, timeoutMs, options.signal);
    if (answer.type === "failure") throw FailureError.of(answer);
    const reply = await checker.reply("server", name, answer.data);
    return reply as ReceivedReply<C, "server", N>;
  }

  /**
   * Opens a stream to the client.
   * @throws {FailureError} `busy`, `lost`, or what the contract refuses.
   */
  openStream<N extends StreamName<C>>(
    name: N,
    data?: SentItem<C, N, "data">,
  ): HubStream<ReceivedItem<C, N, "up">, SentItem<C, N, "down">> {
    this.#core.hub.checker.sendStream(name, "data", data);
    const stream = this.#core.openStream(name, data);
    return stream as unknown as HubStream<ReceivedItem<C, N, "up">, SentItem<C, N, "down">>;
  }

  /**
   * Sends a file as a stream whose opening tells `file`; resolves with what the client said at its end.
   * Rejects with a `TypeError` when `source` gives something else than `file.size` bytes.
   */
  async download(
    name: string,
    file: { name: string; size: number; type?: string; meta?: unknown },
    source: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
    options: DownloadOptions = {},
  ): Promise<unknown> {
    checkFile(file);
    return await sendFile(this.#core.openStream(name, file), file.size, source, options);
  }

  /**
   * Enters a room; false when it is in there already. `state` is what others see of it, if the room
   * has presence.
   * @throws {FailureError} `busy` above `limits.roomsPerPeer`, `limits.rooms`; `lost` when it is gone.
   */
  join(room: string, state?: unknown): boolean {
    if (this.isOver) throw new FailureError("lost", "The session is over.");
    const isNew = this.#core.hub.rooms.join(room, this.#core);
    if (state !== undefined) this.setState(room, state);
    return isNew;
  }

  /** Leaves a room; false when it was not in it. */
  leave(room: string): boolean {
    return this.#core.hub.rooms.leave(room, this.#core);
  }

  /**
   * Shows another state of itself in a room with presence: told to its members with the next interval.
   * @throws {FailureError} `too-large` above `limits.presenceStateBytes`.
   */
  setState(room: string, state: unknown): void {
    this.#core.hub.presence(this.#core, room, state);
  }

  /**
   * Sends this peer the events of a room that keeps history, after `since`; without it the newest
   * `max`. Join first, then replay: an event in between arrives twice, with the same offset. A history
   * is the room's: what was sent with `except` is in it for everybody, this peer included.
   */
  async replay(room: string, since?: Position, max: number = 100): Promise<Replayed> {
    const page = await this.#core.hub.replay(this.#core, room, since, max);
    return { sent: page.items.length, position: page.position, complete: page.complete };
  }

  /** Ends its session (4006): it does not come back by itself. */
  disconnect(reason: string = ""): void {
    const text = reason.slice(0, bounds.textMax);
    this.#core.session.end(CloseCode.disconnected, text, this.#core.hub.now());
  }

  #entry(name: string, data: unknown, volatile: boolean): Entry {
    this.#core.hub.checker.send("server", name, "event", data);
    const packet: Event = volatile
      ? { type: "event", name, data, volatile: true }
      : { type: "event", name, data };
    return new Entry(packet, quickJsonCodec);
  }

  #ask(
    name: string,
    data: unknown,
    timeoutMs: number,
    signal: AbortSignal | undefined,
  ): Promise<Reply | Failure> {
    const core = this.#core;
    const { hub, requests } = core;
    return new Promise((resolve, reject) => {
      if (core.session.ended) throw new FailureError("lost", "The session is over.");
      if (signal?.aborted) throw new FailureError("aborted", "Stopped before it was sent.");
      const settle = (answer: Reply | Failure): void => {
        signal?.removeEventListener("abort", stop);
        resolve(answer);
      };
      const id = requests.open(hub.now(), timeoutMs, settle, hub.nextRequestId());
      if (id === undefined) {
        throw new FailureError("busy", `${requests.size} requests wait already (limits.requests).`);
      }
      const stop = (): void => {
        if (requests.cancel(id)) core.sendPacket({ type: "abort", id });
        reject(new FailureError("aborted", "Stopped waiting.", { cause: signal?.reason }));
      };
      try {
        core.sendPacket({ type: "request", id, name, timeoutMs, ...given(data) });
      } catch (error) {
        requests.cancel(id);
        throw error;
      }
      signal?.addEventListener("abort", stop, { once: true });
      hub.schedule(core);
    });
  }
}
