/**
 * What a block of DEFLATE is written from: entries, each a symbol and the extra bits behind it
 * (RFC 1951 §3.2.5). The symbols of all three alphabets are numbered through, so that one table holds
 * their codes. An entry is a symbol, plus 512 times the number of extra bits, plus 8,192 times these.
 */

/** Literal bytes, the end of a block, and lengths; the fixed code has two more that never occur. */
export const LITERALS = { first: 0, count: 286 } as const;
export const DISTANCES = { first: 288, count: 30 } as const;
/** Lengths of codes (RFC 1951 §3.2.7). */
export const CODE_LENGTHS = { first: 320, count: 19 } as const;
/** The length before again, or zeros, each so many times as their extra bits say. */
export const REPEAT: number = CODE_LENGTHS.first + 16;
export const ZEROS: number = CODE_LENGTHS.first + 17;
export const MANY_ZEROS: number = CODE_LENGTHS.first + 18;
/** Stands for no bits: its entries are extra bits alone. */
export const NO_SYMBOL = 339;
export const END_OF_BLOCK = 256;

/** More than there are symbols. */
export const SYMBOLS_MAX = 512;

/** From which bit of an entry on the number of its extra bits stands, and these. */
export const EXTRA_BITS = 9;
export const EXTRA = 13;

export function createEntry(symbol: number, extraBits: number, extra: number): number {
  return symbol | (extraBits << EXTRA_BITS) | (extra << EXTRA);
}

const LENGTH_MIN = 3;
const LENGTH_MAX = 258;

/** The entry of each length. */
export function createLengthEntries(): Int32Array {
  const entries = new Int32Array(LENGTH_MAX + 1);
  let length = LENGTH_MIN;
  for (let symbol = 257; symbol < 285; symbol++) {
    const bits = symbol < 265 ? 0 : (symbol - 261) >> 2;
    for (let extra = 0; extra < 2 ** bits; extra++) {
      entries[length++] = createEntry(symbol, bits, extra);
    }
  }
  // The greatest length has a symbol of its own, though the one before would reach it.
  entries[LENGTH_MAX] = 285;
  return entries;
}

/** RFC 1951 §3.2.7: the order in which the lengths of the codes of lengths are written. */
export const LENGTHS_ORDER: readonly number[] = [
  16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15,
];
