/**
 * Accepts WebSocket connections: on a port of its own, on HTTP servers that exist, or by hand.
 * Requests come through the upgrade-dispatcher to the admission, which makes sockets of them.
 */
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import {
  type HandshakeLimits,
  type PreparedMessage,
  resolveHandshakeLimits,
  resolveLimits,
} from "@tidewire/ws-protocol";
import { assertCloseArguments } from "../close-arguments.js";
import { assertKnownOptions, SHARED_LIMITS } from "../known-options.js";
import type { ReadySendData } from "../send-data.js";
import { assertTimerMs } from "../timer-range.js";
import {
  DEFAULT_SERVER_CLOSE_TIMEOUT_MS,
  type ResolvedServerLimits,
  resolveServerLimits,
} from "../websocket-limits.js";
import { resolveWireOptions } from "../wire-options.js";
import { Admission } from "./admission.js";
import {
  type BroadcastOptions,
  type BroadcastReport,
  broadcast,
  prepareData,
} from "./broadcast.js";
import { ConnectionCounts } from "./connection-counts.js";
import { Connections } from "./connections.js";
import { createHttpServer, type ListenAddress, type ListenOptions, listenOn } from "./listen.js";
import { netSocketOf } from "./net-socket-of.js";
import { OwnPort } from "./own-port.js";
import type { PathRule } from "./path-rule.js";
import { ServerDeflate } from "./server-deflate.js";
import type { CloseOptions, WebSocketServerOptions } from "./server-options.js";
import type { ServerHandlers, ServerWebSocket, SocketOwner } from "./server-web-socket.js";
import { SocketList } from "./socket-list.js";
import { attachTarget, detachTarget, type UpgradeTarget } from "./upgrade-dispatcher.js";
import { varySocketOptions } from "./vary-socket-options.js";

export class WebSocketServer<Data = undefined> implements UpgradeTarget, SocketOwner<Data> {
  /** The connections there are. */
  readonly connections: Connections<Data>;
  /** Whether `directIo` was asked for and this version of Node lets us; else sockets use streams. */
  readonly usesDirectIo: boolean;
  /** @internal */
  readonly handlers: ServerHandlers<Data>;
  /** @internal */
  readonly deflate: ServerDeflate | undefined;

  readonly #limits: ResolvedServerLimits;
  readonly #handshakeLimits: HandshakeLimits;
  readonly #admission: Admission<Data>;
  readonly #counts: ConnectionCounts;
  readonly #sockets = new SocketList<ServerWebSocket<Data>>();
  readonly #attachedTo = new Set<HttpServer>();

  #ownServer: HttpServer | undefined;
  #ownPort: OwnPort | undefined;
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;

