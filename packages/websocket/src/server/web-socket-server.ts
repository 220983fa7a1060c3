/**
 * Accepts WebSocket connections: on a port of its own, on HTTP servers that exist, or by hand.
 * The way of a request: upgrade-dispatcher → gate → places → subprotocol → `authenticate` → 101.
 */
import type { Server as HttpServer, IncomingMessage } from "node:http";
import type { Socket as NetSocket } from "node:net";
import {
  type Extension,
  formatAcceptance,
  formatExtensions,
  type HandshakeLimits,
  type HeaderLine,
  type PreparedMessage,
  type Refusal,
  refuse,
  refuseForbidden,
  refuseTooManyRequests,
  refuseUnavailable,
  resolveHandshakeLimits,
  resolveLimits,
  selectSubprotocol,
} from "@tidewire/ws-protocol";
import { assertCloseArguments } from "../close-arguments.js";
import { sha1 } from "../node-platform.js";
import type { ReadySendData } from "../send-data.js";
import { DEFAULT_SEND_QUEUE_BYTES_MAX } from "../socket-limits.js";
import {
  DEFAULT_SERVER_CLOSE_TIMEOUT_MS,
  RETRY_AFTER_SECONDS,
  type ResolvedServerLimits,
  resolveServerLimits,
} from "../websocket-limits.js";
import type { WireOptions } from "../wire.js";
import {
  type BroadcastOptions,
  type BroadcastReport,
  broadcast,
  prepareData,
} from "./broadcast.js";
import { ConnectionCounts } from "./connection-counts.js";
import { Connections } from "./connections.js";
import { Gate } from "./gate.js";
import { createHttpServer, type ListenAddress, type ListenOptions, listenOn } from "./listen.js";
import type { PathRule } from "./path-rule.js";
import { type AbortCause, PendingHandshake } from "./pending-handshake.js";
import { ignoreError, refuseUpgrade } from "./refuse-upgrade.js";
import { ServerDeflate } from "./server-deflate.js";
import type { CloseOptions, Refused, WebSocketServerOptions } from "./server-options.js";
import { type ServerHandlers, ServerWebSocket, type SocketOwner } from "./server-web-socket.js";
import { attachTarget, detachTarget, type UpgradeTarget } from "./upgrade-dispatcher.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/** A request on its way to a 101, from the moment it has taken a place. */
interface Attempt<Data> {
  readonly request: UpgradeRequest;
  readonly netSocket: NetSocket;
  readonly head: Uint8Array;
  readonly done: Done<Data> | undefined;
  readonly subprotocol: string | undefined;
}

/** Told what became of a request that was handed over by hand. */
type Done<Data> = (socket: ServerWebSocket<Data> | undefined) => void;

export class WebSocketServer<Data = undefined> implements UpgradeTarget, SocketOwner<Data> {
  /** The connections there are. */
  readonly connections: Connections<Data>;
  /** @internal */
  readonly handlers: ServerHandlers<Data>;
  /** @internal */
  readonly deflate: ServerDeflate | undefined;

  readonly #options: WebSocketServerOptions<Data>;
  readonly #limits: ResolvedServerLimits;
  readonly #handshakeLimits: HandshakeLimits;
  readonly #wireOptions: WireOptions;
  readonly #gate: Gate;
  readonly #counts: ConnectionCounts;
  readonly #sockets = new Set<ServerWebSocket<Data>>();
  readonly #pending = new Set<PendingHandshake>();
  readonly #attachedTo = new Set<HttpServer>();

  #ownServer: HttpServer | undefined;
  #closing: Promise<void> | undefined;
  #onEmpty: (() => void) | undefined;
  #hasWarned = false;

