// The client as the application sees it.

import {
  type Contract,
  type DataArguments,
  type EventName,
  type PresenceChange,
  presenceEvent,
  type ReceivedData,
  type ReceivedItem,
  type ReceivedReply,
  type RequestName,
  type SentData,
  type SentItem,
  type SentReply,
  type StreamName,
  type Untyped,
} from "@tidewire/session-protocol";
import type { RequestInfo, RequestOptions } from "./calls.js";
import { abortError, ClientError } from "./client-error.js";
import type { ClientEvents, ClientState } from "./client-events.js";
import type { ClientOptions, EmitOptions, VolatileOptions } from "./client-options.js";
import type { ClientStream } from "./client-stream.js";
import { Core } from "./core.js";
import { Download, type DownloadOptions } from "./download.js";
import type { Failure } from "./failure.js";
import type { EventInfo } from "./inbox.js";
import { checkFunction, type Unsubscribe } from "./listeners.js";
import { loadLater } from "./load-later.js";
import type { Fate, Message } from "./outbox.js";
import type { Position } from "./positions.js";
import type { StreamListener } from "./stream-desk.js";
import type { TransportName } from "./transports/carrier.js";
import { Upload, type UploadOptions, type UploadSource } from "./upload.js";

/**
 * A client of the hub at `url` (`https:`, `wss:`, or relative to the page). It connects at once, and
 * goes on trying until `close()` or until the hub says that there is no point.
 *
 * @throws {TypeError} for a URL or transports that can never work. Any other option that is none is told
 *   to the watchers of `error` once the second chunk is there; `@tidewire/client/node` throws for it.
 */
export function connect<const C extends Contract = Untyped>(
  url: string | URL,
  options: ClientOptions<C> = {},
): Client<C> {
  const client = new Client<C>(url, options);
  if (options.autoConnect !== false) client.connect();
  return client;
}

/** One session with a hub, over whatever links there are. Events, requests and streams, in order. */
export class Client<C extends Contract = Untyped> {
  readonly #core: Core;

  constructor(url: string | URL, options: ClientOptions<C> = {}) {
    this.#core = new Core(url, options);
  }

  // ── State ────────────────────────────────────────────────────────────────────────────────────

  get state(): ClientState {
    return this.#core.state;
  }

  /** The transport of the live link. */
  get transport(): TransportName | undefined {
    return this.#core.connector.transport;
  }

  /** The public id of the session; undefined before the first link. */
  get session(): string | undefined {
    return this.#core.session.id;
  }

  /** Why the last round of attempts found no link, or why the client is closed. */
  get failure(): Failure | undefined {
    return this.#core.failure;
  }

  /** How many messages wait for a link. */
  get queued(): number {
    return this.#core.outbox.size;
  }

  /** Begins to connect, when `autoConnect` was false. Otherwise does nothing. */
  connect(): void {
    this.#core.start();
  }

  /**
   * There may be a way again: attempts now, instead of when the pause between two attempts is over;
   * with a link, tries whether it is alive. For a button beside the words "no connection".
   */
  retry(): void {
    this.#core.connector.signal("retry");
  }

  /** Resolves when there is a link; rejects when the client is closed, with the failure as `data`. */
  ready(): Promise<void> {
    if (this.state === "connected") return Promise.resolve();
    return new Promise((resolve, reject) => {
      const check = (): void => {
        if (this.state === "connected") resolve();
        else if (this.state === "closed") {
          const { failure } = this;
          reject(
            new ClientError("closed", failure?.detail ?? "", {
              data: failure,
              cause: failure?.cause,
            }),
          );
        } else return;
        stop();
      };
      const stop = this.watch("state", check);
      check();
    });
  }

  /** Ends the session. What still waits is not sent; see `emitAcked` to wait for it. */
  close(): void {
    this.#core.close({ reason: "closed", detail: "close() was called" });
  }

  /** Listens to what the client tells about itself. */
  watch<Name extends keyof ClientEvents>(
    name: Name,
    listener: (...args: ClientEvents[Name]) => unknown,
  ): Unsubscribe {
    return this.#core.watch(name, listener);
  }

  /** The place of the latest event of a room that keeps a history: from where to ask for more. */
  position(room: string): Position | undefined {
    return this.#core.positions.get(room);
  }

