/**
 * Close codes: who may put which on the wire (RFC 6455 §7.4, and the registry of RFC 6455 §11.7
 * as extended since).
 */
export const CloseCode = {
  /** The purpose was fulfilled. */
  normal: 1000,
  /** A server goes down, or a page is left. */
  goingAway: 1001,
  protocolError: 1002,
  /** Received a type of data that cannot be accepted. */
  unsupportedData: 1003,
  /** Never on the wire: the Close frame had no code. */
  noStatus: 1005,
  /** Never on the wire: the connection ended without a Close frame. */
  abnormal: 1006,
  /** A message's data does not fit its type, such as text that is not UTF-8. */
  invalidPayload: 1007,
  policyViolation: 1008,
  messageTooBig: 1009,
  /** Client only: the server did not negotiate an extension that is needed. */
  mandatoryExtension: 1010,
  internalError: 1011,
  serviceRestart: 1012,
  tryAgainLater: 1013,
  badGateway: 1014,
  /** Never on the wire: the TLS handshake failed. */
  tlsHandshake: 1015,
} as const;

export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/**
 * Whether a Close frame may carry `code`. RFC 6455 §7.4.1: 1005, 1006 and 1015 are never sent;
 * 1004 and 1016–2999 are reserved, 0–999 unused (§7.4.2); 3000–3999 belong to registered
 * libraries, 4000–4999 to applications.
 */
export function isSendableCloseCode(code: number): boolean {
  if (!Number.isInteger(code)) return false;
  if (code >= 3000) return code <= 4999;
  if (code < 1000 || code > 1014) return false;
  return code !== 1004 && code !== 1005 && code !== 1006;
}

/** One row of the close code table. */
export interface CloseCodeRow {
  readonly code: number;
  readonly meaning: string;
  /** Whether the code may stand in a Close frame. */
  readonly onWire: boolean;
  /** Whether a client that gets it may sensibly connect again, after its backoff. */
  readonly reconnect: boolean;
}

/** The whole table of RFC 6455 §7.4.1 and its registry; 3000–4999 mean what their owner says. */
export const CLOSE_CODES: readonly CloseCodeRow[] = [
  { code: 1000, meaning: "normal closure", onWire: true, reconnect: false },
  { code: 1001, meaning: "going away", onWire: true, reconnect: true },
  { code: 1002, meaning: "protocol error", onWire: true, reconnect: false },
  { code: 1003, meaning: "unsupported data", onWire: true, reconnect: false },
  { code: 1004, meaning: "reserved", onWire: false, reconnect: false },
  { code: 1005, meaning: "no status code in the Close frame", onWire: false, reconnect: false },
  { code: 1006, meaning: "no Close frame", onWire: false, reconnect: true },
  { code: 1007, meaning: "invalid payload data", onWire: true, reconnect: false },
  { code: 1008, meaning: "policy violation", onWire: true, reconnect: false },
  { code: 1009, meaning: "message too big", onWire: true, reconnect: false },
  { code: 1010, meaning: "mandatory extension missing", onWire: true, reconnect: false },
  { code: 1011, meaning: "internal error", onWire: true, reconnect: true },
  { code: 1012, meaning: "service restart", onWire: true, reconnect: true },
  { code: 1013, meaning: "try again later", onWire: true, reconnect: true },
  { code: 1014, meaning: "bad gateway", onWire: true, reconnect: true },
  { code: 1015, meaning: "TLS handshake failed", onWire: false, reconnect: false },
];