  /** @throws {TypeError | RangeError} when an option could never do what it says. */
  constructor(options: WebSocketServerOptions<Data> = {}) {
    const { limits, trustProxy, perMessageDeflate = false } = options;
    this.#options = options;
    this.handlers = options.handlers ?? {};
    if (perMessageDeflate !== false) {
      this.deflate = new ServerDeflate(perMessageDeflate === true ? {} : perMessageDeflate);
    }
    this.#limits = resolveServerLimits(limits);
    this.#handshakeLimits = resolveHandshakeLimits(limits);
    this.#gate = new Gate(options, this.#handshakeLimits);
    this.#counts = new ConnectionCounts(this.#limits, trustProxy !== undefined);
    this.#wireOptions = {
      role: "server",
      limits: resolveLimits(limits),
      keepalive: options.keepalive,
      closeTimeoutMs: options.closeTimeoutMs,
      textAsBytes: options.textAsBytes,
      sendQueueBytesMax: options.sendQueueBytesMax ?? DEFAULT_SEND_QUEUE_BYTES_MAX,
      sendQueuePolicy: options.sendQueuePolicy ?? "terminate",
    };
    this.connections = new Connections(this.#sockets, this.#counts);
  }

  /** The path given. */
  get path(): PathRule {
    return this.#gate.path;
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
    try {
      return await listenOn(httpServer, options);
    } catch (error) {
      this.detach(httpServer);
      this.#ownServer = undefined;
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
   * Takes one request of an 'upgrade' event: the same checks, and the same answers.
   *
   * @returns the open socket, or undefined if the request was refused or the client has gone.
   */
  handleUpgrade(
    message: IncomingMessage,
    netSocket: NetSocket,
    head: Uint8Array,
  ): Promise<ServerWebSocket<Data> | undefined> {
    return new Promise((resolve) => this.upgrade(message, netSocket, head, resolve));
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
   * @throws {DOMException} as `close` of a socket, and nothing has happened then.
   */
  close(options: CloseOptions = {}): Promise<void> {
    const { code = 1001, reason = "", timeoutMs = DEFAULT_SERVER_CLOSE_TIMEOUT_MS } = options;
    if (this.#closing !== undefined) return this.#closing;
    try {
      assertCloseArguments(code, reason, true);
    } catch (error) {
      return Promise.reject(error);
    }
    this.#closing = this.#closeAll(code, reason, timeoutMs);
    return this.#closing;
  }

  // ——— the way of a request ———

  /** @internal */
  upgrade(
    message: IncomingMessage,
    netSocket: NetSocket,
    head: Uint8Array,
    done?: Done<Data>,
  ): void {
    if (netSocket.destroyed || answersEarlierRequest(netSocket)) {
      netSocket.on("error", ignoreError);
      netSocket.destroy();
      done?.(undefined);
      return;
    }
    if (this.#closing !== undefined || this.#counts.full) {
      this.#refuse(netSocket, this.#refuseFull(), done);
      return;
    }
    let request: UpgradeRequest | Refusal;
    try {
      request = this.#gate.judge(message, netSocket);
    } catch (error) {
      this.#refuseThrown(netSocket, error, done);
      return;
    }
    if ("type" in request) this.#refuse(netSocket, request, done);
    else this.#admit(request, netSocket, head, done);
  }

  #admit(
    request: UpgradeRequest,
    netSocket: NetSocket,
    head: Uint8Array,
    done: Done<Data> | undefined,
  ): void {
    let subprotocol: string | undefined;
    try {
      subprotocol = this.#chooseSubprotocol(request);
    } catch (error) {
      this.#refuseThrown(netSocket, error, done);
      return;
    }
    if (subprotocol === undefined && this.#options.requireSubprotocol === true) {
      this.#refuse(netSocket, this.#refuseSubprotocols(), done);
      return;
    }
    if (!this.#counts.take(request.remoteAddress)) {
      this.#refuse(netSocket, this.#refuseAddress(request.remoteAddress), done);
      return;
    }
    this.#authenticate({ request, netSocket, head, done, subprotocol });
  }

  #chooseSubprotocol(request: UpgradeRequest): string | undefined {
    const { subprotocols } = this.#options;
    const { subprotocols: offered } = request;
    if (subprotocols === undefined) return undefined;
    return typeof subprotocols === "function"
      ? subprotocols(offered, request)
      : selectSubprotocol(offered, subprotocols);
  }

  #authenticate(attempt: Attempt<Data>): void {
    const { authenticate } = this.#options;
    if (authenticate === undefined) {
      // Without `authenticate`, nothing can have given Data another type than its default.
      this.#accept(attempt, undefined as Data);
      return;
    }
    let verdict: Data | Refused | Promise<Data | Refused>;
    try {
      verdict = authenticate(attempt.request);
    } catch (error) {
      this.#leave(attempt, error);
      return;
    }
    if (isThenable(verdict)) this.#authenticateLater(attempt, verdict);
    else this.#decide(attempt, verdict);
  }

  #authenticateLater(attempt: Attempt<Data>, verdict: PromiseLike<Data | Refused>): void {
    const { pendingHandshakesMax, handshakeTimeoutMs } = this.#limits;
    let waiting: Attempt<Data> | undefined = attempt;
    const pending = new PendingHandshake(attempt.netSocket, handshakeTimeoutMs, (cause) => {
      waiting = undefined;
      this.#pending.delete(pending);
      this.#abort(attempt, cause);
    });
    this.#pending.add(pending);
    // Whatever it says, it is heard; once the handshake is over it holds nothing of it.
    const settle = (conclude: (attempt: Attempt<Data>) => void): void => {
      const settled = waiting;
      if (settled === undefined || !pending.finish()) return;
      waiting = undefined;
      this.#pending.delete(pending);
      conclude(settled);
    };
    verdict.then(
      (data) => settle((settled) => this.#decide(settled, data)),
      (error: unknown) => settle((settled) => this.#leave(settled, error)),
    );
    if (this.#pending.size > pendingHandshakesMax) pending.abort("closing");
  }

  /** The client has gone, or has to go, before `authenticate` has answered. */
  #abort(attempt: Attempt<Data>, cause: AbortCause): void {
    const { handshakeTimeoutMs } = this.#limits;
    attempt.request.abort(new Error(ABORT_REASONS[cause]));
    if (cause === "timeout") {
      const body = `Authentication took longer than handshakeTimeoutMs (${handshakeTimeoutMs} ms). Try again in ${RETRY_AFTER_SECONDS} s.`;
      this.#leave(attempt, refuseUnavailable(RETRY_AFTER_SECONDS, body));
    } else if (cause === "closing") {
      this.#leave(attempt, this.#refuseFull());
    } else {
      this.#counts.release(attempt.request.remoteAddress);
      attempt.netSocket.destroy();
      attempt.done?.(undefined);
    }
  }

  #decide(attempt: Attempt<Data>, verdict: Data | Refused): void {
    if (verdict === undefined || verdict === null || verdict === false) {
      this.#leave(attempt, refuseForbidden());
    } else if (isRefusal(verdict)) this.#leave(attempt, verdict);
    else this.#accept(attempt, verdict);
  }

  #accept(attempt: Attempt<Data>, data: Data): void {
    const { request, netSocket, head, done, subprotocol } = attempt;
    const agreement = this.deflate?.agree(request.opening.extensions);
    const extensions = agreement === undefined ? NO_EXTENSIONS : [agreement.answer];
    let acceptance: string;
    try {
      const headers = this.#options.headers?.(request) ?? NO_HEADERS;
      acceptance = formatAcceptance(request.opening, { sha1, subprotocol, extensions, headers });
    } catch (error) {
      this.#leave(attempt, error);
      return;
    }
    const socket = new ServerWebSocket<Data>(
      {
        data,
        url: request.url,
        protocol: subprotocol ?? "",
        extensions: agreement === undefined ? "" : formatExtensions(extensions),
        remoteAddress: request.remoteAddress,
      },
      this,
    );
    this.#sockets.add(socket);
    const deflate = agreement && this.deflate?.createSession(agreement);
    const options = deflate === undefined ? this.#wireOptions : { ...this.#wireOptions, deflate };
    socket.accept(netSocket, options, acceptance, head, request, done);
  }