  /** @throws {TypeError | RangeError} when an option could never do what it says. */
  constructor(options: WebSocketServerOptions<Data> = {}) {
    assertKnownOptions("WebSocketServer", options, SERVER_OPTIONS, INSTEAD_OF);
    const { limits, trustProxy, perMessageDeflate = false } = options;
    assertKnownOptions("limits", limits ?? {}, SERVER_LIMITS);
    this.handlers = options.handlers ?? {};
    if (perMessageDeflate !== false) {
      this.deflate = new ServerDeflate(perMessageDeflate === true ? {} : perMessageDeflate);
    }
    this.#limits = resolveServerLimits(limits);
    this.#handshakeLimits = resolveHandshakeLimits(limits);
    this.#counts = new ConnectionCounts(this.#limits, trustProxy !== undefined);
    const wireOptions = resolveWireOptions("server", resolveLimits(limits), options);
    this.usesDirectIo = wireOptions.directIo;
    this.#admission = new Admission(
      options,
      { server: this.#limits, handshake: this.#handshakeLimits },
      wireOptions,
      this.#counts,
      this,
    );
    this.connections = new Connections(this.#sockets, this.#counts);
  }

  /** The path given. */
  get path(): PathRule {
    return this.#admission.path;
  }

  /**
   * Opens a port (or Unix socket) of its own; plain HTTP requests on it are answered 426 unless
   * `request` is given.
   *
   * @throws {Error} when the port cannot be had, with the `code` of Node's error (`EADDRINUSE` …)
   *   and what to do; when this server listens already, or has been closed.
   */
  async listen(options: ListenOptions = {}): Promise<ListenAddress> {
    this.#assertOpen();
    if (this.#ownServer !== undefined) throw new Error("this WebSocketServer listens already");
    const httpServer = createHttpServer(options, this.#limits, this.#handshakeLimits);
    this.#ownServer = httpServer;
    this.attach(httpServer);
    this.#ownPort = new OwnPort(httpServer, this.#admission, this.#limits, this.#handshakeLimits);
    try {
      return await listenOn(httpServer, options);
    } catch (error) {
      this.detach(httpServer);
      this.#ownServer = undefined;
      this.#ownPort = undefined;
      throw error;
    }
  }

  /**
   * Takes the WebSocket requests to `path` of an HTTP(S) server. Several servers may be attached to
   * one HTTP server, each with a path of its own. Requests that match none are answered 404, unless
   * there are other listeners for upgrades: to those they are left.
   *
   * @throws {Error} when the path is taken, or this server has been closed.
   */
  attach(httpServer: HttpServer): void {
    this.#assertOpen();
    if (this.#attachedTo.has(httpServer)) return;
    attachTarget(httpServer, this);
    this.#attachedTo.add(httpServer);
  }

  /** Takes no more requests of that HTTP server; open connections stay. */
  detach(httpServer: HttpServer): void {
    if (this.#attachedTo.delete(httpServer)) detachTarget(httpServer, this);
  }

  /**
   * Takes one request of an 'upgrade' event: the same checks and the same answers as with `attach`.
   * What becomes of it is told to `handlers.open` or `refused`; who wants the socket here and now, to
   * listen to it, calls `handleUpgrade`, which costs a promise and a turn of the event loop.
   *
   * @throws {TypeError} when `socket` is none of Node's: nothing could be said to the client then.
   */
  upgrade(message: IncomingMessage, socket: Duplex, head: Uint8Array): void {
    this.#admission.upgrade(message, netSocketOf(socket), head);
  }

  /**
   * As `upgrade`, for who has no handlers. What arrives waits for a turn of the event loop, so that
   * whoever listens right behind `await` misses nothing.
   *
   * @returns the open socket, or undefined if the request was refused or the client has gone.
   * @throws {TypeError} (rejects) as `upgrade`.
   */
  handleUpgrade(
    message: IncomingMessage,
    socket: Duplex,
    head: Uint8Array,
  ): Promise<ServerWebSocket<Data> | undefined> {
    return new Promise((resolve) => {
      this.#admission.upgrade(message, netSocketOf(socket), head, resolve);
    });
  }

  /**
   * Sends one message to all open sockets: framed once, compressed at most once.
   *
   * @param data what `send` takes at once, or what `prepare` made.
   * @throws {TypeError} when `data` is none of the kinds that can be sent.
   */
  broadcast(
    data: ReadySendData | PreparedMessage,
    options?: BroadcastOptions<ServerWebSocket<Data>>,
  ): BroadcastReport {
    return broadcast(this.#sockets, data, options);
  }

  /**
   * Frames a message, and compresses it if this server does, for any number of broadcasts at any
   * time: `server.broadcast(prepared)`, or `broadcast(sockets, prepared)`.
   *
   * @throws {TypeError} when `data` is none of the kinds that can be sent.
   */
  prepare(data: ReadySendData): PreparedMessage {
    return prepareData(data, this.deflate);
  }

  /**
   * Accepts no more, answers handshakes in progress with 503, closes all sockets, and cuts off those
   * that have not closed in time. Resolves when all are gone and an own port is free. HTTP servers
   * that were attached to stay open. Calls after the first wait for the same end.
   *
   * @throws {DOMException} (rejects) as `close` of a socket, and nothing has happened then.
   * @throws {RangeError} (rejects) likewise, for a `timeoutMs` that no timer can wait.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { code = 1001, reason = "", timeoutMs = DEFAULT_SERVER_CLOSE_TIMEOUT_MS } = options;
    if (this.#closing !== undefined) return this.#closing;
    try {
      assertCloseArguments(code, reason, true);
      assertTimerMs("timeoutMs", timeoutMs, 0);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#closing = this.#closeAll(code, reason, timeoutMs);
    return this.#closing;
  }

  // ——— for the sockets ———

  /** @internal A socket is about to open. */
  added(socket: ServerWebSocket<Data>): void {
    this.#sockets.add(socket);
    varySocketOptions();
  }

  /** @internal A socket is gone. */
  removed(socket: ServerWebSocket<Data>): void {
    this.#sockets.delete(socket);
    this.#counts.release(socket.remoteAddress);
    if (this.#sockets.size === 0) this.#onEmpty?.();
  }

  // ——— the end ———

  async #closeAll(code: number, reason: string, timeoutMs: number): Promise<void> {
    const ownServer = this.#ownServer;
    const ownClosed = ownServer === undefined ? undefined : closeHttpServer(ownServer);
    this.#admission.close();
    // On the own port late requests still come here, for their 503.
    for (const httpServer of this.#attachedTo) {
      if (httpServer !== ownServer) this.detach(httpServer);
    }
    for (const socket of this.#sockets) socket.close(code, reason);
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.terminate();
      this.#ownPort?.cutOff();
      ownServer?.closeAllConnections();
    }, timeoutMs);
    if (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    await ownClosed;
    if (ownServer !== undefined) this.detach(ownServer);
    clearTimeout(timer);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new Error("this WebSocketServer has been closed");
  }
}

const SERVER_OPTIONS = Object.keys({
  path: true,
  authenticate: true,
  origins: true,
  hosts: true,
  trustProxy: true,
  subprotocols: true,
  requireSubprotocol: true,
  headers: true,
  limits: true,
  perMessageDeflate: true,
  keepalive: true,
  closeTimeoutMs: true,
  sendQueueBytesMax: true,
  sendQueuePolicy: true,
  textAsBytes: true,
  directIo: true,
  handlers: true,
  refused: true,
} satisfies Record<keyof WebSocketServerOptions<unknown>, true>);

const SERVER_LIMITS: readonly string[] = [...SHARED_LIMITS, ...Object.keys(resolveServerLimits())];

const INSTEAD_OF: Readonly<Record<string, string>> = {
  port: "server.listen({ port })",
  host: "server.listen({ host })",
  server: "server.attach(httpServer)",
  noServer: "server.upgrade() or server.handleUpgrade(), and leave it out",
  verifyClient: "authenticate",
  handleProtocols: "subprotocols",
  maxPayload: "limits.messageBytesMax",
  clientTracking: "server.connections, which is always there",
};

function closeHttpServer(httpServer: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    httpServer.close(() => resolve());
    httpServer.closeIdleConnections();
  });
}
