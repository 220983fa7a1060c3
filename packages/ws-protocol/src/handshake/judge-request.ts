/** A server's judgement of an opening request (RFC 6455 §4.2.1): the facts of it, or a refusal. */
import { isKey } from "./base64.js";
import { CLASSES, findOutside, HOST, TARGET } from "./characters.js";
import { type Extension, parseExtensions } from "./extensions.js";
import {
  createHandshakeFault,
  type HandshakeFault,
  type HandshakeFaultCode,
  isHandshakeFault,
} from "./handshake-faults.js";
import { DEFAULT_HANDSHAKE_LIMITS, type HandshakeLimits } from "./handshake-limits.js";
import { type HeaderLines, HeaderNames } from "./header-lines.js";
import { type Refusal, refuseFault, WEBSOCKET_VERSION } from "./refusal.js";
import type { RequestHead } from "./request-head.js";
import { parseSubprotocols } from "./subprotocols.js";
import { searchTokenList } from "./token-list.js";

/** A request that may be accepted; whether it shall be (origin, user, path) is yet to be decided. */
export interface OpeningRequest {
  readonly type: "request";
  /** Path and query, as sent; begins with a slash. */
  readonly resourceName: string;
  /** The `Host` header: a name or an address, with the port if it is not the default. */
  readonly host: string;
  /** The `Origin` header, as sent; browsers always send one. */
  readonly origin: string | undefined;
  /** The `Sec-WebSocket-Key`. */
  readonly key: string;
  /** In the client's order of preference; all different. */
  readonly subprotocols: readonly string[];
  /** In the client's order of preference; one name may come several times, as fallbacks. */
  readonly extensions: readonly Extension[];
  readonly headers: HeaderLines;
}

/**
 * Headers of which a second line would leave open which one counts. A proxy in front may have
 * looked at the other one.
 */
const SINGLE_HEADERS: readonly string[] = [
  "host",
  "sec-websocket-key",
  "sec-websocket-version",
  "origin",
  "content-length",
  "authorization",
];
const [HOST_LINE, KEY_LINE, VERSION_LINE, ORIGIN_LINE, LENGTH_LINE] = [0, 1, 2, 3, 4] as const;
const ENCODING_LINE = 6;

const NAMES = new HeaderNames([...SINGLE_HEADERS, "transfer-encoding"]);
/** The lines of those of the request at hand. */
const lines = new Int32Array(2 * NAMES.count);

/**
 * Judges a request, read by `RequestHeadParser` or by another HTTP server. The refusal has the
 * status and the headers that its reason demands: 405 with `Allow`, 426 with `Upgrade` and
 * `Sec-WebSocket-Version`, 431, 505, and 400 for the rest.
 */
export function judgeRequest(
  head: RequestHead,
  limits: HandshakeLimits = DEFAULT_HANDSHAKE_LIMITS,
): OpeningRequest | Refusal {
  const request = readRequest(head, limits);
  return isHandshakeFault(request) ? refuseFault(request) : request;
}

function readRequest(head: RequestHead, limits: HandshakeLimits): OpeningRequest | HandshakeFault {
  const { headers } = head;
  headers.locate(NAMES, lines);
  const broken = findHttpFault(head, limits) ?? findUpgradeFault(headers);
  if (broken !== undefined) return broken;
  const host = lineValue(headers, HOST_LINE);
  if (host === undefined || host === "" || findOutside(host, HOST) !== -1) {
    return fault("host-invalid", "The Host header must name one host, such as example.org:8080.");
  }
  const resourceName = readResourceName(head.target, host);
  if (resourceName === undefined) {
    return fault(
      "target-invalid",
      "The request target must be a path such as /chat, without a fragment, or an http URL with the host of the Host header.",
    );
  }
  // Before the key: the drafts had other keys, and their clients shall learn which version to use.
  if (lineValue(headers, VERSION_LINE) !== WEBSOCKET_VERSION) {
    return fault(
      "version-unsupported",
      `This server speaks WebSocket version ${WEBSOCKET_VERSION} (RFC 6455). Send Sec-WebSocket-Version: ${WEBSOCKET_VERSION}.`,
    );
  }
  const key = lineValue(headers, KEY_LINE);
  if (key === undefined || !isKey(key)) {
    return fault("key-invalid", "The Sec-WebSocket-Key header must be 16 random bytes in base64.");
  }
  const subprotocols = parseSubprotocols(headers.values("sec-websocket-protocol"), limits);
  if (isHandshakeFault(subprotocols)) return subprotocols;
  const extensions = parseExtensions(headers.values("sec-websocket-extensions"), limits);
  if (isHandshakeFault(extensions)) return extensions;
  const origin = lineValue(headers, ORIGIN_LINE);
  return {
    type: "request",
    resourceName,
    host,
    origin,
    key,
    subprotocols,
    extensions,
    headers,
  };
}

