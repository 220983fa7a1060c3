/**
 * A Huffman code as DEFLATE has them (RFC 1951 §3.2.2): the shortest that the frequencies of its
 * symbols allow within a greatest length. It is built anew for each message, so nothing is allocated.
 */

/** The largest alphabet: literals, the end of a block, and lengths (two of them are never used). */
const SYMBOLS_MAX = 288;
const BITS_MAX = 15;

// In use during a call only.
/** Symbols, the rarest first. */
const sorted = new Uint16Array(SYMBOLS_MAX);
const sortedOnce = new Uint16Array(SYMBOLS_MAX);
const buckets = new Uint16Array(256);
const weights = new Int32Array(SYMBOLS_MAX);
/** How many symbols have a code of so many bits. */
const lengthCounts = new Uint16Array(BITS_MAX + 1);
const nextCodes = new Uint16Array(BITS_MAX + 1);
const reversedBytes = Uint8Array.from({ length: 256 }, (_, byte) => reverse(byte));

export class HuffmanCode {
  /** The symbols that have codes, in order: the first `count` of these. */
  readonly used: Uint16Array;
  count = 0;
  /** Bits of the codes of `used`. */
  readonly lengths: Uint8Array;
  /** The codes of `used`, first bit lowest, times 16, plus their bits. */
  readonly codes: Int32Array;
  readonly #bitsMax: number;

  /**
   * @param codes where they are put.
   * @param bitsMax the greatest length of a code, up to 15.
   */
  constructor(codes: Int32Array, bitsMax: number) {
    this.used = new Uint16Array(codes.length + 1);
    this.lengths = new Uint8Array(codes.length);
    this.codes = codes;
    this.#bitsMax = bitsMax;
  }

  /** Makes the best code for symbols that occur so often, each fewer than 65,536 times. */
  build(frequencies: Int32Array): void {
    const bitsMax = this.#bitsMax;
    const { used, lengths } = this;
    const most = this.#collect(frequencies);
    const { count } = this;
    sortByFrequency(frequencies, used, count, most);
    countLengths(frequencies, count, bitsMax);
    let at = count;
    for (let bits = 1; bits <= bitsMax; bits++) {
      for (let left = lengthCounts[bits]!; left > 0; left--) lengths[sorted[--at]!] = bits;
    }
    this.#assign();
  }

  /** Makes the code in which every symbol has the length given. */
  setLengths(lengths: ArrayLike<number>): void {
    lengthCounts.fill(0);
    this.lengths.set(lengths);
    this.count = lengths.length;
    for (let symbol = 0; symbol < lengths.length; symbol++) {
      this.used[symbol] = symbol;
      lengthCounts[lengths[symbol]!]!++;
    }
    this.#assign();
  }

  /** Bits that the symbols of another code, which occur so often, take in this one. */
  cost(frequencies: Int32Array, { used, count }: HuffmanCode): number {
    const { lengths } = this;
    let bits = 0;
    for (let index = 0; index < count; index++) {
      const symbol = used[index]!;
      bits += frequencies[symbol]! * lengths[symbol]!;
    }
    return bits;
  }

  /** Lists the symbols that occur; returns a number that no frequency exceeds. */
  #collect(frequencies: Int32Array): number {
    const { used } = this;
    let count = 0;
    let most = 0;
    for (let symbol = 0; symbol < frequencies.length; symbol++) {
      const frequency = frequencies[symbol]!;
      used[count] = symbol;
      count += -frequency >>> 31; // 1 for what occurs, without a branch that is hard to foresee.
      most |= frequency;
    }
    if (count < 2) {
      // A single code would be incomplete, which not every inflater takes.
      const only = count === 1 ? used[0]! : 0;
      used[0] = 0;
      used[1] = only === 0 ? 1 : only;
      count = 2;
    }
    this.count = count;
    return most;
  }

  /** RFC 1951 §3.2.2: the codes of one length follow one another, in the order of their symbols. */
  #assign(): void {
    const { used, count, lengths, codes } = this;
    let code = 0;
    for (let bits = 1; bits <= BITS_MAX; bits++) {
      nextCodes[bits] = code;
      code = (code + lengthCounts[bits]!) << 1;
    }
    for (let index = 0; index < count; index++) {
      const symbol = used[index]!;
      const bits = lengths[symbol]!;
      const next = nextCodes[bits]!++;
      const mirrored = (reversedBytes[next & 0xff]! << 8) | reversedBytes[next >> 8]!;
      codes[symbol] = ((mirrored >> (16 - bits)) << 4) | bits;
    }
  }
}

