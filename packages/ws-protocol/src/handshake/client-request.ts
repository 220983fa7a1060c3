/** A client's opening request (RFC 6455 §4.1). */
import type { DeflateOfferer } from "../deflate/negotiation.js";
import { encodeBase64, KEY_BYTES } from "./base64.js";
import { findOutside, HOST, TARGET } from "./characters.js";
import { type Extension, formatExtensions } from "./extensions.js";
import { assertHeader, createHead, nameCharacter } from "./head-text.js";
import { type HeaderLine, HeaderLines } from "./header-lines.js";
import { latin1Bytes } from "./latin1.js";
import { WEBSOCKET_VERSION } from "./refusal.js";
import type { RequestHead } from "./request-head.js";
import { assertNotReserved } from "./reserved-headers.js";
import { assertSubprotocols } from "./subprotocols.js";

export interface ClientRequestOptions {
  /** A name in ASCII or an address, IPv6 in brackets: what `URL.hostname` gives. */
  readonly host: string;
  /** Left out of the `Host` header where it is the default (80, or 443 if secure). */
  readonly port?: number | undefined;
  /** Whether the connection runs over TLS. */
  readonly secure: boolean;
  /** The resource name: path and query, beginning with a slash, without a fragment. */
  readonly target: string;
  /** 16 bytes, unpredictable and new for every connection. */
  readonly nonce: Uint8Array;
  readonly origin?: string | undefined;
  /** In order of preference. */
  readonly subprotocols?: readonly string[];
  /** Offers permessage-deflate, behind the other extensions: it compresses what they made. */
  readonly deflate?: DeflateOfferer | undefined;
  /** Extensions other than permessage-deflate, in order of preference. */
  readonly extensions?: readonly Extension[];
  /** Headers of the application, such as `Authorization` and `Cookie`. */
  readonly headers?: Iterable<HeaderLine>;
}

/** A request as sent, with what is needed to judge the response. */
export interface ClientRequest extends RequestHead {
  readonly key: string;
  readonly subprotocols: readonly string[];
  /** All that was offered, permessage-deflate included. */
  readonly extensions: readonly Extension[];
  readonly deflate: DeflateOfferer | undefined;
}

/**
 * Builds a request, to be sent as bytes (`formatRequest`) or through an HTTP client.
 *
 * @throws {TypeError} when a string could not be sent in its place: a control character, a name that
 * is no token, a header that belongs to the handshake, a target without a leading slash.
 * @throws {RangeError} when the nonce is not 16 bytes, or the port not 1–65535.
 */
export function createRequest(options: ClientRequestOptions): ClientRequest {
  const { target, nonce, subprotocols = [], deflate } = options;
  assertTarget(target);
  assertSubprotocols(subprotocols);
  if (nonce.length !== KEY_BYTES) {
    throw new RangeError(`The nonce must be ${KEY_BYTES} random bytes, not ${nonce.length}`);
  }
  const key = encodeBase64(nonce);
  const extensions = [...(options.extensions ?? [])];
  if (deflate !== undefined) extensions.push(deflate.offer);
  const flat = [
    "Host",
    formatHost(options),
    "Upgrade",
    "websocket",
    "Connection",
    "Upgrade",
    "Sec-WebSocket-Key",
    key,
    "Sec-WebSocket-Version",
    WEBSOCKET_VERSION,
  ];
  if (options.origin !== undefined) pushHeader(flat, "Origin", options.origin);
  if (subprotocols.length > 0) flat.push("Sec-WebSocket-Protocol", subprotocols.join(", "));
  if (extensions.length > 0) flat.push("Sec-WebSocket-Extensions", formatExtensions(extensions));
  for (const [name, value] of options.headers ?? []) {
    assertNotReserved(name);
    if (name.toLowerCase() === "origin" && options.origin !== undefined) {
      throw new TypeError("The Origin header is given twice: as an option and among the headers");
    }
    pushHeader(flat, name, value);
  }
  const headers = HeaderLines.fromRaw(flat);
  return {
    method: "GET",
    target,
    httpVersion: "1.1",
    headers,
    key,
    subprotocols,
    extensions,
    deflate,
  };
}

/**
 * The bytes of the request.
 *
 * @throws {TypeError} as `createRequest` does, when the request was changed since.
 */
export function formatRequest({ target, headers }: ClientRequest): Uint8Array {
  assertTarget(target);
  return latin1Bytes(createHead(`GET ${target} HTTP/1.1`, headers));
}

function pushHeader(flat: string[], name: string, value: string): void {
  assertHeader(name, value);
  flat.push(name, value);
}

function assertTarget(target: string): void {
  const position = findOutside(target, TARGET);
  if (position !== -1) {
    throw new TypeError(
      `The target has ${nameCharacter(target, position)} at position ${position}: percent-encode it, and leave out fragments (RFC 6455 §3)`,
    );
  }
  if (target[0] !== "/") throw new TypeError("The target must begin with a slash");
}

/** RFC 6455 §4.1: the host, and the port if it is not the default. */
function formatHost({ host, port, secure }: ClientRequestOptions): string {
  const position = findOutside(host, HOST);
  if (host === "" || position !== -1) {
    const found = host === "" ? "nothing" : nameCharacter(host, position);
    throw new TypeError(
      `The host has ${found} at position ${Math.max(position, 0)}: give a name in ASCII (punycode) or an address`,
    );
  }
  if (host.includes(":") && !(host.startsWith("[") && host.endsWith("]"))) {
    throw new TypeError(
      `The host ${host} has a colon: put an IPv6 address in brackets, and the port into the port option`,
    );
  }
  if (port === undefined || port === (secure ? 443 : 80)) return host;
  if (!Number.isInteger(port) || port < 1 || port > 65535) {
    throw new RangeError(`The port must be an integer from 1 to 65535, not ${port}`);
  }
  return `${host}:${port}`;
}
