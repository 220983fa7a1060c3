/**
 * Subprotocols (RFC 6455 §1.9): what the application above speaks. Names are tokens, compared
 * exactly.
 */
import { isToken, skipBlanks, skipToken } from "./characters.js";
import { createHandshakeFault, type HandshakeFault } from "./handshake-faults.js";
import type { HandshakeLimits } from "./handshake-limits.js";

const COMMA = 0x2c;
const NONE: readonly string[] = [];

/**
 * Reads the `Sec-WebSocket-Protocol` lines of a request, in the client's order. RFC 6455 §4.1: one
 * or more tokens, all different; §11.3.4: several lines are one list.
 */
export function parseSubprotocols(
  values: readonly string[],
  limits: Pick<HandshakeLimits, "subprotocolsMax">,
): readonly string[] | HandshakeFault {
  if (values.length === 0) return NONE;
  const names = new Set<string>();
  for (const value of values) {
    let position = 0;
    while (position < value.length) {
      position = skipBlanks(value, position);
      const start = position;
      position = skipToken(value, position);
      const end = position;
      position = skipBlanks(value, position);
      if (position < value.length && value.charCodeAt(position) !== COMMA) {
        return invalid(`an unexpected character at position ${position}`);
      }
      position++;
      if (start === end) continue; // RFC 2616 §2.1: empty elements do not count
      const name = value.slice(start, end);
      if (names.has(name)) return invalid("the same subprotocol twice");
      if (names.size === limits.subprotocolsMax) {
        return createHandshakeFault(
          "subprotocols-too-many",
          `More subprotocols than subprotocolsMax (${limits.subprotocolsMax}). Offer fewer.`,
        );
      }
      names.add(name);
    }
  }
  if (names.size === 0) return invalid("no subprotocol");
  return [...names];
}

/**
 * The subprotocol a server answers with: the first of `supported`, in the server's order of
 * preference, that the client offered; `undefined` if there is none, and then the server may refuse
 * or go on without. The server's order decides because the server knows which of its own versions
 * it would retire first; RFC 6455 §4.2.2 leaves the choice to it.
 */
export function selectSubprotocol(
  offered: readonly string[],
  supported: readonly string[],
): string | undefined {
  return supported.find((name) => offered.includes(name));
}

/**
 * Checks the subprotocols that a client is about to offer, or that a server speaks.
 *
 * @throws {TypeError} when one is not a token or comes twice (RFC 6455 §4.1).
 */
export function assertSubprotocols(names: readonly string[]): void {
  const seen = new Set<string>();
  for (const name of names) {
    if (!isToken(name)) {
      throw new TypeError(
        `${JSON.stringify(name)} is not a subprotocol: it must be a token (letters, digits and !#$%&'*+-.^_\`|~)`,
      );
    }
    if (seen.has(name)) throw new TypeError(`The subprotocol ${name} is listed twice`);
    seen.add(name);
  }
}

function invalid(what: string): HandshakeFault {
  return createHandshakeFault(
    "subprotocols-invalid",
    `The Sec-WebSocket-Protocol header has ${what}. It must list different tokens, separated by commas.`,
  );
}