/** By the lower byte of the frequency, and then, where there is one, by the higher. */
function sortByFrequency(
  frequencies: Int32Array,
  used: Uint16Array,
  count: number,
  most: number,
): void {
  if (most < 256) {
    sortByByte(frequencies, 0, used, count, sorted, most);
    return;
  }
  sortByByte(frequencies, 0, used, count, sortedOnce, 255);
  sortByByte(frequencies, 8, sortedOnce, count, sorted, most >> 8);
}

function sortByByte(
  frequencies: Int32Array,
  shift: 0 | 8,
  from: Uint16Array,
  count: number,
  to: Uint16Array,
  most: number,
): void {
  for (let byte = 0; byte <= most; byte++) buckets[byte] = 0;
  for (let index = 0; index < count; index++) {
    buckets[(frequencies[from[index]!]! >> shift) & 0xff]!++;
  }
  let start = 0;
  for (let byte = 0; byte <= most; byte++) {
    const size = buckets[byte]!;
    buckets[byte] = start;
    start += size;
  }
  for (let index = 0; index < count; index++) {
    const symbol = from[index]!;
    to[buckets[(frequencies[symbol]! >> shift) & 0xff]!++] = symbol;
  }
}

/**
 * How many codes there are of each length: the depths of the leaves in Huffman's tree, which grows in
 * the place of its weights (A. Moffat, J. Katajainen: In-Place Calculation of Minimum-Redundancy
 * Codes, 1995).
 */
function countLengths(frequencies: Int32Array, count: number, bitsMax: number): void {
  growTree(frequencies, count);
  lengthCounts.fill(0);
  let depth = 0;
  let node = count - 2;
  for (let places = 1; places > 0; depth++) {
    let inner = 0;
    for (; node >= 0 && weights[node] === depth; node--) inner++;
    lengthCounts[Math.min(depth, bitsMax)]! += places - inner;
    places = 2 * inner;
  }
  if (depth - 1 > bitsMax) shorten(bitsMax);
}

/** Leaves in `weights` the depth of each inner node, the root's last. */
function growTree(frequencies: Int32Array, count: number): void {
  for (let index = 0; index < count; index++) weights[index] = frequencies[sorted[index]!]!;
  weights[0]! += weights[1]!;
  let leaf = 2;
  let inner = 0;
  for (let node = 1; node < count - 1; node++) {
    let sum = 0;
    for (let child = 0; child < 2; child++) {
      if (leaf >= count || (inner < node && weights[inner]! < weights[leaf]!)) {
        sum += weights[inner]!;
        weights[inner++] = node;
      } else sum += weights[leaf++]!;
    }
    weights[node] = sum;
  }
  weights[count - 2] = 0;
  for (let node = count - 3; node >= 0; node--) weights[node] = weights[weights[node]!]! + 1;
}

/**
 * Codes that were cut to `bitsMax` are too many for it: others, the longest of the shorter ones,
 * grow by a bit each, until the code is complete again.
 */
function shorten(bitsMax: number): void {
  let places = 0;
  for (let bits = 1; bits <= bitsMax; bits++) places += lengthCounts[bits]! << (bitsMax - bits);
  for (let over = places - (1 << bitsMax); over > 0; over--) {
    let bits = bitsMax - 1;
    while (lengthCounts[bits] === 0) bits--;
    // A leaf becomes two, and one of the deepest moves there: one place fewer is needed.
    lengthCounts[bits]!--;
    lengthCounts[bits + 1]! += 2;
    lengthCounts[bitsMax]!--;
  }
}

function reverse(byte: number): number {
  let reversed = 0;
  for (let bit = 0; bit < 8; bit++) reversed |= ((byte >> bit) & 1) << (7 - bit);
  return reversed;
}