  /** @internal A socket is gone. */
  removed(socket: ServerWebSocket<Data>): void {
    this.#sockets.delete(socket);
    this.#counts.release(socket.remoteAddress);
    if (this.#sockets.size === 0) this.#onEmpty?.();
  }

  // ——— refusals ———

  /** Gives the place back; `reason` is a refusal, or what was thrown. */
  #leave({ request, netSocket, done }: Attempt<Data>, reason: unknown): void {
    this.#counts.release(request.remoteAddress);
    if (isRefusal(reason)) this.#refuse(netSocket, reason, done);
    else this.#refuseThrown(netSocket, reason, done);
  }

  #refuse(netSocket: NetSocket, refusal: Refusal, done: Done<Data> | undefined): void {
    refuseUpgrade(netSocket, refusal);
    this.#options.refused?.(refusal, undefined);
    done?.(undefined);
  }

  /** Our side failed; the client learns no details. */
  #refuseThrown(netSocket: NetSocket, thrown: unknown, done: Done<Data> | undefined): void {
    if (isRefusal(thrown)) {
      this.#refuse(netSocket, thrown, done);
      return;
    }
    const refusal = refuse(500, "The server failed to judge this request. Try again later.");
    refuseUpgrade(netSocket, refusal);
    if (this.#options.refused !== undefined) this.#options.refused(refusal, thrown);
    else this.#warnOnce(thrown);
    done?.(undefined);
  }

  #warnOnce(thrown: unknown): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    const detail = thrown instanceof Error ? (thrown.stack ?? thrown.message) : String(thrown);
    process.emitWarning(
      "A handshake was answered 500 because of an error; give `refused` to hear of all of them.",
      { type: "WebSocketServerWarning", detail },
    );
  }

  #refuseFull(): Refusal {
    return refuseUnavailable(RETRY_AFTER_SECONDS);
  }

  #refuseAddress(address: string): Refusal {
    return refuseTooManyRequests(
      RETRY_AFTER_SECONDS,
      `More connections from one address than connectionsPerAddressMax (${this.#counts.maxFor(address)}). Close some first; behind a proxy, set trustProxy at the server.`,
    );
  }

  #refuseSubprotocols(): Refusal {
    const { subprotocols } = this.#options;
    const which = Array.isArray(subprotocols) ? ` Offer one of: ${subprotocols.join(", ")}.` : "";
    return refuse(400, `The request offers no subprotocol that this server speaks.${which}`);
  }

  // ——— the end ———

  async #closeAll(code: number, reason: string, timeoutMs: number): Promise<void> {
    const ownServer = this.#ownServer;
    const ownClosed = ownServer === undefined ? undefined : closeHttpServer(ownServer);
    for (const httpServer of this.#attachedTo) this.detach(httpServer);
    for (const pending of this.#pending) pending.abort("closing");
    for (const socket of this.#sockets) socket.close(code, reason);
    const timer = setTimeout(() => {
      for (const socket of this.#sockets) socket.terminate();
      ownServer?.closeAllConnections();
    }, timeoutMs);
    if (this.#sockets.size > 0) {
      await new Promise<void>((resolve) => {
        this.#onEmpty = resolve;
      });
    }
    await ownClosed;
    clearTimeout(timer);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new Error("this WebSocketServer has been closed");
  }
}

const NO_EXTENSIONS: readonly Extension[] = [];
const NO_HEADERS: readonly HeaderLine[] = [];

const ABORT_REASONS: Readonly<Record<AbortCause, string>> = {
  gone: "the client has gone",
  timeout: "authentication took longer than handshakeTimeoutMs",
  closing: "the server takes no more handshakes",
};

/**
 * Whether the response to an earlier, pipelined request is still being written: a 101 would come
 * before it, and the client, or a proxy, would take one for the other. Who opens a WebSocket has to
 * wait for what it asked before.
 */
function answersEarlierRequest(netSocket: NetSocket): boolean {
  const { _httpMessage } = netSocket as { _httpMessage?: object | null };
  return _httpMessage !== undefined && _httpMessage !== null;
}

function isThenable<T>(value: T | PromiseLike<T>): value is PromiseLike<T> {
  return typeof value === "object" && value !== null && "then" in value;
}

function isRefusal(value: unknown): value is Refusal {
  if (typeof value !== "object" || value === null) return false;
  return "type" in value && value.type === "refused" && "status" in value && "headers" in value;
}

function closeHttpServer(httpServer: HttpServer): Promise<void> {
  return new Promise((resolve) => {
    httpServer.close(() => resolve());
    httpServer.closeIdleConnections();
  });
}
