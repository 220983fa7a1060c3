/**
 * Finds what a message repeats of itself (RFC 1951 §4): it becomes literal bytes and matches, each the
 * length and the distance of an earlier occurrence.
 *
 * The effort is that of zlib's level 6, and so is the result: at each place up to 128 earlier ones
 * with the same four bytes are tried, and a match gives way to a longer one a byte later.
 */
import { SHORT_MESSAGE_BYTES_MAX } from "./deflate-limits.js";
import { createLengthEntries, distanceEntry, SYMBOLS_MAX } from "./deflate-symbols.js";

/** A message as entries, one for a literal and two for a match. */
export interface Entries {
  readonly list: Int32Array;
  count: number;
  /** How often each symbol occurs in them. */
  readonly frequencies: Int32Array;
}

const MATCH_BYTES_MAX = 258;
const HASH_BITS = 12;
/** Places that are tried for a match, and a quarter of them when there is a good one already. */
const TRIES_MAX = 128;
const GOOD_BYTES = 8;
/** A match this long is not given up for one a byte later. */
const SETTLED_BYTES = 16;
/** A match this long is not tried to be outdone. */
const NICE_BYTES = 128;

// Words are read up to here beyond the message; what they find there is left out again.
const SPARE_BYTES = MATCH_BYTES_MAX + 4;
/** The message, from index 1, so that 0 says that there is none. */
const bytes = new Uint8Array(1 + SHORT_MESSAGE_BYTES_MAX + SPARE_BYTES);
const words = new DataView(bytes.buffer);
/** The last place with four bytes of this hash, and the place before each place. */
const heads = new Uint16Array(2 ** HASH_BITS);
const links = new Uint16Array(1 + SHORT_MESSAGE_BYTES_MAX);
const lengthEntries = createLengthEntries();
/** Where the last search found its match; 0: nowhere. */
let found = 0;

export function createEntries(): Entries {
  return {
    // And two for the end of the block.
    list: new Int32Array(SHORT_MESSAGE_BYTES_MAX + 2),
    count: 0,
    frequencies: new Int32Array(SYMBOLS_MAX),
  };
}

/** Turns a message of up to `SHORT_MESSAGE_BYTES_MAX` into entries. */
export function findMatches(message: Uint8Array, entries: Entries): void {
  const { list, frequencies } = entries;
  const end = message.length + 1;
  bytes.set(message, 1);
  link(end);
  frequencies.fill(0);
  let count = 0;
  let at = 1;
  while (at < end) {
    let length = search(at, end, 3, TRIES_MAX);
    if (length <= 3) {
      const byte = bytes[at++]!;
      list[count++] = byte;
      frequencies[byte]!++;
      continue;
    }
    let distance = at - found;
    while (length < SETTLED_BYTES) {
      const tries = length < GOOD_BYTES ? TRIES_MAX : TRIES_MAX / 4;
      const longer = search(at + 1, end, length, tries);
      if (longer === length) break;
      const byte = bytes[at++]!;
      list[count++] = byte;
      frequencies[byte]!++;
      length = longer;
      distance = at - found;
    }
    const lengthEntry = lengthEntries[length]!;
    list[count++] = lengthEntry;
    frequencies[lengthEntry & (SYMBOLS_MAX - 1)]!++;
    const entry = distanceEntry(distance);
    list[count++] = entry;
    frequencies[entry & (SYMBOLS_MAX - 1)]!++;
    at += length;
  }
  entries.count = count;
}

/** Chains the places that begin with the same four bytes. */
function link(end: number): void {
  heads.fill(0);
  const last = end - 4;
  for (let at = 1; at <= last; at++) {
    const hash = Math.imul(words.getInt32(at, true), 0x9e3779b1) >>> (32 - HASH_BITS);
    links[at] = heads[hash]!;
    heads[hash] = at;
  }
  for (let at = Math.max(last + 1, 1); at < end; at++) links[at] = 0;
}

/** @returns the length of the longest match that is longer than `length`; otherwise `length`. */
function search(at: number, end: number, length: number, tries: number): number {
  found = 0;
  if (links[at] === 0) return length;
  const lengthMax = Math.min(end - at, MATCH_BYTES_MAX);
  if (length >= lengthMax) return length;
  let best = length;
  let wanted = words.getInt32(at + best - 3, true);
  let place = links[at]!;
  for (let left = tries; left > 0 && place > 0; left--) {
    // What could be longer has the same bytes at the end, too.
    if (words.getInt32(place + best - 3, true) === wanted) {
      const same = countSame(place, at, lengthMax);
      if (same > best) {
        best = same;
        found = place;
        if (same >= NICE_BYTES || same === lengthMax) return best;
        wanted = words.getInt32(at + best - 3, true);
      }
    }
    place = links[place]!;
  }
  return best;
}

function countSame(place: number, at: number, lengthMax: number): number {
  for (let same = 0; same < lengthMax; same += 4) {
    const differing = words.getInt32(place + same, true) ^ words.getInt32(at + same, true);
    if (differing === 0) continue;
    const lowest = 31 - Math.clz32(differing & -differing);
    return Math.min(same + (lowest >> 3), lengthMax);
  }
  return lengthMax;
}
