/**
 * The last bytes that a connection's messages inflated to. zlib forgets its window after a final
 * block, but what follows may still refer to it (RFC 7692 §7.2.3.4).
 */
export class History {
  readonly #size: number;
  #bytes: Buffer = EMPTY;
  #length = 0;
  #end = 0;

  /** @param windowBits log2 of the bytes to remember. */
  constructor(windowBits: number) {
    this.#size = 2 ** windowBits;
  }

  get length(): number {
    return this.#length;
  }

  append(added: Uint8Array): void {
    if (added.length === 0) return;
    const size = this.#size;
    if (added.length >= size) {
      this.#reserve(size);
      this.#bytes.set(added.subarray(added.length - size));
      this.#length = size;
      this.#end = 0;
      return;
    }
    this.#reserve(this.#length + added.length);
    const first = Math.min(added.length, this.#bytes.length - this.#end);
    this.#bytes.set(first === added.length ? added : added.subarray(0, first), this.#end);
    if (first < added.length) this.#bytes.set(added.subarray(first), 0);
    this.#end = (this.#end + added.length) % this.#bytes.length;
    this.#length = Math.min(size, this.#length + added.length);
  }

  clear(): void {
    this.#bytes = EMPTY;
    this.#length = 0;
    this.#end = 0;
  }

  /** A stored block that holds the history: inflating it brings the window back. */
  toStoredBlock(): Uint8Array {
    const length = this.#length;
    const block = Buffer.allocUnsafe(STORED_HEADER_BYTES + length);
    block[0] = 0;
    block.writeUInt16LE(length, 1);
    block.writeUInt16LE(~length & 0xffff, 3);
    const start = this.#end - length;
    const capacity = this.#bytes.length;
    if (start >= 0) this.#bytes.copy(block, STORED_HEADER_BYTES, start, this.#end);
    else {
      this.#bytes.copy(block, STORED_HEADER_BYTES, capacity + start, capacity);
      this.#bytes.copy(block, STORED_HEADER_BYTES - start, 0, this.#end);
    }
    return block;
  }

  /** Grows by doubling; the ring does not wrap before it has its full size. */
  #reserve(needed: number): void {
    if (needed <= this.#bytes.length || this.#bytes.length === this.#size) return;
    const capacity = Math.min(this.#size, Math.max(needed, this.#bytes.length * 2, SMALLEST_BYTES));
    const grown = Buffer.allocUnsafeSlow(capacity);
    const length = this.#length;
    this.#bytes.copy(grown, 0, 0, length);
    this.#bytes = grown;
    this.#end = length % capacity;
  }
}

const STORED_HEADER_BYTES = 5;
const SMALLEST_BYTES = 256;
const EMPTY: Buffer = Buffer.alloc(0);
