/** A port of the server's own. */
import {
  createServer,
  type Server as HttpServer,
  type IncomingMessage,
  type ServerOptions,
  type ServerResponse,
} from "node:http";
import { createServer as createSecureServer, type ServerOptions as TlsOptions } from "node:https";
import { isIP, type Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import { type HandshakeLimits, type Refusal, refuse } from "@tidewire/ws-protocol";
import type { ResolvedServerLimits } from "../websocket-limits.js";
import { refuseUpgrade } from "./refuse-upgrade.js";

export interface ListenOptions {
  /** Default 0: a free one, which `listen` tells. */
  readonly port?: number | undefined;
  /** A name or address of this machine. Default: all of its addresses. */
  readonly host?: string | undefined;
  /** Listen on a Unix socket (or a Windows pipe) at this path instead of a port. */
  readonly socketPath?: string | undefined;
  /** Speak TLS (`wss:`): options of `https.createServer`, at least `key` and `cert`. */
  readonly tls?: TlsOptions | undefined;
  /**
   * Answers plain HTTP requests. Default: 426, with a text that says what this address is for.
   */
  readonly request?: ((request: IncomingMessage, response: ServerResponse) => void) | undefined;
}

/** Where a server listens. */
export interface ListenAddress {
  /** The address, or the path of a Unix socket. */
  readonly address: string;
  /** 0 for a Unix socket. */
  readonly port: number;
  /** For a client on this machine, such as "ws://localhost:8080". */
  readonly url: string;
}

/** How often clients that are late with their request are looked for, in milliseconds. */
export const LATE_CHECK_MS = 1000;

/** An HTTP server whose own bounds are those of the handshake. */
export function createHttpServer(
  options: ListenOptions,
  limits: ResolvedServerLimits,
  handshake: HandshakeLimits,
): HttpServer {
  const { tls, request = answerUpgradeRequired } = options;
  const { handshakeTimeoutMs, connectionsMax, pendingHandshakesMax } = limits;
  const http: ServerOptions = {
    maxHeaderSize: handshake.headBytesMax,
    headersTimeout: handshakeTimeoutMs,
    requestTimeout: handshakeTimeoutMs,
    connectionsCheckingInterval: Math.min(LATE_CHECK_MS, handshakeTimeoutMs),
  };
  const server =
    tls === undefined
      ? createServer(http, request)
      : secure({ handshakeTimeout: handshakeTimeoutMs, ...http, ...tls }, request);
  server.on("clientError", refuseBroken);
  // One more than allowed, so that the refusal tells which bound it was.
  server.maxHeadersCount = handshake.headerLinesMax + 1;
  // Whoever sends no request has no place of a connection; those who do shall get their 503.
  const sockets = connectionsMax + pendingHandshakesMax;
  if (Number.isFinite(sockets)) server.maxConnections = sockets;
  return server;
}

function secure(options: TlsOptions, request: ListenOptions["request"]): HttpServer {
  return createSecureServer({ ALPNProtocols: ["http/1.1"], ...options }, request);
}

/** Starts to listen. The error of a port that cannot be had says what to do. */
export function listenOn(server: HttpServer, options: ListenOptions): Promise<ListenAddress> {
  const { port = 0, host, socketPath } = options;
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      server.off("error", onError);
      server.off("listening", onListening);
      server.off("close", onClose);
    };
    const onError = (error: NodeJS.ErrnoException): void => {
      settle();
      reject(explain(error, options));
    };
    const onListening = (): void => {
      settle();
      resolve(describeAddress(server, options));
    };
    const onClose = (): void => {
      settle();
      // Node goes on when the name of the host is found.
      server.once("listening", () => server.close());
      reject(new Error("the server was closed before it listened"));
    };
    server.once("error", onError);
    server.once("listening", onListening);
    server.once("close", onClose);
    server.listen(socketPath === undefined ? { port, host } : { path: socketPath });
  });
}

function describeAddress(server: HttpServer, { host, tls }: ListenOptions): ListenAddress {
  const bound = server.address();
  const scheme = tls === undefined ? "ws" : "wss";
  if (bound === null || typeof bound === "string") {
    const address = bound ?? "";
    // A colon would end the path, and what else means something in a URL would be read as that.
    const path = encodeURI(address).replace(/[:?#]/g, encodeURIComponent);
    return { address, port: 0, url: `${scheme}+unix:${path}` };
  }
  const { address, port } = bound;
  return { address, port, url: `${scheme}://${nameFor(address, host)}:${port}` };
}

/** "::" and "0.0.0.0" are all addresses of this machine, and not everywhere one to connect to. */
function nameFor(address: string, host: string | undefined): string {
  if (address !== "::" && address !== "0.0.0.0") {
    return address.includes(":") ? `[${address}]` : address;
  }
  return host === undefined || host === "" || isIP(host) !== 0 ? "localhost" : host;
}

const WHAT_TO_DO: Readonly<Record<string, string>> = {
  EADDRINUSE: "is already in use: stop the other program, or choose another",
  EACCES: "is not allowed to this user: choose a port from 1024 on, or grant the right",
  EADDRNOTAVAIL: "is not an address of this machine: leave host out, or name one that is",
  ENOTFOUND: "has a host that cannot be resolved: check its name",
};

/** An `Error` with the `code` of its cause. */
function explain(cause: NodeJS.ErrnoException, options: ListenOptions): Error {
  const { port = 0, host, socketPath } = options;
  const where = socketPath ?? `port ${port}${host === undefined ? "" : ` on ${host}`}`;
  const code = cause.code ?? "";
  const what = WHAT_TO_DO[code] ?? `cannot be listened on: ${cause.message}`;
  return Object.assign(new Error(`${where} ${what}`, { cause }), { code });
}

/**
 * Answers a request that Node could not read. Node's own answer hangs up at once, which resets the
 * connection of a client that still sends, and the answer is lost.
 */
function refuseBroken(error: NodeJS.ErrnoException, duplex: Duplex): void {
  // Of Node's own servers it is always one of net or tls.
  const netSocket = duplex as NetSocket;
  // Every further chunk of a request that was refused is an error again.
  if (netSocket.writableEnded || error.code === "ECONNRESET") return;
  refuseUpgrade(netSocket, describeBroken(error.code));
}

function describeBroken(code: string | undefined): Refusal {
  switch (code) {
    case "HPE_HEADER_OVERFLOW":
      return refuse(431, "The head of the request is larger than headBytesMax.");
    case "ERR_HTTP_REQUEST_TIMEOUT":
      return refuseLate();
    default:
      return refuseNoRequest();
  }
}

export function refuseLate(): Refusal {
  return refuse(408, "The request did not arrive within handshakeTimeoutMs.");
}

export function refuseNoRequest(): Refusal {
  return refuse(400, "This is not an HTTP/1.1 request.");
}

function answerUpgradeRequired(_request: IncomingMessage, response: ServerResponse): void {
  response.writeHead(426, {
    "Content-Type": "text/plain; charset=utf-8",
    Upgrade: "websocket",
    Connection: "Upgrade, close",
  });
  response.end(
    "This address speaks WebSocket. Connect with a WebSocket client; if you did, a proxy on the way has removed its Upgrade header.\n",
  );
}
