/**
 * The way into a server's own port. Its HTTP server listens, but each connection comes here first, and
 * only one that does not open a WebSocket costs what a connection of `node:http` costs:
 *
 *     connection → head ─┬→ complete ─┬→ asks for a WebSocket → admission
 *                        │            └→ anything else → node:http, with all its bytes
 *                        └→ broken, too long, late → refused
 *
 * Once `node:http` has a connection it keeps it: an upgrade behind other requests reaches the admission
 * by way of the dispatcher, like that of any HTTP server.
 */
import type { Server as HttpServer } from "node:http";
import type { Socket as NetSocket } from "node:net";
import {
  type HandshakeLimits,
  type HeaderLines,
  type RequestHead,
  RequestHeadParser,
} from "@tidewire/ws-protocol";
import type { ResolvedServerLimits } from "../websocket-limits.js";
import { LATE_CHECK_MS, refuseLate, refuseNoRequest } from "./listen.js";
import { ignoreError, refuseUpgrade } from "./refuse-upgrade.js";

/** Takes the requests that ask for a WebSocket, with the bytes behind their heads. */
export interface HeadTarget {
  upgrade(head: RequestHead, netSocket: NetSocket, early: Uint8Array): void;
}

/** A connection whose head is not complete. */
interface Waiting {
  readonly port: OwnPort;
  /** In milliseconds of `performance.now()`. */
  readonly since: number;
  /** Where its socket stands among those that wait. */
  index: number;
  /** Undefined before the first byte, and for a head that comes in one piece. */
  parser: RequestHeadParser | undefined;
}

/** Where the listeners of a socket, which are the same for all, find what they are about. */
const kWaiting: unique symbol = Symbol("waiting");

type WaitingSocket = NetSocket & { [kWaiting]?: Waiting | undefined };

type ConnectionListener = (this: HttpServer, netSocket: NetSocket) => void;

export class OwnPort {
  readonly #httpServer: HttpServer;
  readonly #target: HeadTarget;
  readonly #limits: HandshakeLimits;
  readonly #timeoutMs: number;
  /** Those by which `node:http` takes its connections. */
  readonly #connectionListeners: readonly ConnectionListener[];
  /** In no order. Each knows its place, for the reason why `SocketList` is no Set. */
  readonly #waiting: WaitingSocket[] = [];
  /** Serves all heads that come in one piece, as nearly all do. */
  #parser: RequestHeadParser | undefined;
  #timer: NodeJS.Timeout | undefined;

