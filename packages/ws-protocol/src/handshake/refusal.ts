/**
 * Refusals: what a server answers instead of 101. Each one says in its body why, and what the client
 * can do.
 */

import {
  HANDSHAKE_FAULTS,
  type HandshakeFault,
  type HandshakeFaultCode,
} from "./handshake-faults.js";
import { createHead } from "./head-text.js";
import type { HeaderLine } from "./header-lines.js";
import { latin1Bytes } from "./latin1.js";

/** An answer of the server that ends the handshake, ready for any HTTP version. */
export interface Refusal {
  readonly type: "refused";
  readonly status: number;
  /** The fault, or the reason phrase in kebab-case where the server refuses by its own choice. */
  readonly code: HandshakeFaultCode | (string & {});
  /** Without `Content-Type`, `Content-Length` and `Connection`, which `formatRefusal` adds. */
  readonly headers: readonly HeaderLine[];
  /** Plain text for people, one line. */
  readonly body: string;
}

/** The `Sec-WebSocket-Version` of RFC 6455. */
export const WEBSOCKET_VERSION = "13";

const REASON_PHRASES: ReadonlyMap<number, string> = new Map([
  [301, "Moved Permanently"],
  [302, "Found"],
  [303, "See Other"],
  [307, "Temporary Redirect"],
  [308, "Permanent Redirect"],
  [400, "Bad Request"],
  [401, "Unauthorized"],
  [403, "Forbidden"],
  [404, "Not Found"],
  [405, "Method Not Allowed"],
  [406, "Not Acceptable"],
  [408, "Request Timeout"],
  [409, "Conflict"],
  [410, "Gone"],
  [413, "Content Too Large"],
  [414, "URI Too Long"],
  [421, "Misdirected Request"],
  [426, "Upgrade Required"],
  [429, "Too Many Requests"],
  [431, "Request Header Fields Too Large"],
  [500, "Internal Server Error"],
  [501, "Not Implemented"],
  [502, "Bad Gateway"],
  [503, "Service Unavailable"],
  [504, "Gateway Timeout"],
  [505, "HTTP Version Not Supported"],
]);

/** Headers that a refusal writes itself. */
const OWN_HEADERS: ReadonlySet<string> = new Set([
  "connection",
  "content-length",
  "transfer-encoding",
]);

/**
 * A refusal with a status and a text of the caller's choice.
 *
 * @throws {RangeError} when the status is not 300–599. @throws {TypeError} when a header could not be
 * sent, or is one that the refusal writes itself.
 */
export function refuse(status: number, body: string, headers: readonly HeaderLine[] = []): Refusal {
  if (!Number.isInteger(status) || status < 300 || status > 599) {
    throw new RangeError(`A refusal's status must be 300 to 599, not ${status}`);
  }
  for (const [name] of headers) {
    if (OWN_HEADERS.has(name.toLowerCase())) {
      throw new TypeError(`A refusal writes its own ${name} header: leave it out`);
    }
  }
  createHead("", headers); // throws here, where the caller still knows why
  return { type: "refused", status, code: codeOf(status), headers, body };
}

/**
 * 401. RFC 9110 §11.6.1: the challenge names the scheme that would be accepted, such as
 * `Bearer realm="chat"`.
 */
export function refuseUnauthorized(
  challenge: string,
  body = "Credentials are missing or not valid. Send valid credentials.",
): Refusal {
  return refuse(401, body, [["WWW-Authenticate", challenge]]);
}

/** 403. RFC 6455 §4.2.2: for an origin that the server does not accept, and for whoever may not. */
export function refuseForbidden(
  body = "This origin or user may not connect here. Ask the operator to allow it.",
): Refusal {
  return refuse(403, body);
}

/** 404. RFC 6455 §4.2.2: for a resource name that the server does not have. */
export function refuseNotFound(
  body = "There is no WebSocket at this path. Check the URL.",
): Refusal {
  return refuse(404, body);
}

/** 413. For a request that carries more than the server takes. */
export function refuseTooLarge(body = "The request is too large. Send less."): Refusal {
  return refuse(413, body);
}

