/**
 * Where the compressor of short messages has what: the arrays in its module's memory. Symbols of all
 * three alphabets are numbered through (see deflate-symbols.ts), so that each table exists once.
 */
import { MemoryArray } from "../wasm/memory-array.js";
import { SHORT_MESSAGE_BYTES_MAX } from "./deflate-limits.js";
import { SYMBOLS_MAX } from "./deflate-symbols.js";

export const HASH_BITS = 12;
/** Twice as many as entries there can be, so that no "or" of several is greater. */
export const FREQUENCY_MAX: number = 2 * SHORT_MESSAGE_BYTES_MAX - 1;
/** More than a Huffman tree of such frequencies is deep. */
export const DEPTH_MAX = 64;

/** Words are read up to here beyond the message; what they find there is left out again. */
const SPARE_BYTES = 512;
/** The end of the block, the beginning of the next, and one so that they can be written in pairs. */
const CLOSING_ENTRIES = 3;

/** The message, from index 1, so that 0 says that there is none. Words are read from 3 before. */
export const message: MemoryArray = after(64, 8, 1 + SHORT_MESSAGE_BYTES_MAX + SPARE_BYTES);
/** The last place with four bytes of this hash, and the place before each place. */
export const heads: MemoryArray = after(message, 16, 2 ** HASH_BITS);
export const links: MemoryArray = after(heads, 16, 1 + SHORT_MESSAGE_BYTES_MAX);

/** The message as entries, and how often each symbol occurs in them. */
export const entries: MemoryArray = after(links, 32, SHORT_MESSAGE_BYTES_MAX + CLOSING_ENTRIES);
export const frequencies: MemoryArray = after(entries, 16, SYMBOLS_MAX);

/** Of each alphabet, from the number of its first symbol on: the symbols that have codes, in order. */
export const used: MemoryArray = after(frequencies, 16, SYMBOLS_MAX);
/** Of each symbol: the bits of its code. */
export const lengths: MemoryArray = after(used, 8, SYMBOLS_MAX);
/** Of each symbol: its code, first bit lowest, times 16, plus its bits. */
export const codes: MemoryArray = after(lengths, 32, SYMBOLS_MAX);
export const fixedCodes: MemoryArray = after(codes, 32, SYMBOLS_MAX);

// In use while a code is built.
/** Symbols, the rarest first, and the frequencies of these. */
export const sorted: MemoryArray = after(fixedCodes, 16, SYMBOLS_MAX);
export const leaves: MemoryArray = after(sorted, 32, SYMBOLS_MAX);
/** Where the symbols of each frequency begin in `sorted`. */
export const starts: MemoryArray = after(leaves, 16, FREQUENCY_MAX + 1);
/** Of each inner node of the tree: the sum of its leaves, its parent, and how deep it is. */
export const sums: MemoryArray = after(starts, 32, SYMBOLS_MAX);
export const parents: MemoryArray = after(sums, 16, SYMBOLS_MAX);
export const depths: MemoryArray = after(parents, 16, SYMBOLS_MAX);
/** How many inner nodes are so deep, how many symbols have a code of so many bits, and its next one. */
export const innerCounts: MemoryArray = after(depths, 16, DEPTH_MAX);
export const lengthCounts: MemoryArray = after(innerCounts, 16, 16);
export const nextCodes: MemoryArray = after(lengthCounts, 16, 16);

/** The block's header as entries: what comes first, and the lengths of all codes. */
export const header: MemoryArray = after(nextCodes, 32, 64);
export const runs: MemoryArray = after(header, 32, SYMBOLS_MAX);

// Written once.
export const lengthEntries: MemoryArray = after(runs, 32, 259);
export const lengthsOrder: MemoryArray = after(lengthEntries, 8, 32);
export const reversedBytes: MemoryArray = after(lengthsOrder, 8, 256);

/** Twice as much as the longest codes for a message of literals take. */
export const output: MemoryArray = after(reversedBytes, 8, 4 * SHORT_MESSAGE_BYTES_MAX);
export const MEMORY_BYTES: number = output.end;

function after(before: MemoryArray | number, bits: 8 | 16 | 32, length: number): MemoryArray {
  const end = typeof before === "number" ? before : before.end;
  return new MemoryArray(Math.ceil(end / 64) * 64, bits, length);
}
