/**
 * RFC 6455 §5.3: byte i of the payload is XORed with byte i mod 4 of the key. Masking and unmasking
 * are the same operation, done by 32-bit words where that pays, and by the platform where it can do
 * better still.
 *
 * A key is held as one number whose low byte belongs to the first byte of the payload.
 */
import type { Platform } from "../platform.js";

/** Below this many bytes a plain loop is faster than finding the words (measured on Node 20). */
const WORDS_FROM_BYTES = 48;

/** Up to here a loop copies faster than making a view for `set`. */
const COPY_LOOP_BYTES_MAX = 64;
/** From here on the platform's way, which copies in and out, is faster (measured on Node 20). */
export const BULK_FROM_BYTES = 1024;

const LITTLE_ENDIAN = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1;

// One view serves all frames of a chunk, and consecutive chunks that share their memory. Larger
// memory than sockets are read into is not held on to.
const VIEWED_MEMORY_BYTES_MAX = 512 * 1024;
let viewedMemory: ArrayBufferLike | undefined;
let viewedWords: Int32Array = new Int32Array(0);

/**
 * XORs `bytes[start..end)` with `key` and returns the OR of the results: its bits 7, 15, 23 and 31
 * are clear exactly when every resulting byte is ASCII.
 */
export function applyMask(bytes: Uint8Array, start: number, end: number, key: number): number {
  return end - start < WORDS_FROM_BYTES || !LITTLE_ENDIAN
    ? maskBytes(bytes, start, end, key)
    : maskWords(bytes, start, end, key);
}

/**
 * Writes `source[start..end)` XORed with `key` to `target` from `at` on, which may be where it lies,
 * and returns what `applyMask` does.
 */
export function maskInto(
  platform: Platform,
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
  key: number,
): number {
  if (end - start >= BULK_FROM_BYTES) {
    const { maskBulk } = platform;
    if (maskBulk !== undefined) return maskBulk(source, start, end, target, at, key);
  }
  if (target !== source || at !== start) copyInto(source, start, end, target, at);
  return applyMask(target, at, at + end - start, key);
}

/** Writes `source[start..end)` to `target` from `at` on. */
export function copyInto(
  source: Uint8Array,
  start: number,
  end: number,
  target: Uint8Array,
  at: number,
): void {
  if (end - start > COPY_LOOP_BYTES_MAX) target.set(source.subarray(start, end), at);
  else for (let from = start, to = at; from < end; ) target[to++] = source[from++]!;
}

/** Bits of `applyMask`'s result that a non-ASCII byte would have set. */
export const NON_ASCII: number = 0x80808080 | 0;

/** The key for the bytes after the first `count` ones. */
export function rotateMask(key: number, count: number): number {
  const bits = (count & 3) << 3;
  return bits === 0 ? key : (key >>> bits) | (key << (32 - bits));
}

function maskBytes(bytes: Uint8Array, start: number, end: number, key: number): number {
  const k0 = key & 0xff;
  const k1 = (key >>> 8) & 0xff;
  const k2 = (key >>> 16) & 0xff;
  const k3 = key >>> 24;
  let seen = 0;
  let i = start;
  for (const last = end - 3; i < last; i += 4) {
    const b0 = bytes[i]! ^ k0;
    const b1 = bytes[i + 1]! ^ k1;
    const b2 = bytes[i + 2]! ^ k2;
    const b3 = bytes[i + 3]! ^ k3;
    bytes[i] = b0;
    bytes[i + 1] = b1;
    bytes[i + 2] = b2;
    bytes[i + 3] = b3;
    seen |= b0 | b1 | b2 | b3;
  }
  if (i < end) seen |= bytes[i] = bytes[i]! ^ k0;
  if (i + 1 < end) seen |= bytes[i + 1] = bytes[i + 1]! ^ k1;
  if (i + 2 < end) seen |= bytes[i + 2] = bytes[i + 2]! ^ k2;
  return seen;
}

function maskWords(bytes: Uint8Array, start: number, end: number, key: number): number {
  const toBorder = -(bytes.byteOffset + start) & 3;
  let seen = maskBytes(bytes, start, start + toBorder, key);
  const rotated = rotateMask(key, toBorder) | 0;

  const words = wordsOf(bytes.buffer);
  const first = start + toBorder;
  const count = (end - first) >> 2;
  let word = (bytes.byteOffset + first) >>> 2;
  const wordEnd = word + count;
  for (const last = wordEnd - 3; word < last; word += 4) {
    const w0 = words[word]! ^ rotated;
    const w1 = words[word + 1]! ^ rotated;
    const w2 = words[word + 2]! ^ rotated;
    const w3 = words[word + 3]! ^ rotated;
    words[word] = w0;
    words[word + 1] = w1;
    words[word + 2] = w2;
    words[word + 3] = w3;
    seen |= w0 | w1 | w2 | w3;
  }
  for (; word < wordEnd; word++) {
    seen |= words[word] = words[word]! ^ rotated;
  }
  return seen | maskBytes(bytes, first + count * 4, end, rotated);
}

function wordsOf(memory: ArrayBufferLike): Int32Array {
  if (memory === viewedMemory) return viewedWords;
  const words = new Int32Array(memory, 0, memory.byteLength >>> 2);
  if (memory.byteLength <= VIEWED_MEMORY_BYTES_MAX) {
    viewedMemory = memory;
    viewedWords = words;
  }
  return words;
}
