/**
 * What the peer did wrong. A fault never throws: it is a value, and the Close frame that answers it
 * is already queued when it is reported.
 */
import { CloseCode } from "./frames/close-code.js";

export type FaultCode =
  | "reserved-bits"
  | "reserved-opcode"
  | "mask-missing"
  | "mask-unexpected"
  | "length-not-minimal"
  | "length-overflow"
  | "control-fragmented"
  | "control-too-long"
  | "continuation-unexpected"
  | "continuation-expected"
  | "close-payload-short"
  | "close-code-invalid"
  | "close-reason-not-utf8"
  | "text-not-utf8"
  | "frame-too-big"
  | "message-too-big"
  | "too-many-pieces"
  | "inflated-too-big"
  | "deflate-invalid"
  | "deflate-unavailable"
  | "keepalive-timeout"
  | "close-timeout"
  | "ended-early";

export interface FaultRow {
  readonly closeCode: number;
  readonly section: string;
  readonly meaning: string;
}

/** Every fault of the wire protocol: its close code, the rule it broke, and what it means. */
export const FAULTS: Readonly<Record<FaultCode, FaultRow>> = {
  "reserved-bits": row(CloseCode.protocolError, "5.2", "a reserved bit without its extension"),
  "reserved-opcode": row(CloseCode.protocolError, "5.2", "a reserved opcode"),
  "mask-missing": row(CloseCode.protocolError, "5.1", "an unmasked frame from a client"),
  "mask-unexpected": row(CloseCode.protocolError, "5.1", "a masked frame from a server"),
  "length-not-minimal": row(CloseCode.protocolError, "5.2", "a length in more bytes than it needs"),
  "length-overflow": row(CloseCode.protocolError, "5.2", "a 64-bit length with its top bit set"),
  "control-fragmented": row(CloseCode.protocolError, "5.5", "a fragmented control frame"),
  "control-too-long": row(CloseCode.protocolError, "5.5", "a control frame over 125 bytes"),
  "continuation-unexpected": row(CloseCode.protocolError, "5.4", "a continuation of no message"),
  "continuation-expected": row(CloseCode.protocolError, "5.4", "a new message inside another"),
  "close-payload-short": row(CloseCode.protocolError, "5.5.1", "a Close frame of one byte"),
  "close-code-invalid": row(CloseCode.protocolError, "7.4", "a close code that must not be sent"),
  "close-reason-not-utf8": row(CloseCode.invalidPayload, "5.5.1", "a close reason not in UTF-8"),
  "text-not-utf8": row(CloseCode.invalidPayload, "8.1", "text that is not UTF-8"),
  "frame-too-big": row(CloseCode.messageTooBig, "10.4", "a frame over frameBytesMax"),
  "message-too-big": row(CloseCode.messageTooBig, "10.4", "a message over messageBytesMax"),
  "too-many-pieces": row(CloseCode.policyViolation, "10.4", "a message over messagePiecesMax"),
  "inflated-too-big": row(CloseCode.messageTooBig, "10.4", "a message over inflatedBytesMax"),
  "deflate-invalid": row(CloseCode.invalidPayload, "8.1", "compressed data that is corrupt"),
  "deflate-unavailable": row(CloseCode.internalError, "7.4.1", "no memory to inflate a message"),
  "keepalive-timeout": row(CloseCode.abnormal, "5.5.2", "no sign of life after a ping"),
  "close-timeout": row(CloseCode.abnormal, "7.1.1", "the closing handshake took too long"),
  "ended-early": row(CloseCode.abnormal, "7.1.5", "the stream ended without a Close frame"),
};

/** The peer broke a rule, exceeded a limit, or fell silent. */
export interface Fault {
  readonly code: FaultCode;
  /** The close code sent to the peer; 1006 where there was nobody to send it to. */
  readonly closeCode: number;
  /** The section of RFC 6455 that holds the rule. */
  readonly section: string;
  /** What happened, with the numbers; also the reason in the Close frame. */
  readonly detail: string;
}

export function createFault(code: FaultCode, detail: string = FAULTS[code].meaning): Fault {
  const { closeCode, section } = FAULTS[code];
  return { code, closeCode, section, detail };
}

function row(closeCode: number, section: string, meaning: string): FaultRow {
  return { closeCode, section, meaning };
}
