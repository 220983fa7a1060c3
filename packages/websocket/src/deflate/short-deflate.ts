/**
 * Compresses short messages without zlib: into one block (RFC 1951 §3.2.3), with codes of its own or
 * the fixed ones, whichever takes less, and the beginning of the empty block that RFC 7692 §7.2.1
 * asks for.
 *
 * The result is as small as that of zlib's level 6, which takes half as long again for 1 KiB and nearly
 * twice as long for 150 bytes: it clears a table of 64 KiB for each message without history, and its
 * search branches where no processor can foresee it. From 4 KiB on its native loops win.
 */
import { SHORT_MESSAGE_BYTES_MAX } from "./deflate-limits.js";
import {
  CODE_LENGTHS,
  createEntry,
  DISTANCES,
  END_OF_BLOCK,
  LITERALS,
  NO_SYMBOL,
  SYMBOLS_MAX,
} from "./deflate-symbols.js";
import { HuffmanCode } from "./huffman-code.js";
import { createEntries, findMatches } from "./match-search.js";

// Symbols of lengths of codes (RFC 1951 §3.2.7), and the order in which their own are written.
const REPEAT = 16;
const ZEROS = 17;
const MANY_ZEROS = 18;
const LENGTHS_ORDER = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15];

const LITERAL_CODE_BITS_MAX = 15;
/** With its extra bits and seven that wait to be written, a longer one would not fit into 32. */
const DISTANCE_CODE_BITS_MAX = 11;
const LENGTH_CODE_BITS_MAX = 7;
/** Of a block's header: "another follows", then its kind. */
const FIXED_CODES = createEntry(NO_SYMBOL, 3, 0b010);
const OWN_CODES = 0b100;
/** The fixed codes win where symbols are few, or hardly occur twice; elsewhere nobody needs to count. */
const FEW_ENTRIES = 64;
const FEW_OCCURRENCES = 4;
/** RFC 7692 §7.2.3.6: an empty message is one byte. */
const EMPTY_MESSAGE = Uint8Array.of(0);

const entries = createEntries();
const literalFrequencies = part(entries.frequencies, LITERALS);
const distanceFrequencies = part(entries.frequencies, DISTANCES);
const lengthFrequencies = part(entries.frequencies, CODE_LENGTHS);

const codes = new Int32Array(SYMBOLS_MAX);
const literalCode = new HuffmanCode(part(codes, LITERALS), LITERAL_CODE_BITS_MAX);
const distanceCode = new HuffmanCode(part(codes, DISTANCES), DISTANCE_CODE_BITS_MAX);
const lengthCode = new HuffmanCode(part(codes, CODE_LENGTHS), LENGTH_CODE_BITS_MAX);

// RFC 1951 §3.2.6.
const fixedCodes = new Int32Array(SYMBOLS_MAX);
const fixedLiteralCode = fixedCode(0, [8, 144], [9, 112], [7, 24], [8, 8]);
const fixedDistanceCode = fixedCode(DISTANCES.first, [5, 30]);

/** The lengths of all codes, as entries. */
const runs = new Int32Array(LITERALS.count + DISTANCES.count);
let runCount = 0;
/** The header of a block, as entries. */
const header = new Int32Array(2 + CODE_LENGTHS.count + runs.length);

/** Twice as much as the longest codes for a message of literals take. */
const output = new Uint8Array(4 * SHORT_MESSAGE_BYTES_MAX);
const words = new DataView(output.buffer);

/** Whether a message can be compressed here, for a receiver with such a window. */
export function isShort(length: number, windowBits: number): boolean {
  return length <= SHORT_MESSAGE_BYTES_MAX && length <= 2 ** windowBits;
}

/**
 * Compresses a whole message that `isShort`, without history.
 *
 * @returns what is valid until the next call.
 */
export function deflateShort(message: Uint8Array): Uint8Array {
  if (message.length === 0) return EMPTY_MESSAGE;
  findMatches(message, entries);
  entries.frequencies[END_OF_BLOCK] = 1;
  literalCode.build(literalFrequencies);
  distanceCode.build(distanceFrequencies);
  const headerCount = describeCodes();
  const fewEntries = FEW_ENTRIES + FEW_OCCURRENCES * literalCode.count;
  if (entries.count < fewEntries && fixedIsShorter(headerCount)) {
    header[0] = FIXED_CODES;
    return write(1, fixedCodes);
  }
  return write(headerCount, codes);
}