function findHttpFault(head: RequestHead, limits: HandshakeLimits): HandshakeFault | undefined {
  const { headers } = head;
  // Again, as other HTTP servers have other limits.
  if (headers.count > limits.headerLinesMax) {
    return fault(
      "headers-too-many",
      `There are more header lines than headerLinesMax (${limits.headerLinesMax}). Send fewer.`,
    );
  }
  if (!isHttp11(head.httpVersion)) {
    return fault("http-version-unsupported", "A WebSocket opens over HTTP/1.1. Use that version.");
  }
  if (head.method !== "GET") {
    return fault("method-not-allowed", "A WebSocket opens with GET. Use that method.");
  }
  for (let index = 0; index < SINGLE_HEADERS.length; index++) {
    if (lines[NAMES.count + index] !== -1) {
      const name = SINGLE_HEADERS[index]!;
      return fault("header-repeated", `The header ${name} came more than once. Send it once.`);
    }
  }
  // What follows the head is frames, so a body could only be mistaken for them.
  const contentLength = lineValue(headers, LENGTH_LINE);
  if ((contentLength !== undefined && contentLength !== "0") || lines[ENCODING_LINE] !== -1) {
    return fault("body-unexpected", "The request must not have a body. Send frames after the 101.");
  }
  return undefined;
}

/** RFC 9112 §2.3: a higher minor version is read like 1.1. */
export function isHttp11(httpVersion: string): boolean {
  return httpVersion.startsWith("1.") && httpVersion !== "1.0";
}

/** The value of the first line of one of `NAMES`. */
function lineValue(headers: HeaderLines, index: number): string | undefined {
  const line = lines[index]!;
  return line === -1 ? undefined : headers.valueAt(line);
}

function findUpgradeFault(headers: HeaderLines): HandshakeFault | undefined {
  switch (searchTokenList(headers.values("upgrade"), "websocket")) {
    case "invalid":
      return fault("upgrade-invalid", "The Upgrade header must list protocols, like: websocket.");
    case "absent":
      return fault(
        "upgrade-missing",
        "This address speaks WebSocket. Connect with a WebSocket client; if you did, a proxy on the way has removed its Upgrade header.",
      );
  }
  if (searchTokenList(headers.values("connection"), "upgrade") !== "found") {
    return fault(
      "connection-invalid",
      "The Connection header must list Upgrade. If the client sent it, a proxy on the way has removed it.",
    );
  }
  return undefined;
}

/**
 * RFC 6455 §4.2.1: a resource name, or an absolute http(s) URL that holds one. RFC 9112 §3.2.2: the
 * URL then repeats the Host; one that does not is refused, so that whoever checks the host checks
 * the right one.
 */
function readResourceName(target: string, host: string): string | undefined {
  if (target === "" || findOutside(target, TARGET) !== -1) return undefined;
  if (target[0] === "/") return target;
  const scheme = target.slice(0, 8).toLowerCase();
  const start = scheme === "https://" ? 8 : scheme.startsWith("http://") ? 7 : -1;
  if (start === -1) return undefined;
  let end = start;
  while (end < target.length && (CLASSES[target.charCodeAt(end)]! & HOST) !== 0) end++;
  if (target.slice(start, end).toLowerCase() !== host.toLowerCase()) return undefined;
  const rest = target.slice(end);
  if (rest[0] === "/") return rest;
  return rest === "" || rest[0] === "?" ? `/${rest}` : undefined;
}

function fault(code: HandshakeFaultCode, detail: string): HandshakeFault {
  return createHandshakeFault(code, detail);
}
