/**
 * The body of a Close frame (RFC 6455 §5.5.1): nothing, or a two-byte code and a reason in UTF-8.
 */
import { advanceUtf8, UTF8_COMPLETE } from "../bytes/utf8.js";
import { createFault, type Fault } from "../faults.js";
import { CLOSE_REASON_BYTES_MAX } from "../limits.js";
import type { Platform } from "../platform.js";
import { CloseCode, isSendableCloseCode } from "./close-code.js";

export interface CloseInfo {
  /** 1005 when the frame had no code. */
  readonly code: number;
  readonly reason: string;
}

/** Reads the payload of a received Close frame, or says what is wrong with it. */
export function readClosePayload(payload: Uint8Array, platform: Platform): CloseInfo | Fault {
  if (payload.length === 0) return { code: CloseCode.noStatus, reason: "" };
  if (payload.length === 1) return createFault("close-payload-short");
  const code = (payload[0]! << 8) | payload[1]!;
  // RFC 6455 §7.4: codes that are reserved, unassigned or local must not arrive.
  if (!isSendableCloseCode(code)) return createFault("close-code-invalid", `close code ${code}`);
  if (advanceUtf8(UTF8_COMPLETE, payload, 2, payload.length) !== UTF8_COMPLETE) {
    return createFault("close-reason-not-utf8");
  }
  const reason = payload.length === 2 ? "" : platform.decodeUtf8(payload, 2, payload.length);
  return { code, reason };
}

/**
 * The payload that carries `code` and `reason`; empty for `undefined` (RFC 6455 §7.1.5: the peer
 * then sees 1005). A reason over 123 bytes is cut at a character border.
 */
export function createClosePayload(
  code: number | undefined,
  reason: string,
  platform: Platform,
): Uint8Array {
  if (code === undefined) return new Uint8Array(0);
  // Most say no more, and for two bytes a call into the platform is much.
  if (reason === "") return Uint8Array.of(code >>> 8, code);
  // 123 bytes hold at most 123 code units, and a unit takes at most three bytes.
  const units = Math.min(reason.length, CLOSE_REASON_BYTES_MAX);
  const payload = new Uint8Array(2 + units * 3);
  payload[0] = code >>> 8;
  payload[1] = code;
  const written = 2 + platform.encodeUtf8(reason.slice(0, units), payload, 2);
  if (written <= 2 + CLOSE_REASON_BYTES_MAX) return payload.subarray(0, written);
  let end = 2 + CLOSE_REASON_BYTES_MAX;
  while ((payload[end]! & 0xc0) === 0x80) end--;
  return payload.subarray(0, end);
}