/** 421. RFC 9110 §15.5.20: for a Host that this server does not serve. */
export function refuseMisdirected(
  body = "This server does not serve the requested host. Check the host name.",
): Refusal {
  return refuse(421, body);
}

/**
 * 429. RFC 6585 §4: for a client that tries too often.
 *
 * @throws {RangeError} when `retryAfterSeconds` is not a whole number of seconds from 0.
 */
export function refuseTooManyRequests(
  retryAfterSeconds: number,
  body = `Too many attempts. Try again in ${retryAfterSeconds} s.`,
): Refusal {
  return refuse(429, body, [retryAfter(retryAfterSeconds)]);
}

/**
 * 503. For a server that is full or going down.
 *
 * @throws {RangeError} when `retryAfterSeconds` is not a whole number of seconds from 0.
 */
export function refuseUnavailable(
  retryAfterSeconds: number,
  body = `The server takes no more connections now. Try again in ${retryAfterSeconds} s.`,
): Refusal {
  return refuse(503, body, [retryAfter(retryAfterSeconds)]);
}

/** The refusal that answers a fault, with the headers that its status demands. */
export function refuseFault({ code, detail }: HandshakeFault): Refusal {
  const { status } = HANDSHAKE_FAULTS[code];
  return { type: "refused", status, code, headers: headersOf(status), body: detail };
}

/**
 * The bytes of the HTTP/1.1 response. The connection ends after it.
 *
 * @throws {TypeError} when a header of a refusal made by hand could not be sent.
 */
export function formatRefusal({ status, headers, body }: Refusal): Uint8Array {
  const content = utf8Bytes(`${body}\n`);
  const lines: HeaderLine[] = [...headers];
  if (!headers.some(([name]) => name.toLowerCase() === "content-type")) {
    lines.push(["Content-Type", "text/plain; charset=utf-8"]);
  }
  lines.push(["Content-Length", `${content.length}`]);
  // RFC 9110 §7.8: who sends Upgrade, as a 426 must, also lists it in Connection.
  lines.push(["Connection", status === 426 ? "Upgrade, close" : "close"]);
  const head = latin1Bytes(createHead(`HTTP/1.1 ${status} ${reasonPhrase(status)}`, lines));
  const bytes = new Uint8Array(head.length + content.length);
  bytes.set(head);
  bytes.set(content, head.length);
  return bytes;
}

function headersOf(status: number): readonly HeaderLine[] {
  if (status === 405) return [["Allow", "GET"]];
  if (status !== 426) return [];
  // RFC 6455 §4.2.2: the version that would be understood; RFC 9110 §15.5.22: and the protocol.
  return [
    ["Upgrade", "websocket"],
    ["Sec-WebSocket-Version", WEBSOCKET_VERSION],
  ];
}

function reasonPhrase(status: number): string {
  return REASON_PHRASES.get(status) ?? "Refused";
}

function codeOf(status: number): string {
  return reasonPhrase(status).toLowerCase().replaceAll(" ", "-");
}

function retryAfter(seconds: number): HeaderLine {
  if (!Number.isSafeInteger(seconds) || seconds < 0) {
    throw new RangeError(`Retry-After takes whole seconds from 0, not ${seconds}`);
  }
  return ["Retry-After", `${seconds}`];
}

/** `text` in UTF-8, lone surrogates as U+FFFD. Bodies are short and rare: no need for speed. */
function utf8Bytes(text: string): Uint8Array {
  const bytes: number[] = [];
  for (const character of text) {
    let point = character.codePointAt(0)!;
    if (point >= 0xd800 && point <= 0xdfff) point = 0xfffd;
    if (point < 0x80) bytes.push(point);
    else if (point < 0x800) bytes.push(0xc0 | (point >> 6), tail(point));
    else if (point < 0x10000) bytes.push(0xe0 | (point >> 12), tail(point >> 6), tail(point));
    else bytes.push(0xf0 | (point >> 18), tail(point >> 12), tail(point >> 6), tail(point));
  }
  return Uint8Array.from(bytes);
}

function tail(bits: number): number {
  return 0x80 | (bits & 0x3f);
}
