/**
 * Collects the parts of a message in one piece of memory. No part keeps an object of its own, so a
 * million one-byte fragments cost a million bytes; and memory follows what arrived, not what a
 * header promised.
 */
import { BULK_FROM_BYTES, copyInto, maskInto } from "../bytes/mask.js";
import type { Platform } from "../platform.js";

/** Up to here memory is taken as announced: what one socket read brings anyway. */
const TRUSTED_BYTES = 64 * 1024;
/** Beyond it, a header is believed this many times what has arrived … */
const GROWTH = 20;
/** … up to here: a mebibyte is collected where it will lie, after one socket read of it. */
const GROWTH_BYTES_MAX = 2 * 1024 * 1024;
/** From there on, at most this many times what has arrived. */
const LATE_GROWTH = 4;

/** Longer memory is not kept for the next message. */
const SPARE_BYTES_MAX = 256 * 1024;
/** What held the last text that was decoded, for whichever connection comes next: it is still warm. */
let spare: Uint8Array | undefined;
/** Who collects in the platform's text memory. */
let textHolder: MessageAssembly | undefined;

export class MessageAssembly {
  /** The bytes collected so far are `bytes[0..length)`. */
  bytes: Uint8Array = EMPTY;
  length = 0;
  /**
   * Set before the first part of what will become a string and then be given back with `release`, so
   * that it may be collected in the platform's text memory.
   */
  mayBorrow = false;

  readonly #platform: Platform;

  constructor(platform: Platform) {
    this.#platform = platform;
  }

  /**
   * Appends `source[start..end)`.
   *
   * @param announced how long the message will be, this part and what follows it included.
   * @param final whether it will be no longer, because its last frame has begun.
   */
  append(source: Uint8Array, start: number, end: number, announced: number, final: boolean): void {
    const at = this.#extend(end - start, announced, final);
    copyInto(source, start, end, this.bytes, at);
  }

  /** Appends `source[start..end)` unmasked and returns what `applyMask` does. */
  appendMasked(
    source: Uint8Array,
    start: number,
    end: number,
    announced: number,
    final: boolean,
    key: number,
  ): number {
    const at = this.#extend(end - start, announced, final);
    return maskInto(this.#platform, source, start, end, this.bytes, at, key);
  }

  /** Hands the collected bytes out and starts anew. */
  take(): Uint8Array {
    const { bytes, length } = this;
    this.bytes = EMPTY;
    this.length = 0;
    this.mayBorrow = false;
    if (length === 0) return this.#platform.allocate(0);
    if (length === bytes.length) return bytes;
    // Memory that nothing fills is given back when it is more than a quarter of the message.
    return bytes.length - length > length >> 2
      ? this.#platform.copy(bytes, 0, length)
      : bytes.subarray(0, length);
  }

  /** Starts anew: nobody refers to the collected bytes any more. */
  release(): void {
    const { bytes } = this;
    this.bytes = EMPTY;
    this.length = 0;
    this.mayBorrow = false;
    if (textHolder === this) textHolder = undefined;
    else if (bytes.length > 0 && bytes.length <= SPARE_BYTES_MAX) spare = bytes;
  }

  /** Makes `count` bytes part of what was collected, and returns where they begin. */
  #extend(count: number, announced: number, final: boolean): number {
    const at = this.length;
    this.length += count;
    if (this.length > this.bytes.length) this.#grow(at, announced, final);
    return at;
  }

  /** Takes memory for `length` bytes, of which `used` are there. */
  #grow(used: number, announced: number, final: boolean): void {
    const needed = this.length;
    const early = Math.min(needed * GROWTH, GROWTH_BYTES_MAX);
    const trusted = Math.max(TRUSTED_BYTES, early, needed * LATE_GROWTH);
    const promised = Math.max(needed, Math.min(announced, trusted));
    // Fragments do not announce the whole: double at least, so that appending stays linear.
    const capacity = final ? promised : Math.max(promised, used * 2);
    const grown =
      this.#takeTextMemory(capacity) ?? takeSpare(capacity) ?? this.#platform.allocate(capacity);
    if (used > 0) grown.set(this.bytes.subarray(0, used));
    this.bytes = grown;
  }

  #takeTextMemory(capacity: number): Uint8Array | undefined {
    // Whoever is there and still grows has become too long for it.
    if (textHolder === this) textHolder = undefined;
    if (!this.mayBorrow || capacity < BULK_FROM_BYTES) return undefined;
    const textMemory = this.#platform.textMemory?.(capacity);
    if (textMemory === undefined) return undefined;
    if (textHolder !== undefined) textHolder.#moveOut();
    textHolder = this;
    return textMemory;
  }

  /** Makes room for a message that is arriving now, while this one waits for its peer. */
  #moveOut(): void {
    this.bytes = this.#platform.copy(this.bytes, 0, this.length);
    this.mayBorrow = false;
  }
}

const EMPTY = new Uint8Array(0);

/** The spare, if it is large enough and no more than a quarter too large. */
function takeSpare(capacity: number): Uint8Array | undefined {
  if (spare === undefined || spare.length < capacity) return undefined;
  if (spare.length - capacity > capacity >> 2) return undefined;
  const taken = spare;
  spare = undefined;
  return taken;
}
