/**
 * Short ASCII text straight from masked bytes: unmasked, checked and made a string of without being
 * written back, and without leaving JavaScript. A platform's decoder is a call into native code, which
 * alone costs more than all of this.
 */
import { NON_ASCII } from "./mask.js";

/** Longer text is left to the platform, which then is as fast (measured on Node 20). */
export const SHORT_TEXT_BYTES_MAX = 24;

/** With its arguments spelled out, and no array of them, it is but a copy into a new string. */
const of = String.fromCharCode;

/** The high bits of the first 0, 1, 2 and 3 bytes of a word. */
const HIGH_BITS = [0, 0x80, 0x8080, 0x808080] as const;

/**
 * The text of the `length` bytes at `at`, XORed with `key`. Undefined when they are not ASCII, are
 * more than `SHORT_TEXT_BYTES_MAX`, or so many do not lie between `at` and the end of `bytes`.
 */
export function decodeShortText(
  bytes: DataView,
  at: number,
  length: number,
  key: number,
): string | undefined {
  if (length > SHORT_TEXT_BYTES_MAX || at + SHORT_TEXT_BYTES_MAX > bytes.byteLength)
    return undefined;
  // Word by word, until the one that the text does not fill.
  const partial = HIGH_BITS[(length & 3) as 0 | 1 | 2 | 3];
  let seen = 0;

  const w0 = bytes.getInt32(at + 0, true) ^ key;
  const a = w0 & 0x7f;
  const b = (w0 >> 8) & 0x7f;
  const c = (w0 >> 16) & 0x7f;
  const d = (w0 >> 24) & 0x7f;
  if (length < 4) {
    if (((seen & NON_ASCII) | (w0 & partial)) !== 0) return undefined;
    if (length === 3) return of(a, b, c);
    if (length === 2) return of(a, b);
    return length === 1 ? of(a) : "";
  }
  seen |= w0;

  const w1 = bytes.getInt32(at + 4, true) ^ key;
  const e = w1 & 0x7f;
  const f = (w1 >> 8) & 0x7f;
  const g = (w1 >> 16) & 0x7f;
  const h = (w1 >> 24) & 0x7f;
  if (length < 8) {
    if (((seen & NON_ASCII) | (w1 & partial)) !== 0) return undefined;
    if (length === 7) return of(a, b, c, d, e, f, g);
    if (length === 6) return of(a, b, c, d, e, f);
    return length === 5 ? of(a, b, c, d, e) : of(a, b, c, d);
  }
  seen |= w1;

  const w2 = bytes.getInt32(at + 8, true) ^ key;
  const i = w2 & 0x7f;
  const j = (w2 >> 8) & 0x7f;
  const k = (w2 >> 16) & 0x7f;
  const l = (w2 >> 24) & 0x7f;
  if (length < 12) {
    if (((seen & NON_ASCII) | (w2 & partial)) !== 0) return undefined;
    if (length === 11) return of(a, b, c, d, e, f, g, h, i, j, k);
    if (length === 10) return of(a, b, c, d, e, f, g, h, i, j);
    return length === 9 ? of(a, b, c, d, e, f, g, h, i) : of(a, b, c, d, e, f, g, h);
  }
  seen |= w2;

  const w3 = bytes.getInt32(at + 12, true) ^ key;
  const m = w3 & 0x7f;
  const n = (w3 >> 8) & 0x7f;
  const o = (w3 >> 16) & 0x7f;
  const p = (w3 >> 24) & 0x7f;
  if (length < 16) {
    if (((seen & NON_ASCII) | (w3 & partial)) !== 0) return undefined;
    if (length === 15) return of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o);
    if (length === 14) return of(a, b, c, d, e, f, g, h, i, j, k, l, m, n);
    return length === 13
      ? of(a, b, c, d, e, f, g, h, i, j, k, l, m)
      : of(a, b, c, d, e, f, g, h, i, j, k, l);
  }
  seen |= w3;

  const w4 = bytes.getInt32(at + 16, true) ^ key;
  const q = w4 & 0x7f;
  const r = (w4 >> 8) & 0x7f;
  const s = (w4 >> 16) & 0x7f;
  const t = (w4 >> 24) & 0x7f;
  if (length < 20) {
    if (((seen & NON_ASCII) | (w4 & partial)) !== 0) return undefined;
    if (length === 19) return of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s);
    if (length === 18) return of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r);
    return length === 17
      ? of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q)
      : of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p);
  }
  seen |= w4;

  const w5 = bytes.getInt32(at + 20, true) ^ key;
  const u = w5 & 0x7f;
  const v = (w5 >> 8) & 0x7f;
  const w = (w5 >> 16) & 0x7f;
  const x = (w5 >> 24) & 0x7f;
  if (length < 24) {
    if (((seen & NON_ASCII) | (w5 & partial)) !== 0) return undefined;
    if (length === 23)
      return of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w);
    if (length === 22) return of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v);
    return length === 21
      ? of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u)
      : of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t);
  }
  seen |= w5;

  return (seen & NON_ASCII) === 0
    ? of(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t, u, v, w, x)
    : undefined;
}
