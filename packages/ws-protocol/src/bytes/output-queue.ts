/**
 * What one connection has to write and nobody has taken yet, as segments of memory. Segments that
 * continue each other are one. The first segment has no object of its own, because most turns have
 * just that.
 */
import type { Arena } from "./arena.js";

interface Segment {
  readonly bytes: Uint8Array;
  readonly start: number;
  end: number;
}

export class OutputQueue {
  /** Bytes in the queue. */
  byteLength = 0;
  /** How many bytes of the queue, and of all that was taken before, were headers of frames. */
  framingBytes = 0;

  readonly #arena: Arena;
  #bytes: Uint8Array | undefined;
  #start = 0;
  #end = 0;
  #more: Segment[] | undefined;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  append(bytes: Uint8Array, start: number, end: number): void {
    if (start === end) return;
    this.byteLength += end - start;
    if (this.#bytes === undefined) {
      this.#bytes = bytes;
      this.#start = start;
      this.#end = end;
      this.#arena.hold();
      return;
    }
    const last = this.#more?.at(-1);
    if (last === undefined) {
      if (this.#bytes === bytes && this.#end === start) this.#end = end;
      else this.#more = [{ bytes, start, end }];
    } else if (last.bytes === bytes && last.end === start) {
      last.end = end;
    } else {
      this.#more!.push({ bytes, start, end });
    }
  }

  /** Takes everything out: one chunk, several in order, or `undefined` when there is nothing. */
  take(): Uint8Array | Uint8Array[] | undefined {
    if (this.#bytes === undefined) return undefined;
    const first = this.#arena.view(this.#bytes, this.#start, this.#end);
    const more = this.#more;
    this.clear();
    if (more === undefined) return first;
    return [first, ...more.map(({ bytes, start, end }) => this.#arena.view(bytes, start, end))];
  }

  clear(): void {
    if (this.#bytes === undefined) return;
    this.#bytes = undefined;
    this.#more = undefined;
    this.byteLength = 0;
    this.#arena.release();
  }
}
