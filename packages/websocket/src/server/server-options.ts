/** What a server can be told. Everything has a default that is safe. */
import type {
  HandshakeLimits,
  HeaderLine,
  KeepaliveOptions,
  Limits,
  Refusal,
} from "@tidewire/ws-protocol";
import type { ServerLimits } from "../websocket-limits.js";
import type { OriginPolicy } from "./origin-check.js";
import type { PathRule } from "./path-rule.js";
import type { TrustProxy } from "./proxy-trust.js";
import type { ServerDeflateOptions } from "./server-deflate.js";
import type { ServerHandlers } from "./server-web-socket.js";
import type { UpgradeRequest } from "./upgrade-request.js";

/**
 * Decides who may connect, before the 101. What it returns becomes `socket.data`. To refuse, return
 * or throw `refuse(status, body)`, or one of its relatives; `false`, `null` and `undefined` refuse
 * with 403, so that a user who was not found never gets in. Anything else that is thrown is answered
 * 500 without details and reported to `refused`.
 */
export type Authenticate<Data> = (
  request: UpgradeRequest,
) => Data | Refused | Promise<Data | Refused>;

export type Refused = Refusal | false | null | undefined;

/** Chooses one of the subprotocols offered; undefined for none. */
export type SubprotocolChoice = (
  offered: readonly string[],
  request: UpgradeRequest,
) => string | undefined;

export interface WebSocketServerOptions<Data> {
  /**
   * The path that connections come to, as sent and without the query; or a predicate on it. Others
   * are answered 404. Default: every path. Give one where others listen for upgrades on the same
   * HTTP server.
   */
  readonly path?: PathRule;
  /** Default: everybody that passes the other checks. */
  readonly authenticate?: Authenticate<Data> | undefined;
  /** Pages that may connect; others are answered 403. Default `"same"`. */
  readonly origins?: OriginPolicy | undefined;
  /**
   * Host names that this server goes by, with a port if only that one; others are answered 421.
   * Default: any. Set it where a page must not reach the server through a name of its own
   * that points here (DNS rebinding): on developers' machines and inside of private networks.
   */
  readonly hosts?: readonly string[] | undefined;
  /**
   * How many proxies in front add to `X-Forwarded-For`, or which addresses are such proxies. Their
   * `X-Forwarded-For`, `-Proto` and `-Host` are then believed. Default: none are.
   */
  readonly trustProxy?: TrustProxy | undefined;
  /** What the server speaks, best first; or a choice of its own. Default: none. */
  readonly subprotocols?: readonly string[] | SubprotocolChoice | undefined;
  /** Refuse clients that offer none of `subprotocols` with 400. Default false. */
  readonly requireSubprotocol?: boolean | undefined;
  /** Further headers of the 101, such as `Set-Cookie`. */
  readonly headers?: ((request: UpgradeRequest) => Iterable<HeaderLine>) | undefined;
  /** Any of the bounds of messages, heads, connections and handshakes. */
  readonly limits?: Partial<Limits & HandshakeLimits & ServerLimits> | undefined;
  /**
   * Compress messages for the clients that offer it (RFC 7692). Default false: it costs CPU and
   * memory, and can betray a secret that is sent beside what an attacker chooses (CRIME); `true` for
   * the defaults of the options.
   */
  readonly perMessageDeflate?: boolean | ServerDeflateOptions | undefined;
  /** Default: a ping after 25 s of silence, and 30 s for any sign of life after it. */
  readonly keepalive?: KeepaliveOptions | undefined;
  /** Bounds the closing handshake of each socket, in milliseconds. Default 5,000. */
  readonly closeTimeoutMs?: number | undefined;
  /** Bytes that may wait for a peer that does not read. Default 16 MiB. */
  readonly sendQueueBytesMax?: number | undefined;
  /**
   * What becomes of a message that finds the queue full: `"terminate"` ends the connection, since a
   * peer that misses a message without knowing is worse off than one that reconnects; `"reject"`
   * refuses the message. Default `"terminate"`.
   */
  readonly sendQueuePolicy?: "terminate" | "reject" | undefined;
  /** Deliver text messages as UTF-8 bytes. Default false. */
  readonly textAsBytes?: boolean | undefined;
  /**
   * Go under the streams of `node:net`, which cost more CPU time and memory than everything else here.
   * Default false: it uses what Node does not document (tried with Node 20.20, 22 and 24). Before the
   * first use the way is tried out; where it differs, one process warning says so and streams are used
   * as without this option: see `server.usesDirectIo`. They are used in any case over TLS, and on sockets to
   * which others listen. The `net.Socket` of an upgrade request then only shows addresses, and can be
   * destroyed, once the socket is open.
   */
  readonly directIo?: boolean | undefined;
  /** What happens on the sockets. */
  readonly handlers?: ServerHandlers<Data> | undefined;
  /**
   * A handshake was refused, with the cause where it is an error of `authenticate` or another
   * function given here. Default: such an error becomes one process warning per server.
   */
  readonly refused?: ((refusal: Refusal, cause: unknown) => void) | undefined;
}

/** How a server closes. */
export interface CloseOptions {
  /** The close code that peers see. Default 1001, going away. */
  readonly code?: number | undefined;
  /** At most 123 bytes of UTF-8. Default "". */
  readonly reason?: string | undefined;
  /** How long peers may take to answer, in milliseconds, before they are cut off. Default 5,000. */
  readonly timeoutMs?: number | undefined;
}
