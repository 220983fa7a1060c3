/**
 * The bounds of a server, with their defaults and reasons. Those of one socket are in
 * socket-limits.ts, those of the protocol (messages, heads) in `ws-protocol`.
 */
import { assertTimerMs } from "./timer-range.js";

/** What one server may be made to hold by those who connect to it. */
export interface ServerLimits {
  /**
   * Connections at the same time, handshakes in progress included. One more is answered 503 with
   * `Retry-After`. Default 100,000: at 6 to 10 KiB each in kernel and process about a gigabyte,
   * and more than one core serves well.
   */
  readonly connectionsMax: number;
  /**
   * Connections at the same time from one address; an IPv6 address counts as its /64, which is what
   * one customer gets. One more is answered 429. Default 1,000 for public addresses: an office or a
   * mobile carrier behind one address stays below it, and a single host cannot fill the server.
   * Loopback and private addresses have no default bound, because there it is a reverse proxy that
   * connects for everybody: set `trustProxy` to count its clients. A bound that is given holds for
   * every address.
   */
  readonly connectionsPerAddressMax: number;
  /**
   * Handshakes that wait for `authenticate` at the same time. One more is answered 503. Default
   * 1,000: each may hold two socket reads of 64 KiB that came early, against RFC 6455 §4.1, so 130
   * MiB at the very worst before anybody is known.
   */
  readonly pendingHandshakesMax: number;
  /**
   * How long a client may take to send its request (own port; then 408) and `authenticate` to judge
   * it (then 503), in milliseconds each. Default 10,000: ten times what a slow network needs.
   */
  readonly handshakeTimeoutMs: number;
}

export const DEFAULT_CONNECTIONS_MAX = 100_000;
export const DEFAULT_CONNECTIONS_PER_ADDRESS_MAX = 1000;
export const DEFAULT_PENDING_HANDSHAKES_MAX = 1000;
export const DEFAULT_HANDSHAKE_TIMEOUT_MS = 10_000;

/** `close()` of a server waits this long for its peers, in milliseconds, then cuts them off. */
export const DEFAULT_SERVER_CLOSE_TIMEOUT_MS = 5000;

/**
 * How long a refused client may take to read its refusal and hang up, in milliseconds. Hanging up
 * first would reset the connection and could destroy the answer on its way.
 */
export const REFUSAL_LINGER_MS = 2000;

/** What `Retry-After` says to clients that found the server full: soon, as places come free. */
export const RETRY_AFTER_SECONDS = 5;

/** `connectionsPerAddressMax` is undefined where only the default for public addresses holds. */
export interface ResolvedServerLimits extends Omit<ServerLimits, "connectionsPerAddressMax"> {
  readonly connectionsPerAddressMax: number | undefined;
}

/**
 * Completes the limits that the caller gave with the defaults.
 *
 * @throws {RangeError} when a limit is not a positive integer; counts may be `Infinity`.
 */
export function resolveServerLimits(given: Partial<ServerLimits> = {}): ResolvedServerLimits {
  const { handshakeTimeoutMs = DEFAULT_HANDSHAKE_TIMEOUT_MS } = given;
  assertTimerMs("handshakeTimeoutMs", handshakeTimeoutMs, 1);
  const perAddress = given.connectionsPerAddressMax;
  return {
    connectionsMax: count("connectionsMax", given.connectionsMax ?? DEFAULT_CONNECTIONS_MAX),
    connectionsPerAddressMax:
      perAddress === undefined ? undefined : count("connectionsPerAddressMax", perAddress),
    pendingHandshakesMax: count(
      "pendingHandshakesMax",
      given.pendingHandshakesMax ?? DEFAULT_PENDING_HANDSHAKES_MAX,
    ),
    handshakeTimeoutMs,
  };
}

function count(name: string, value: number): number {
  if (value === Number.POSITIVE_INFINITY || (Number.isSafeInteger(value) && value >= 1)) {
    return value;
  }
  throw new RangeError(`${name} must be a positive integer or Infinity, not ${value}`);
}
