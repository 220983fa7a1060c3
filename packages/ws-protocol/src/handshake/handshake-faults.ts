/**
 * What the peer can do wrong in an opening handshake. A fault is a value: a server turns it into a
 * refusal with the status of this table, a client into a failure that names the code.
 */

interface HandshakeFaultRow {
  /** The status with which a server answers; 0 where only a client can find the fault. */
  readonly status: number;
  /** The rule that was broken. */
  readonly section: string;
  readonly meaning: string;
}

type Row = readonly [status: number, section: string, meaning: string];

const ROWS = {
  "start-line-invalid": [400, "RFC 9112 §3", "the first line is not HTTP"],
  "start-line-too-long": [414, "RFC 9110 §15.5.15", "the first line is over lineBytesMax"],
  "header-invalid": [400, "RFC 9112 §5", "a header line breaks the grammar"],
  "header-too-long": [431, "RFC 6585 §5", "a header line is over lineBytesMax"],
  "headers-too-many": [431, "RFC 6585 §5", "more header lines than headerLinesMax"],
  "head-too-long": [431, "RFC 6585 §5", "the head is over headBytesMax"],
  "http-version-unsupported": [505, "RFC 6455 §4", "an HTTP version other than 1.1"],
  "method-not-allowed": [405, "RFC 6455 §4.2.1", "a method other than GET"],
  "target-invalid": [400, "RFC 6455 §4.2.1", "a request target that names no resource"],
  "host-invalid": [400, "RFC 6455 §4.2.1", "no Host header, or one that names no host"],
  "header-repeated": [400, "RFC 9110 §5.3", "a header that must be single came twice"],
  "body-unexpected": [400, "RFC 6455 §1.3", "a body where the WebSocket would begin"],
  "upgrade-missing": [426, "RFC 6455 §4", "no Upgrade: websocket header"],
  "upgrade-invalid": [
    400,
    "RFC 6455 §4",
    "an Upgrade header that is no list of protocols, or not websocket",
  ],
  "connection-invalid": [400, "RFC 6455 §4", "a Connection header without Upgrade"],
  "version-unsupported": [426, "RFC 6455 §4.2.2", "a WebSocket version other than 13"],
  "key-invalid": [400, "RFC 6455 §4.2.1", "a Sec-WebSocket-Key that is not 16 bytes in base64"],
  "subprotocols-invalid": [400, "RFC 6455 §4.1", "a Sec-WebSocket-Protocol against its grammar"],
  "subprotocols-too-many": [431, "RFC 6585 §5", "more subprotocols than subprotocolsMax"],
  "extensions-invalid": [400, "RFC 6455 §9.1", "a Sec-WebSocket-Extensions against its grammar"],
  "extensions-too-many": [431, "RFC 6585 §5", "more extensions or parameters than the limit"],
  "status-unexpected": [0, "RFC 6455 §4.1", "the server did not answer 101"],
  "accept-invalid": [0, "RFC 6455 §4.1", "the Sec-WebSocket-Accept does not prove the key"],
  "subprotocol-not-offered": [0, "RFC 6455 §4.1", "the server chose what was not offered"],
  "extension-not-offered": [0, "RFC 6455 §4.1", "the server uses what was not offered"],
  "deflate-answer-invalid": [0, "RFC 7692 §7.1", "the answer does not fit the deflate offer"],
} as const;

export type HandshakeFaultCode = keyof typeof ROWS;

/** Every fault of the opening handshake. */
export const HANDSHAKE_FAULTS: Readonly<Record<HandshakeFaultCode, HandshakeFaultRow>> =
  readRows(ROWS);

/** What a parser found; `detail` says what and where, without repeating what the peer sent. */
export interface HandshakeFault {
  readonly type: "fault";
  readonly code: HandshakeFaultCode;
  readonly detail: string;
}

export function createHandshakeFault(code: HandshakeFaultCode, detail: string): HandshakeFault {
  return { type: "fault", code, detail };
}

/** Tells a fault from the result that a parser gives otherwise. */
export function isHandshakeFault(result: object): result is HandshakeFault {
  return "type" in result && result.type === "fault";
}

function readRows<Code extends string>(
  rows: Readonly<Record<Code, Row>>,
): Record<Code, HandshakeFaultRow> {
  const table: Partial<Record<Code, HandshakeFaultRow>> = {};
  for (const code of Object.keys(rows) as Code[]) {
    const [status, section, meaning] = rows[code];
    table[code] = { status, section, meaning };
  }
  return table as Record<Code, HandshakeFaultRow>;
}
