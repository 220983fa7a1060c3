/**
 * Character classes of HTTP's grammar as one table of bits, so that every check in the handshake is
 * one lookup per character and no regular expression can backtrack.
 */

/** RFC 9110 §5.6.2: the characters of a token. */
export const TOKEN = 1;
/** RFC 9110 §5.5: what a field value may hold: HTAB, SP, visible ASCII and the bytes 0x80–0xFF. */
export const FIELD_VALUE = 2;
/** Visible ASCII without `#`: RFC 6455 §3 forbids fragments in a WebSocket URI. */
export const TARGET = 4;
/**
 * RFC 3986 §3.2: a host with an optional port. Without the comma, which RFC 3986 allows and no host
 * name has: it is what two `Host` lines look like once somebody has joined them.
 */
export const HOST = 8;
/** RFC 4648 §4: the base64 alphabet, without the padding. */
export const BASE64 = 16;
/** RFC 9112 §3: a request line: visible ASCII and the spaces between its three parts. */
export const REQUEST_LINE = 32;

/** The classes of every byte; a code unit above 0xFF has none. */
export const CLASSES: Uint8Array = createClasses();

/** Where `text` has its first character outside of `classBit`; -1 if there is none. */
export function findOutside(text: string, classBit: number): number {
  for (let index = 0; index < text.length; index++) {
    if ((CLASSES[text.charCodeAt(index)]! & classBit) === 0) return index;
  }
  return -1;
}

export function isToken(text: string): boolean {
  return text !== "" && findOutside(text, TOKEN) === -1;
}

/** Whether `text[start..end)` is `lower` in any case; `lower` holds lower-case letters only. */
export function equalsIgnoringCase(
  text: string,
  start: number,
  end: number,
  lower: string,
): boolean {
  if (end - start !== lower.length) return false;
  for (let index = 0; index < lower.length; index++) {
    if ((text.charCodeAt(start + index) | 0x20) !== lower.charCodeAt(index)) return false;
  }
  return true;
}

/** The first position at or after `position` that is neither SP nor HTAB. */
export function skipBlanks(text: string, position: number): number {
  while (position < text.length) {
    const code = text.charCodeAt(position);
    if (code !== 0x20 && code !== 0x09) break;
    position++;
  }
  return position;
}

/** The first position at or after `position` that no token can cover. */
export function skipToken(text: string, position: number): number {
  while (position < text.length && (CLASSES[text.charCodeAt(position)]! & TOKEN) !== 0) position++;
  return position;
}

function createClasses(): Uint8Array {
  const classes = new Uint8Array(256);
  const alphanumeric = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
  mark(classes, `${alphanumeric}!#$%&'*+-.^_\`|~`, TOKEN);
  mark(classes, `${alphanumeric}-._~%!$&'()*+;=:[]`, HOST);
  mark(classes, `${alphanumeric}+/`, BASE64);
  for (let code = 0x20; code < 0x7f; code++) classes[code]! |= FIELD_VALUE | REQUEST_LINE;
  for (let code = 0x80; code <= 0xff; code++) classes[code]! |= FIELD_VALUE;
  for (let code = 0x21; code < 0x7f; code++) {
    if (code !== 0x23) classes[code]! |= TARGET;
  }
  classes[0x09]! |= FIELD_VALUE;
  return classes;
}

function mark(classes: Uint8Array, characters: string, classBit: number): void {
  for (let index = 0; index < characters.length; index++) {
    classes[characters.charCodeAt(index)]! |= classBit;
  }
}
