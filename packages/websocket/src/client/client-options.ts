/** What a client can be told besides URL and subprotocols. */
import type { Agent, RequestOptions } from "node:http";
import type { ConnectionOptions as TlsConnectionOptions } from "node:tls";
import {
  type ClientDeflateConfig,
  DeflateOfferer,
  type HandshakeLimits,
  type KeepaliveOptions,
  type Limits,
  resolveHandshakeLimits,
  resolveLimits,
} from "@tidewire/ws-protocol";
import type { DeflateBudget } from "../deflate/deflate-budget.js";
import type { DeflateOptions } from "../deflate/deflate-limits.js";
import { DeflateSessionFactory } from "../deflate/deflate-session.js";
import { assertKnownOptions, SHARED_LIMITS } from "../known-options.js";
import type { SocketHandlers } from "../socket-handlers.js";
import { assertTimerMs } from "../timer-range.js";
import { DEFAULT_HANDSHAKE_TIMEOUT_MS } from "../websocket-limits.js";
import type { WireOptions } from "../wire.js";
import { resolveWireOptions } from "../wire-options.js";
import type { WebSocket } from "./web-socket.js";

export interface ClientHandlers extends SocketHandlers<WebSocket> {
  /** The socket is open. Messages wait until the turn is over, with all its promise callbacks. */
  open?: ((socket: WebSocket) => void) | undefined;
}

/** Of Node's TLS options those that fit; `rejectUnauthorized` is off only with `false` itself. */
export type ClientTlsOptions = Pick<
  TlsConnectionOptions,
  | "ca"
  | "cert"
  | "key"
  | "pfx"
  | "passphrase"
  | "servername"
  | "rejectUnauthorized"
  | "checkServerIdentity"
  | "ciphers"
  | "minVersion"
  | "maxVersion"
  | "secureContext"
  | "session"
  | "ALPNProtocols"
>;

export interface ClientDeflateOptions extends ClientDeflateConfig, DeflateOptions {
  /** Default: one budget for the whole process. */
  readonly budget?: DeflateBudget | undefined;
}

export interface WebSocketOptions {
  /** Subprotocols to offer, in order of preference; the second argument does the same. */
  readonly subprotocols?: string | readonly string[] | undefined;
  /** Headers of the application, such as `Authorization` and `Cookie`. */
  readonly headers?:
    | Iterable<readonly [string, string]>
    | Readonly<Record<string, string | readonly string[]>>
    | undefined;
  /** The `Origin` header. Default: none, since this is no browser. */
  readonly origin?: string | undefined;
  /** For `wss:`. Default: the server's certificate is verified with the roots that Node trusts. */
  readonly tls?: ClientTlsOptions | undefined;
  /** An agent of `node:http` or `node:https`, such as one for a proxy. Default: a new connection. */
  readonly agent?: Agent | undefined;
  /** Makes the connection instead of `net.connect` and `tls.connect`. Not with `agent`. */
  readonly createConnection?: RequestOptions["createConnection"] | undefined;
  /** The local address to connect from. */
  readonly localAddress?: string | undefined;
  /** 4 or 6 to use only that version of IP. Default: both. */
  readonly family?: 0 | 4 | 6 | undefined;
  /** Resolves the host's name. Default: `dns.lookup`. */
  readonly lookup?: RequestOptions["lookup"] | undefined;
  /**
   * How long everything may take until the socket is open, name lookup and redirects included, in
   * milliseconds. Default 10,000; `Infinity` for no bound.
   */
  readonly handshakeTimeoutMs?: number | undefined;
  /**
   * How many redirects are followed. Default 0. Never from wss to ws, nor to a Unix socket. To
   * another origin `Authorization`, `Cookie`, `Proxy-Authorization` and client certificates do not
   * go along; other headers do.
   */
  readonly followRedirects?: number | undefined;
  /** Gives the handshake up when aborted; terminates the socket when it is open by then. */
  readonly signal?: AbortSignal | undefined;
  /** Any of the bounds of messages, frames and handshakes. */
  readonly limits?: Partial<Limits & HandshakeLimits> | undefined;
  /** Default: a ping after 25 s of silence, and 30 s for any sign of life after it. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** Offer permessage-deflate, with these options if given. Default true. */
  readonly perMessageDeflate?: boolean | ClientDeflateOptions | undefined;
  /** Bounds the closing handshake, in milliseconds. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /** Bytes that may wait to be sent. Default 16 MiB. */
  readonly sendQueueBytesMax?: number | undefined;
  /**
   * What becomes of a message that finds the queue full: the connection is terminated (default), or
   * only that `send` is rejected.
   */
  readonly sendQueuePolicy?: "terminate" | "reject" | undefined;
  /** Deliver text as bytes, which are valid UTF-8, instead of as strings. Default false. */
  readonly textAsBytes?: boolean | undefined;
  /** Go under the streams of `node:net`, as the option of a server does. Default false. */
  readonly directIo?: boolean | undefined;
  /** What happens on the socket, told without an object for each message. */
  readonly handlers?: ClientHandlers | undefined;
}

