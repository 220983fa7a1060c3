/**
 * Collects the parts of a message in one piece of memory. No part keeps an object of its own, so a
 * million one-byte fragments cost a million bytes; and memory follows what arrived, not what a
 * header promised.
 */
import type { Platform } from "../platform.js";

/** Up to here memory is taken as announced: what one socket read brings anyway. */
const TRUSTED_BYTES = 64 * 1024;
/** Beyond it, at most this many times what has arrived. */
const GROWTH = 4;
/** A shorter part is copied in a loop, which is faster than making a view for `set`. */
const LOOP_BYTES_MAX = 64;

export class MessageAssembly {
  /** The bytes collected so far are `bytes[0..length)`. */
  bytes: Uint8Array = EMPTY;
  length = 0;

  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * Appends `source[start..end)`.
   *
   * @param announced how long the message will be at least, this part and what follows it included.
   */
  append(source: Uint8Array, start: number, end: number, announced: number): void {
    const count = end - start;
    const needed = this.length + count;
    if (needed > this.bytes.length) this.#grow(needed, announced);
    if (count <= LOOP_BYTES_MAX) {
      let to = this.length;
      for (let from = start; from < end; from++) this.bytes[to++] = source[from]!;
    } else {
      this.bytes.set(source.subarray(start, end), this.length);
    }
    this.length = needed;
  }

  /** Hands the collected bytes out and starts anew. */
  take(): Uint8Array {
    const { bytes, length } = this;
    this.bytes = EMPTY;
    this.length = 0;
    if (length === 0) return this.#platform.allocate(0);
    if (length === bytes.length) return bytes;
    // Memory that nothing fills is given back when it is more than a quarter of the message.
    return bytes.length - length > length >> 2
      ? this.#platform.copy(bytes, 0, length)
      : bytes.subarray(0, length);
  }

  #grow(needed: number, announced: number): void {
    const trusted = Math.max(TRUSTED_BYTES, needed * GROWTH);
    // Fragments do not announce the whole: double at least, so that appending stays linear.
    const capacity = Math.max(needed, Math.min(announced, trusted), this.length * 2);
    const grown = this.#platform.allocate(capacity);
    if (this.length > 0) grown.set(this.bytes.subarray(0, this.length));
    this.bytes = grown;
  }
}

const EMPTY = new Uint8Array(0);
