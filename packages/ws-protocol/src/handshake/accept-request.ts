/** A server's 101: the last bytes of HTTP on the connection (RFC 6455 §4.2.2). */
import { acceptValue, acceptValueAtOnce, type Sha1, type Sha1Base64 } from "./accept-value.js";
import { type Extension, formatExtensions } from "./extensions.js";
import { assertHeader } from "./head-text.js";
import type { HeaderLine } from "./header-lines.js";
import type { OpeningRequest } from "./judge-request.js";
import { latin1Bytes } from "./latin1.js";
import { assertNotReserved } from "./reserved-headers.js";

export interface AcceptanceOptions {
  readonly sha1: Sha1;
  /** Used instead of `sha1` if given. */
  readonly sha1Base64?: Sha1Base64 | undefined;
  /** One of `request.subprotocols`, such as `selectSubprotocol` gives; `undefined`: none. */
  readonly subprotocol?: string | undefined;
  /** The extensions in use, such as `DeflateAgreement.answer`; each one offered, each one once. */
  readonly extensions?: readonly Extension[];
  /** Headers of the application, such as `Set-Cookie`. */
  readonly headers?: Iterable<HeaderLine>;
}

const FIXED_PART =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ";

/**
 * The bytes that open the connection; frames follow.
 *
 * @throws {TypeError} when the subprotocol or an extension was not offered (RFC 6455 §4.2.2), or a
 * header could not be sent or belongs to the handshake.
 */
export function acceptRequest(request: OpeningRequest, options: AcceptanceOptions): Uint8Array {
  return latin1Bytes(formatAcceptance(request, options));
}

/**
 * The same as text, one code unit for each byte: for platforms that write latin1 text faster than
 * this package makes bytes of it.
 *
 * @throws {TypeError} as `acceptRequest` does.
 */
export function formatAcceptance(request: OpeningRequest, options: AcceptanceOptions): string {
  const { subprotocol, extensions, headers, sha1, sha1Base64 } = options;
  const accept =
    sha1Base64 === undefined
      ? acceptValue(request.key, sha1)
      : acceptValueAtOnce(request.key, sha1Base64);
  let head = `${FIXED_PART}${accept}\r\n`;
  if (subprotocol !== undefined) {
    if (!request.subprotocols.includes(subprotocol)) {
      throw new TypeError(
        `The subprotocol ${JSON.stringify(subprotocol)} was not offered by the client: choose from request.subprotocols`,
      );
    }
    head += `Sec-WebSocket-Protocol: ${subprotocol}\r\n`;
  }
  if (extensions !== undefined && extensions.length > 0) {
    assertOffered(extensions, request.extensions);
    head += `Sec-WebSocket-Extensions: ${formatExtensions(extensions)}\r\n`;
  }
  if (headers !== undefined) {
    for (const [name, value] of headers) {
      assertHeader(name, value);
      assertNotReserved(name);
      head += `${name}: ${value}\r\n`;
    }
  }
  return `${head}\r\n`;
}

function assertOffered(answers: readonly Extension[], offers: readonly Extension[]): void {
  const answered = new Set<string>();
  for (const { name } of answers) {
    if (!offers.some((offer) => offer.name === name)) {
      throw new TypeError(`The extension ${JSON.stringify(name)} was not offered by the client`);
    }
    if (answered.has(name)) throw new TypeError(`The extension ${name} is answered twice`);
    answered.add(name);
  }
}
