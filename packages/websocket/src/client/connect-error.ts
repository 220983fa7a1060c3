/** Why there is no connection. */
import type { HandshakeFaultCode } from "@tidewire/ws-protocol";

/**
 * - `refused-by-server`: it answered with another status than 101: see `status`, `headers`, `body`.
 * - `redirect`: it redirects and that is not followed: see `status` and `headers`.
 * - `handshake-invalid`: the answer breaks a rule; `fault` names it where it is one of WebSocket's.
 * - `tls`: no secure connection: the certificate is not trusted, or TLS failed; `cause` says why.
 * - `network`: no connection, or it broke; `cause` is the system's error.
 * - `timeout`: the handshake took longer than `handshakeTimeoutMs`.
 * - `aborted`: `close()` was called, or the signal was aborted; `cause` is the signal's reason.
 */
export type ConnectErrorCode =
  | "refused-by-server"
  | "redirect"
  | "handshake-invalid"
  | "tls"
  | "network"
  | "timeout"
  | "aborted";

export interface ConnectErrorDetails {
  readonly status?: number | undefined;
  readonly headers?: Headers | undefined;
  readonly body?: string | undefined;
  readonly fault?: HandshakeFaultCode | undefined;
  readonly cause?: unknown;
}

/** A client could not connect. Browsers hide the reason; here it is told. */
export class ConnectError extends Error {
  override readonly name = "ConnectError";
  readonly code: ConnectErrorCode;
  /** The status of the server's answer, if it gave one. */
  readonly status: number | undefined;
  /** Its headers, such as `retry-after` or `location`. */
  readonly headers: Headers | undefined;
  /** Up to 8 KiB of its body as text, which often says why. */
  readonly body: string | undefined;
  readonly fault: HandshakeFaultCode | undefined;

  constructor(code: ConnectErrorCode, message: string, details: ConnectErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.status = details.status;
    this.headers = details.headers;
    this.body = details.body;
    this.fault = details.fault;
  }
}

/** Errors that Node's TLS gives when it does not trust or not understand the other side. */
const TLS_CODES =
  /^(ERR_TLS_|ERR_SSL_|ERR_OSSL_|EPROTO$|CERT_|CRL_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|HOSTNAME_MISMATCH|INVALID_CA|INVALID_PURPOSE|PATH_LENGTH_EXCEEDED)/;

/** Sorts an error of Node's `http`, `net` or `tls`. */
export function describeRequestError(error: Error, host: string): ConnectError {
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  if (code.startsWith("HPE_")) {
    return new ConnectError(
      "handshake-invalid",
      `${host} did not answer with valid HTTP (${code}): check host, port and whether it expects TLS`,
      { cause: error },
    );
  }
  if (TLS_CODES.test(code)) {
    return new ConnectError("tls", `no secure connection to ${host}: ${describeTls(error, code)}`, {
      cause: error,
    });
  }
  const hint = code === "ECONNRESET" ? ", before it answered; if it expects TLS, use wss:" : "";
  return new ConnectError("network", `no connection to ${host}: ${error.message || code}${hint}`, {
    cause: error,
  });
}

function describeTls({ message }: Error, code: string): string {
  if (message.includes("wrong version number"))
    return "it does not speak TLS; if that is right, use ws:";
  return /^(DEPTH_ZERO_|SELF_SIGNED_|UNABLE_TO_)/.test(code)
    ? `${message}; if you trust it, give its certificate authority as tls.ca`
    : message;
}
