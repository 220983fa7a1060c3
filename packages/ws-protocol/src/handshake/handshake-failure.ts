/** Failures: why a client has no connection. */
import {
  HANDSHAKE_FAULTS,
  type HandshakeFault,
  type HandshakeFaultCode,
} from "./handshake-faults.js";
import type { HeaderLines } from "./header-lines.js";

/**
 * RFC 6455 §4.1, _Fail the WebSocket Connection_ before it was open: close the transport. Tells an
 * application whether to ask for credentials (401), wait (429, 503), follow (3xx) or give up.
 */
export interface HandshakeFailure {
  readonly type: "failed";
  readonly code: HandshakeFaultCode;
  readonly section: string;
  /** What happened, for people. */
  readonly detail: string;
  /** The server's status; `undefined` if it did not answer with HTTP. */
  readonly status: number | undefined;
  /** The server's headers, such as `Retry-After` or `Location`; `undefined` as above. */
  readonly headers: HeaderLines | undefined;
}

export function failFault(
  { code, detail }: HandshakeFault,
  response?: { readonly status: number; readonly headers: HeaderLines },
): HandshakeFailure {
  return {
    type: "failed",
    code,
    section: HANDSHAKE_FAULTS[code].section,
    detail,
    status: response?.status,
    headers: response?.headers,
  };
}
