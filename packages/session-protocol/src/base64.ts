// Base64 (RFC 4648 §4) and base64url without padding (§5), since no runtime-neutral one exists.

const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const urlLetters = letters.replace("+/", "-_");
const codes = new Uint8Array(128).fill(255);
for (let i = 0; i < 64; i += 1) codes[letters.charCodeAt(i)] = i;

export function encodeBase64(bytes: Uint8Array): string {
  let text = "";
  for (let i = 0; i < bytes.length; i += 3) {
    const left = bytes.length - i;
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    text += letters[word >> 18]! + letters[(word >> 12) & 63]!;
    text += left > 1 ? letters[(word >> 6) & 63]! : "=";
    text += left > 2 ? letters[word & 63]! : "=";
  }
  return text;
}

/** The bytes, or undefined when the text is not canonical base64. */
export function decodeBase64(text: string): Uint8Array | undefined {
  const padding = text.endsWith("==") ? 2 : text.endsWith("=") ? 1 : 0;
  const length = text.length - padding;
  if (text.length % 4 !== 0) return undefined;
  const bytes = new Uint8Array((text.length / 4) * 3 - padding);
  let word = 0;
  let bits = 0;
  let at = 0;
  for (let i = 0; i < length; i += 1) {
    const code = codes[text.charCodeAt(i)] ?? 255;
    if (code === 255) return undefined;
    word = ((word << 6) | code) & 0xffffff;
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes[at++] = word >> bits;
    }
  }
  // RFC 4648 §3.5: the bits after the last byte must be zero, else two texts mean one value.
  return (word & ((1 << bits) - 1)) === 0 ? bytes : undefined;
}

/**
 * An id or a secret (§4.2) from random bytes: base64url, no padding. Give 16 bytes or more for an
 * id and 32 for a secret (§12.1), from a cryptographic generator.
 */
export function encodeId(bytes: Uint8Array): string {
  // All characters at once: a text that is put together stays a rope of its pieces, and ids are kept.
  const characters: number[] = [];
  for (let i = 0; i < bytes.length; i += 3) {
    const word = (bytes[i]! << 16) | ((bytes[i + 1] ?? 0) << 8) | (bytes[i + 2] ?? 0);
    for (let shift = 18; shift >= 0; shift -= 6) {
      characters.push(urlLetters.charCodeAt((word >> shift) & 63));
    }
  }
  characters.length = Math.ceil((bytes.length * 4) / 3);
  return String.fromCharCode(...characters);
}

/** Compares two secrets in a time that tells nothing about where they differ (§5.3). */
export function equalSecrets(left: string, right: string): boolean {
  let difference = left.length ^ right.length;
  for (let i = 0; i < left.length; i += 1) {
    // Behind the end of the other it is the character itself: NaN counts as 0 here.
    difference |= left.charCodeAt(i) ^ right.charCodeAt(i);
  }
  return difference === 0;
}
