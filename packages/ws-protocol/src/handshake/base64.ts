/** RFC 4648 §4: base64 for the two values of the handshake that carry bytes. */
import { BASE64, CLASSES } from "./characters.js";

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** Bytes of a key before encoding (RFC 6455 §4.1). */
export const KEY_BYTES = 16;
/** Characters of 16 bytes in base64: 22 that carry bits, and two of padding. */
const KEY_CHARACTERS = 24;
/** Where the character stands that carries two bits of the last byte. */
const LAST_CHARACTER = 21;

export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  let index = 0;
  for (; index + 2 < bytes.length; index += 3) {
    const word = (bytes[index]! << 16) | (bytes[index + 1]! << 8) | bytes[index + 2]!;
    text +=
      ALPHABET[word >> 18]! +
      ALPHABET[(word >> 12) & 63]! +
      ALPHABET[(word >> 6) & 63]! +
      ALPHABET[word & 63]!;
  }
  if (index + 1 === bytes.length) {
    const word = bytes[index]!;
    text += `${ALPHABET[word >> 2]}${ALPHABET[(word << 4) & 63]}==`;
  } else if (index + 2 === bytes.length) {
    const word = (bytes[index]! << 8) | bytes[index + 1]!;
    text += `${ALPHABET[word >> 10]}${ALPHABET[(word >> 4) & 63]}${ALPHABET[(word << 2) & 63]}=`;
  }
  return text;
}

/**
 * RFC 6455 §4.2.1: whether `text` is 16 bytes in base64, in the one way an encoder writes them.
 * Stricter than the RFC's grammar: the four unused bits of the last character must be zero (RFC 4648
 * §3.5 lets a decoder insist), since a client that sets them did not encode 16 bytes.
 */
export function isKey(text: string): boolean {
  if (text.length !== KEY_CHARACTERS) return false;
  for (let index = 0; index < LAST_CHARACTER; index++) {
    if ((CLASSES[text.charCodeAt(index)]! & BASE64) === 0) return false;
  }
  const last = text[LAST_CHARACTER];
  const zeroBits = last === "A" || last === "Q" || last === "g" || last === "w";
  return zeroBits && text[22] === "=" && text[23] === "=";
}
