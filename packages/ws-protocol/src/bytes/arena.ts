/**
 * Memory for outgoing frames, shared by the connections of a process. Frames are written one behind
 * the other, so what one connection sends during a turn is usually one contiguous segment, and so is
 * a burst of broadcasts for every receiver. Once everything has been handed to the kernel the memory
 * starts again at its beginning.
 */
import type { Platform } from "../platform.js";

/** `bytes[start..end)`. */
export interface ByteRange {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** A socket read of 64 KiB of small frames is answered from one slab. */
const SLAB_BYTES = 64 * 1024;
/** A frame that may need more than this gets memory of its own. */
export const ARENA_FRAME_BYTES_MAX: number = 16 * 1024;

/** Up to here the memory of a large frame serves the next one, if it has left in the same turn. */
const LARGE_BYTES_MAX = 256 * 1024;

export class Arena {
  /** The current slab; free from `position` on. */
  bytes: Uint8Array;
  position = 0;

  readonly #platform: Platform;
  #large: Uint8Array = EMPTY;
  #largeTaken = false;
  /** How many refer to what was written: queues with segments nobody has taken, broadcasts. */
  #holders = 0;
  #pinned = false;
  // The segment that was made a view of last: the receivers of a broadcast share it.
  #view: Uint8Array;
  #viewStart = 0;
  #viewEnd = 0;
  // What was joined last: the receivers of a burst of broadcasts share that as well.
  #first: ByteRange | undefined;
  #second: ByteRange | undefined;
  #joined: ByteRange | undefined;

  constructor(platform: Platform) {
    this.#platform = platform;
    this.bytes = platform.allocate(SLAB_BYTES);
    this.#view = this.bytes.subarray(0, 0);
  }

  /** Makes sure that `count` bytes, at most `ARENA_FRAME_BYTES_MAX`, are free at `position`. */
  reserve(count: number): void {
    if (this.position + count <= SLAB_BYTES) return;
    this.bytes = this.#platform.allocate(SLAB_BYTES);
    this.position = 0;
    this.#pinned = false;
    this.#viewEnd = 0;
    this.#viewStart = 0;
    this.#view = this.bytes.subarray(0, 0);
  }

  /**
   * Memory for a frame that `reserve` is too small for, of `count` bytes or more. Warm from the last
   * one, if that was about as large: fresh memory for each costs as much as encoding it.
   */
  takeLarge(count: number): Uint8Array {
    const isFree = !this.#largeTaken && count <= this.#large.length;
    if (!isFree || count < this.#large.length >> 1) {
      const fresh = this.#platform.allocate(count);
      if (count > LARGE_BYTES_MAX) return fresh;
      this.#large = fresh;
    }
    this.#largeTaken = true;
    return this.#large;
  }

  /**
   * Two ranges as one, which is the same for all who ask for them in turn; undefined when the second
   * does not lie behind the first.
   */
  join(first: ByteRange, second: ByteRange): ByteRange | undefined {
    if (first !== this.#first || second !== this.#second) {
      if (first.bytes !== second.bytes || first.end !== second.start) return undefined;
      this.#first = first;
      this.#second = second;
      this.#joined = { bytes: first.bytes, start: first.start, end: second.end };
    }
    return this.#joined;
  }

  /** The bytes of a segment, as one view for all who ask for the same segment in turn. */
  view(bytes: Uint8Array, start: number, end: number): Uint8Array {
    if (bytes !== this.bytes) {
      return start === 0 && end === bytes.length ? bytes : bytes.subarray(start, end);
    }
    if (start !== this.#viewStart || end !== this.#viewEnd) {
      this.#viewStart = start;
      this.#viewEnd = end;
      this.#view = bytes.subarray(start, end);
    }
    return this.#view;
  }

  /**
   * The adapter could not hand everything to the kernel at once, so what it holds must not be
   * written over: the slab is left to it once full, and the memory of a large frame at once.
   */
  pin(): void {
    this.#pinned = true;
    this.#large = EMPTY;
  }

  /** Somebody refers to what is written here, and calls `release` when that is over. */
  hold(): void {
    this.#holders++;
  }

  release(): void {
    this.#holders--;
  }

  /** Starts at the beginning again if nobody can still see what was written. */
  recycle(): void {
    if (this.#holders > 0) return;
    this.#largeTaken = false;
    if (!this.#pinned) this.position = 0;
  }
}

const EMPTY = new Uint8Array(0);