/** RFC 1951 §3.2.7: the header of a block with codes of its own; returns its number of entries. */
function describeCodes(): number {
  runCount = 0;
  const literals = addRuns(literalCode);
  const distances = addRuns(distanceCode);
  lengthCode.build(lengthFrequencies);
  let last = LENGTHS_ORDER.length - 1;
  while (lengthFrequencies[LENGTHS_ORDER[last]!] === 0) last--;
  let count = 0;
  header[count++] = createEntry(
    NO_SYMBOL,
    13,
    OWN_CODES | ((literals - 257) << 3) | ((distances - 1) << 8),
  );
  header[count++] = createEntry(NO_SYMBOL, 4, last + 1 - 4);
  for (let index = 0; index <= last; index++) {
    const symbol = LENGTHS_ORDER[index]!;
    const bits = lengthFrequencies[symbol] === 0 ? 0 : lengthCode.lengths[symbol]!;
    header[count++] = createEntry(NO_SYMBOL, 3, bits);
  }
  for (let index = 0; index < runCount; index++) header[count++] = runs[index]!;
  return count;
}

/** @returns how many lengths they are: up to that of the last symbol that has a code. */
function addRuns({ used, count, lengths }: HuffmanCode): number {
  let next = 0;
  for (let index = 0; index < count; ) {
    const symbol = used[index++]!;
    if (symbol > next) addZeros(symbol - next);
    const bits = lengths[symbol]!;
    addRun(bits, 0, 0);
    next = symbol + 1;
    while (index < count && used[index] === next && lengths[next] === bits) {
      index++;
      next++;
    }
    addRepeats(bits, next - symbol - 1);
  }
  return next;
}

function addZeros(count: number): void {
  let left = count;
  for (; left > 10; left -= Math.min(left, 138)) {
    addRun(MANY_ZEROS, 7, Math.min(left, 138) - 11);
  }
  if (left > 2) addRun(ZEROS, 3, left - 3);
  else for (; left > 0; left--) addRun(0, 0, 0);
}

function addRepeats(bits: number, count: number): void {
  let left = count;
  for (; left > 2; left -= Math.min(left, 6)) addRun(REPEAT, 2, Math.min(left, 6) - 3);
  for (; left > 0; left--) addRun(bits, 0, 0);
}

function addRun(symbol: number, extraBits: number, extra: number): void {
  runs[runCount++] = createEntry(CODE_LENGTHS.first + symbol, extraBits, extra);
  lengthFrequencies[symbol]!++;
}

/** Extra bits of the message are the same in both ways. */
function fixedIsShorter(headerCount: number): boolean {
  let own =
    literalCode.cost(literalFrequencies, literalCode) +
    distanceCode.cost(distanceFrequencies, distanceCode);
  for (let index = 0; index < headerCount; index++) {
    const entry = header[index]!;
    own += (codes[entry & (SYMBOLS_MAX - 1)]! & 15) + ((entry >> 9) & 15);
  }
  const fixed =
    fixedLiteralCode.cost(literalFrequencies, literalCode) +
    fixedDistanceCode.cost(distanceFrequencies, distanceCode);
  return 3 + fixed < own;
}

function write(headerCount: number, codeTable: Int32Array): Uint8Array {
  const { list, count } = entries;
  list[count] = END_OF_BLOCK;
  // RFC 7692 §7.2.1: the empty block begins with three zeros, and goes on at a border of bytes.
  list[count + 1] = createEntry(NO_SYMBOL, 3, 0);
  const headerBits = writeEntries(header, headerCount, codeTable, 0);
  const bits = writeEntries(list, count + 2, codeTable, headerBits);
  return output.subarray(0, (bits + 7) >> 3);
}

/**
 * Bits are collected in `word`, from the lowest on, which is written as a whole each time: what is not
 * a complete byte is written again with the next. No branch depends on the entries, as it could not
 * be foreseen.
 *
 * @param from how many bits have been written.
 * @returns how many have then.
 */
function writeEntries(
  list: Int32Array,
  count: number,
  codeTable: Int32Array,
  from: number,
): number {
  let at = from >> 3;
  let bits = from & 7;
  let word = output[at]! & ((1 << bits) - 1);
  for (let index = 0; index < count; index++) {
    const entry = list[index]!;
    const code = codeTable[entry & (SYMBOLS_MAX - 1)]!;
    word |= (code >> 4) << bits;
    bits += code & 15;
    word |= (entry >> 13) << bits;
    bits += (entry >> 9) & 15;
    words.setInt32(at, word, true);
    at += bits >> 3;
    word >>>= bits & 24;
    bits &= 7;
  }
  return at * 8 + bits;
}

function part(all: Int32Array, { first, count }: { first: number; count: number }): Int32Array {
  return all.subarray(first, first + count);
}

/** Each pair: bits, and how many symbols have a code of so many. */
function fixedCode(
  first: number,
  ...pairs: readonly (readonly [bits: number, count: number])[]
): HuffmanCode {
  const lengths = pairs.flatMap(([bits, count]) => Array<number>(count).fill(bits));
  const code = new HuffmanCode(
    part(fixedCodes, { first, count: lengths.length }),
    LITERAL_CODE_BITS_MAX,
  );
  code.setLengths(lengths);
  return code;
}
