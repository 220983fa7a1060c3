/** The arguments of `close` (https://websockets.spec.whatwg.org/#dom-websocket-close). */
import { CLOSE_REASON_BYTES_MAX, isSendableCloseCode } from "@tidewire/ws-protocol";

/**
 * Checks and converts them as the WHATWG does. Without a code a reason cannot be sent (RFC 6455
 * §5.5.1), so 1000 goes with it.
 *
 * @throws {DOMException} InvalidAccessError for a code that may not be used, SyntaxError for a reason
 *   of over 123 bytes.
 */
export function assertCloseArguments(
  code: number | undefined,
  reason: string | undefined,
  anyCode: boolean,
): [code: number | undefined, reason: string] {
  const clamped = code === undefined ? undefined : clampToUint16(code);
  if (clamped !== undefined && !isAllowed(clamped, anyCode)) {
    const allowed = anyCode ? "1000–1003, 1007–1014 or 3000–4999" : "1000 or 3000–4999";
    throw new DOMException(
      `The close code must be ${allowed}, not ${String(code)}`,
      "InvalidAccessError",
    );
  }
  const text = reason === undefined ? "" : `${reason}`;
  const bytes = Buffer.byteLength(text);
  if (bytes > CLOSE_REASON_BYTES_MAX) {
    throw new DOMException(
      `The close reason is ${bytes} bytes of UTF-8; at most ${CLOSE_REASON_BYTES_MAX} fit into a Close frame`,
      "SyntaxError",
    );
  }
  return [clamped ?? (text === "" ? undefined : 1000), text];
}

function isAllowed(code: number, anyCode: boolean): boolean {
  if (anyCode) return isSendableCloseCode(code);
  return code === 1000 || (code >= 3000 && code <= 4999);
}

/** WebIDL's `[Clamp] unsigned short`: rounded to the nearest, halves to even, NaN to 0. */
function clampToUint16(value: number): number {
  const number = Number(value);
  if (Number.isNaN(number)) return 0;
  const bounded = Math.min(65_535, Math.max(0, number));
  const floor = Math.floor(bounded);
  const rest = bounded - floor;
  if (rest !== 0.5) return Math.round(bounded);
  return floor % 2 === 0 ? floor : floor + 1;
}