/** The options, checked and complete. */
export interface ResolvedOptions {
  readonly given: WebSocketOptions;
  readonly headers: readonly (readonly [string, string])[];
  readonly wire: WireOptions;
  readonly handshakeLimits: HandshakeLimits;
  readonly handshakeTimeoutMs: number;
  readonly followRedirects: number;
  readonly deflateOfferer: DeflateOfferer | undefined;
  readonly deflateFactory: DeflateSessionFactory | undefined;
  readonly tls: ClientTlsOptions;
}

/**
 * Checks the options and completes them with the defaults. `null` counts as not given.
 *
 * @throws {TypeError} when an option is of the wrong kind.
 * @throws {RangeError} when a number is out of its range.
 */
export function resolveOptions(given: WebSocketOptions): ResolvedOptions {
  assertKnownOptions("WebSocket", given, CLIENT_OPTIONS, INSTEAD_OF);
  const { agent, createConnection, signal, limits } = given;
  assertKnownOptions("limits", limits ?? {}, SHARED_LIMITS);
  if (agent && createConnection) {
    throw new TypeError(
      "give either agent or createConnection: an agent makes its own connections",
    );
  }
  if (signal && !(signal instanceof AbortSignal)) {
    throw new TypeError("signal must be an AbortSignal");
  }
  const deflate = given.perMessageDeflate ?? true;
  const deflateOptions: ClientDeflateOptions = typeof deflate === "object" ? deflate : {};
  return {
    given,
    headers: readHeaders(given.headers),
    wire: resolveWireOptions("client", resolveLimits(limits ?? {}), given),
    handshakeLimits: resolveHandshakeLimits(limits ?? {}),
    handshakeTimeoutMs: readHandshakeTimeout(given.handshakeTimeoutMs),
    followRedirects: count("followRedirects", given.followRedirects ?? 0),
    deflateOfferer: deflate === false ? undefined : new DeflateOfferer(deflateOptions),
    deflateFactory:
      deflate === false
        ? undefined
        : new DeflateSessionFactory(deflateOptions, deflateOptions.budget),
    tls: readTls(given.tls),
  };
}

const CLIENT_OPTIONS = Object.keys({
  subprotocols: true,
  headers: true,
  origin: true,
  tls: true,
  agent: true,
  createConnection: true,
  localAddress: true,
  family: true,
  lookup: true,
  handshakeTimeoutMs: true,
  followRedirects: true,
  signal: true,
  limits: true,
  keepalive: true,
  perMessageDeflate: true,
  closeTimeoutMs: true,
  sendQueueBytesMax: true,
  sendQueuePolicy: true,
  textAsBytes: true,
  directIo: true,
  handlers: true,
} satisfies Record<keyof WebSocketOptions, true>);

const TLS_OPTIONS = ["ca", "cert", "key", "pfx", "passphrase", "servername", "rejectUnauthorized"];

const INSTEAD_OF: Readonly<Record<string, string>> = {
  ...Object.fromEntries(TLS_OPTIONS.map((name) => [name, `tls: { ${name} }`])),
  protocols: "subprotocols",
  handshakeTimeout: "handshakeTimeoutMs",
  maxPayload: "limits.messageBytesMax",
  maxRedirects: "followRedirects, a number",
};

/** Options that are null or undefined are left out: Node's TLS would take some of them for a value. */
function readTls(given: ClientTlsOptions | undefined): ClientTlsOptions {
  const { rejectUnauthorized } = given ?? {};
  if (rejectUnauthorized !== undefined && rejectUnauthorized !== null) {
    if (typeof rejectUnauthorized !== "boolean") {
      throw new TypeError("tls.rejectUnauthorized must be true or false");
    }
  }
  const entries = Object.entries(given ?? {}).filter(
    ([, value]) => value !== undefined && value !== null,
  );
  return { ...Object.fromEntries(entries), rejectUnauthorized: rejectUnauthorized !== false };
}

function readHeaders(given: WebSocketOptions["headers"]): (readonly [string, string])[] {
  if (given === undefined || given === null) return [];
  if (Symbol.iterator in given) return [...given];
  return Object.entries(given).flatMap(([name, value]) =>
    (typeof value === "string" ? [value] : [...value]).map((one) => [name, one] as const),
  );
}

function readHandshakeTimeout(given: number | undefined): number {
  const value = given ?? DEFAULT_HANDSHAKE_TIMEOUT_MS;
  if (value !== Number.POSITIVE_INFINITY) assertTimerMs("handshakeTimeoutMs", value, 1);
  return value;
}

function count(name: string, value: number): number {
  if (Number.isSafeInteger(value) && value >= 0) return value;
  throw new RangeError(`${name} must be 0 or a positive integer, not ${value}`);
}