  // ── Events ───────────────────────────────────────────────────────────────────────────────────

  /**
   * Sends an event: now, or when there is a link. False when it was dropped because it was not to
   * wait (`queue: false`, `volatile`).
   *
   * @throws {ClientError} `invalid`, `too-large`, `outbox-full`, `closed`, `unknown-name`.
   * @throws {DataError} for data that cannot be sent.
   * @throws {TypeError} for a name that no wire carries: 1 to 128 characters, no control characters.
   */
  emit<Name extends EventName<C, "client">>(
    name: Name,
    ...[data, options]: EmitArguments<SentData<C, "client", Name>, EmitOptions | VolatileOptions>
  ): boolean {
    return this.#emit(name, data, options ?? {}, undefined);
  }

  /**
   * Sends an event, and resolves when the server has it. Rejects with `expired`, `offline`
   * (`queue: false`), `lost` when the session was lost meanwhile, and with what `emit` throws.
   */
  async emitAcked<Name extends EventName<C, "client">>(
    name: Name,
    ...[data, options]: EmitArguments<SentData<C, "client", Name>, EmitOptions>
  ): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      const fate: Fate = { delivered: resolve, failed: reject };
      if (!this.#emit(name, data, options ?? {}, fate)) {
        reject(new ClientError("offline", "There is no link, and queue is false."));
      }
    });
  }

  /** Calls `listener` for each event of that name, in order. */
  on<Name extends EventName<C, "server">>(
    name: Name,
    listener: (data: ReceivedData<C, "server", Name>, info: EventInfo) => unknown,
  ): Unsubscribe {
    return this.#core.inbox.on(name, listener as (data: unknown, info: EventInfo) => unknown);
  }

  /** Calls `listener` when people come to, leave or change in a room that this client is in. */
  onPresence(listener: (change: PresenceChange, info: EventInfo) => unknown): Unsubscribe {
    return this.#core.inbox.on(
      presenceEvent,
      listener as (data: unknown, info: EventInfo) => unknown,
    );
  }

  /** Calls `listener` for every event, after those that listen to its name. */
  onAny(listener: (name: string, data: unknown, info: EventInfo) => unknown): Unsubscribe {
    return this.#core.inbox.onAny(listener);
  }

  /** The data of the next event of that name. Rejects when `signal` aborts or the client is closed. */
  once<Name extends EventName<C, "server">>(
    name: Name,
    options: { readonly signal?: AbortSignal } = {},
  ): Promise<ReceivedData<C, "server", Name>> {
    const { signal } = options;
    return new Promise((resolve, reject) => {
      this.#core.checkOpen();
      if (signal?.aborted) throw abortError(signal);
      const stop = (): void => {
        off();
        unwatch();
        signal?.removeEventListener("abort", abort);
      };
      const abort = (): void => {
        stop();
        reject(abortError(signal));
      };
      const off = this.on(name, (data) => {
        stop();
        resolve(data);
      });
      const unwatch = this.watch("closed", ({ detail }) => {
        stop();
        reject(new ClientError("closed", detail));
      });
      signal?.addEventListener("abort", abort, { once: true });
    });
  }

  // ── Requests ─────────────────────────────────────────────────────────────────────────────────

  /**
   * Asks the server. Rejects with a `ClientError` whose code is the handler's, or one of ours:
   * `timeout`, `lost`, `gap`, `busy`, `invalid`, `offline`; with the signal's reason when it aborts.
   */
  request<Name extends RequestName<C, "client">>(
    name: Name,
    ...[data, options]: EmitArguments<SentData<C, "client", Name>, RequestOptions>
  ): Promise<ReceivedReply<C, "client", Name>> {
    const reply = this.#core.calls.request(name, data, options ?? {});
    return reply as Promise<ReceivedReply<C, "client", Name>>;
  }

  /**
   * Answers requests of the server. What the handler throws is the answer too: a `ClientError` with
   * its code and message, anything else as `internal`. One handler per name.
   */
  handle<Name extends RequestName<C, "server">>(
    name: Name,
    handler: (
      data: ReceivedData<C, "server", Name>,
      info: RequestInfo,
    ) => SentReply<C, "server", Name> | Promise<SentReply<C, "server", Name>>,
  ): Unsubscribe {
    return this.#core.calls.handle(name, handler as (data: unknown, info: RequestInfo) => unknown);
  }

  // ── Streams and files ────────────────────────────────────────────────────────────────────────

  /** Opens a stream. It may be written at once; items wait for the server to take them. */
  stream<Name extends StreamName<C>>(
    name: Name,
    ...[data]: DataArguments<SentItem<C, Name, "data">>
  ): ClientStream<SentItem<C, Name, "up">, ReceivedItem<C, Name, "down">> {
    const stream = this.#core.streams.open(name, data);
    return stream as ClientStream<SentItem<C, Name, "up">, ReceivedItem<C, Name, "down">>;
  }

  /**
   * Takes streams that the server opens. The stream ends when the handler is done, with what it returns
   * as a last word; it is cancelled when the handler throws. One handler per name.
   */
  onStream<Name extends StreamName<C>>(
    name: Name,
    handler: (
      stream: ClientStream<SentItem<C, Name, "up">, ReceivedItem<C, Name, "down">>,
      data: ReceivedItem<C, Name, "data">,
    ) => unknown,
  ): Unsubscribe {
    return this.#core.streams.on(name, handler as StreamListener);
  }

  /**
   * Sends a file, read piece by piece as the server takes it; continues after dropped links. Await it
   * for what the server's handler answers.
   */
  upload(name: StreamName<C>, source: UploadSource, options: UploadOptions = {}): Upload {
    return new Upload(this.#core, name, source, options);
  }

  /** Fetches a file that the server sends for `data`. Iterate over its bytes, or await it whole. */
  download(name: StreamName<C>, data?: unknown, options: DownloadOptions = {}): Download {
    const stream = this.#core.streams.open(name, data);
    stream.end();
    return new Download(stream, undefined, options);
  }

  /**
   * Takes files that the server sends by itself. What the handler returns is told to the server. It must
   * read the file to its end, or throw. One handler per name.
   */
  onDownload(name: StreamName<C>, handler: (download: Download) => unknown): Unsubscribe {
    checkFunction(handler, name);
    return this.#core.streams.on(name, async (stream, data) => {
      const { readFileInfo } = await loadLater();
      return handler(new Download(stream, readFileInfo(data), {}));
    });
  }

  // ── Below ────────────────────────────────────────────────────────────────────────────────────

  #emit(
    name: string,
    data: unknown,
    options: EmitOptions & Partial<VolatileOptions>,
    fate: Fate | undefined,
  ): boolean {
    const core = this.#core;
    core.checkOpen();
    const { schemas, outbox, alarms } = core;
    schemas.check("client", name);
    const valid = schemas.validate("client", name, "data", data);
    if (options.volatile) return this.#emitVolatile(name, data, valid);
    if (options.queue === false && !outbox.isOpen) {
      if (valid instanceof Promise) valid.catch(() => {});
      return false;
    }
    const entry = core.encode({ type: "event", name, data });
    const expiresAt =
      options.ttlMs === undefined ? Number.POSITIVE_INFINITY : alarms.now() + options.ttlMs;
    if (valid instanceof Promise) {
      const message: Message = { entry: undefined, name, data, expiresAt, fate };
      outbox.put(message);
      this.#completeLater(valid, message, () => outbox.complete(message, entry));
    } else outbox.put({ entry, name, data, expiresAt, fate });
    core.settle();
    return true;
  }

  #emitVolatile(name: string, data: unknown, valid: unknown): boolean {
    const core = this.#core;
    const entry = core.encode({ type: "event", name, volatile: true, data });
    const send = (): boolean => core.session.sendVolatile(entry, core.alarms.now());
    if (valid instanceof Promise) {
      valid.then(send).catch((error) => core.reportError(error));
      return core.session.live !== undefined;
    }
    const isSent = send();
    core.settle();
    return isSent;
  }

  async #completeLater(
    valid: Promise<unknown>,
    message: Message,
    complete: () => void,
  ): Promise<void> {
    const core = this.#core;
    try {
      await valid;
      complete();
    } catch (error) {
      core.outbox.withdraw(message);
      if (message.fate === undefined) core.reportError(error);
      else message.fate.failed(error as ClientError);
    }
    core.settle();
  }
}

/** The data may be left out when there is none and no options follow. */
export type EmitArguments<Data, Options> = undefined extends Data
  ? [data?: Data, options?: Options]
  : [data: Data, options?: Options];
