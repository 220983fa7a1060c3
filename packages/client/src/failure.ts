// Why the client is not connected: one word per cause, for programs, and a sentence for people.

/**
 * - `offline`: the platform says that there is no network.
 * - `refused`: nothing answered at that address (or CORS hides the answer from a page).
 * - `timeout`: something took the connection, and no welcome came.
 * - `blocked`: the hub is reachable, but something on the way does not let this transport through.
 * - `unavailable`: something other than a hub answered, or the platform lacks the transport.
 * - `unauthorised`: the token was refused, and a new one as well.
 * - `forbidden`: the hub does not take this origin or user.
 * - `token`: the token provider failed.
 * - `version`: the hub does not speak this client's protocol version.
 * - `overloaded`: the hub takes nobody now, or too much came from here.
 * - `server`: the hub, or a proxy before it, failed.
 * - `lost`: the connection broke.
 * - `disconnected`: the hub's application ended the session.
 * - `protocol`: one side broke the protocol; a fault to be reported.
 * - `closed`: `client.close()` was called.
 */
export type FailureReason =
  | "offline"
  | "refused"
  | "timeout"
  | "blocked"
  | "unavailable"
  | "unauthorised"
  | "forbidden"
  | "token"
  | "version"
  | "overloaded"
  | "server"
  | "lost"
  | "disconnected"
  | "protocol"
  | "closed";

export interface Failure {
  readonly reason: FailureReason;
  /** A sentence for people, on Node with the system's code. Holds no token and no secret. */
  readonly detail: string;
  /** The code of PROTOCOL.md §11, when the hub said one. */
  readonly code?: number;
  /** The HTTP status, when there was one. */
  readonly status?: number;
  /** The hub wants no attempt before so many milliseconds. */
  readonly retryMs?: number | undefined;
  /** The transport that failed. */
  readonly transport?: string | undefined;
  readonly cause?: unknown;
}

/** A `bye`, or what a link ended with. */
interface Ending {
  readonly code: number;
  readonly reason: string;
  readonly retryMs?: number | undefined;
}

/** What a `bye`, or a close code, means as a failure. */
export function failureOf(bye: Ending): Failure {
  return {
    reason: reasons[bye.code] ?? "server",
    detail: bye.reason === "" ? `the hub ended the link with ${bye.code}` : bye.reason,
    code: bye.code,
    retryMs: bye.retryMs,
  };
}

// By the codes of §11; any other is the server's fault.
const reasons: Readonly<Record<number, FailureReason>> = {
  0: "lost",
  4000: "disconnected",
  4001: "lost",
  4002: "lost",
  4003: "lost",
  4004: "lost",
  4006: "disconnected",
  4007: "lost",
  4400: "protocol",
  4401: "unauthorised",
  4402: "unauthorised",
  4403: "forbidden",
  4404: "lost",
  4408: "timeout",
  4409: "lost",
  4413: "protocol",
  4415: "unavailable",
  4426: "version",
  4429: "overloaded",
  4503: "overloaded",
};
