/** What a connection is made with; connections with the same options are one endpoint. */
import type { Arena } from "../bytes/arena.js";
import type { DeflateSession } from "../deflate/deflate-port.js";
import type { Limits } from "../limits.js";
import type { Platform } from "../platform.js";
import type { KeepaliveOptions } from "./keepalive.js";

export interface ConnectionOptions {
  /** Which end this is: clients mask, and a server ends the stream first (RFC 6455 §5.1, §7.1.1). */
  readonly role: "server" | "client";
  readonly platform: Platform;
  /** Shared by all connections of the process. */
  readonly arena: Arena;
  /** Complete limits (`resolveLimits`), shared by the connections of an endpoint. Default: theirs. */
  readonly limits?: Limits | undefined;
  /** Default: a ping after 25 s of silence, and 30 s for any sign of life. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** What was negotiated; nothing is compressed without it. */
  readonly deflate?: DeflateSession | undefined;
  /** Text arrives as its UTF-8, which has been checked, instead of as a string. Default false. */
  readonly textAsBytes?: boolean | undefined;
  /** Bounds the closing handshake, in milliseconds. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /**
   * Asked for the time, in milliseconds, where it has to be exact: for deadlines and round trips. Then
   * `receive` may be told one that costs less. Default: what a connection is told is exact.
   */
  readonly clock?: (() => number) | undefined;
}

export const DEFAULT_CLOSE_TIMEOUT_MS = 5000;