  /** Puts itself between `httpServer` and its connections. */
  constructor(
    httpServer: HttpServer,
    target: HeadTarget,
    { handshakeTimeoutMs }: ResolvedServerLimits,
    limits: HandshakeLimits,
  ) {
    this.#httpServer = httpServer;
    this.#target = target;
    this.#limits = limits;
    this.#timeoutMs = handshakeTimeoutMs;
    // Over TLS the event named "connection" is about the socket below, which stays Node's.
    const event = "setSecureContext" in httpServer ? "secureConnection" : "connection";
    this.#connectionListeners = httpServer.listeners(event) as ConnectionListener[];
    httpServer.removeAllListeners(event);
    httpServer.on(event, (netSocket: NetSocket) => this.#wait(netSocket));
  }

  /** Destroys the connections that have sent no request yet. */
  cutOff(): void {
    for (const netSocket of this.#waiting) netSocket.destroy();
  }

  #wait(netSocket: WaitingSocket): void {
    const index = this.#waiting.push(netSocket) - 1;
    netSocket[kWaiting] = { port: this, since: performance.now(), index, parser: undefined };
    netSocket.on("error", ignoreError);
    netSocket.on("close", onClose);
    netSocket.on("end", onEnd);
    netSocket.on("data", onData);
    this.#timer ??= setInterval(
      () => this.#endLate(),
      Math.min(LATE_CHECK_MS, this.#timeoutMs),
    ).unref();
  }

  /** The socket is somebody else's from now on, or gone. */
  leave(netSocket: WaitingSocket): void {
    const { index } = netSocket[kWaiting]!;
    netSocket[kWaiting] = undefined;
    const last = this.#waiting.pop()!;
    if (last !== netSocket) {
      this.#waiting[index] = last;
      last[kWaiting]!.index = index;
    }
    netSocket.off("error", ignoreError);
    netSocket.off("close", onClose);
    netSocket.off("end", onEnd);
    netSocket.off("data", onData);
  }

  receive(netSocket: WaitingSocket, waiting: Waiting, chunk: Uint8Array): void {
    const parser = waiting.parser ?? this.#takeParser();
    const result = parser.receive(chunk);
    if (result.type === "incomplete") {
      waiting.parser = parser;
      return;
    }
    this.leave(netSocket);
    if (result.type === "refused") {
      refuseUpgrade(netSocket, result);
      return;
    }
    const { head, consumed } = result;
    const rest = consumed === chunk.length ? NO_BYTES : chunk.subarray(consumed);
    if (opensWebSocket(head.headers)) {
      parser.reset();
      this.#parser = parser;
      this.#target.upgrade(head, netSocket, rest);
    } else this.#handOver(netSocket, parser.bytes, rest);
  }

  #takeParser(): RequestHeadParser {
    const parser = this.#parser ?? new RequestHeadParser(this.#limits, decodeLatin1);
    this.#parser = undefined;
    return parser;
  }

  /** To `node:http`, as if nobody had read from it. */
  #handOver(netSocket: NetSocket, head: Uint8Array, rest: Uint8Array): void {
    netSocket.pause();
    if (rest.length > 0) netSocket.unshift(rest);
    netSocket.unshift(head);
    for (const listener of this.#connectionListeners) listener.call(this.#httpServer, netSocket);
    netSocket.resume();
  }

  /** One timer for all: whoever sends slowly must not cost more than whoever does not. */
  #endLate(): void {
    const latest = performance.now() - this.#timeoutMs;
    // From the end: into the place of one that leaves comes one that has had its turn.
    for (let at = this.#waiting.length - 1; at >= 0; at--) {
      const netSocket = this.#waiting[at]!;
      if (netSocket[kWaiting]!.since > latest) continue;
      this.leave(netSocket);
      refuseUpgrade(netSocket, refuseLate());
    }
    if (this.#waiting.length > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}

const NO_BYTES = new Uint8Array(0);

function onData(this: WaitingSocket, chunk: Uint8Array): void {
  const waiting = this[kWaiting]!;
  waiting.port.receive(this, waiting, chunk);
}

/** A head that has ended too early is none; a connection on which nothing came may just go. */
function onEnd(this: WaitingSocket): void {
  const { port, parser } = this[kWaiting]!;
  port.leave(this);
  if (parser !== undefined) refuseUpgrade(this, refuseNoRequest());
  else {
    this.on("error", ignoreError);
    this.end();
  }
}

function onClose(this: WaitingSocket): void {
  this[kWaiting]!.port.leave(this);
}

function decodeLatin1(bytes: Uint8Array, start: number, end: number): string {
  return Buffer.prototype.latin1Slice.call(bytes, start, end);
}

/** Whether Node would have called it an upgrade, and to `websocket`. */
function opensWebSocket(headers: HeaderLines): boolean {
  return lists(headers, "upgrade", "websocket") && lists(headers, "connection", "upgrade");
}

function lists(headers: HeaderLines, name: string, lower: string): boolean {
  const value = headers.value(name);
  if (value === undefined) return false;
  // What programs send in their one line; browsers list two in `Connection`.
  if (value === lower) return true;
  if (value.length === lower.length && value.toLowerCase() === lower) return true;
  return headers
    .values(name)
    .some((line) => line.split(",").some((element) => element.trim().toLowerCase() === lower));
}
