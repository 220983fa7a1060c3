/**
 * Bytes that the kernel would not take yet. Small chunks are packed into blocks, so that a peer that
 * reads nothing costs its bytes and not an object per message, and so that nothing here keeps the
 * shared arena alive.
 */
const BLOCK_BYTES = 16 * 1024;

export class Backlog {
  byteLength = 0;

  #chunks: Uint8Array[] = [];
  /** The block that is being filled: the last chunk, up to `#filled`. */
  #block: Uint8Array | undefined;
  #filled = 0;

  /** Adds `chunk`; a small one is copied, a large one kept and not to be changed. */
  push(chunk: Uint8Array): void {
    this.byteLength += chunk.length;
    if (chunk.length >= BLOCK_BYTES) {
      this.#seal();
      this.#chunks.push(chunk);
      return;
    }
    if (this.#block === undefined || this.#filled + chunk.length > BLOCK_BYTES) {
      this.#seal();
      this.#block = Buffer.allocUnsafeSlow(BLOCK_BYTES);
    }
    this.#block.set(chunk, this.#filled);
    this.#filled += chunk.length;
  }

  /** Takes everything out, in order. */
  take(): Uint8Array[] {
    this.#seal();
    const chunks = this.#chunks;
    this.#chunks = [];
    this.byteLength = 0;
    return chunks;
  }

  #seal(): void {
    if (this.#block === undefined) return;
    this.#chunks.push(this.#block.subarray(0, this.#filled));
    this.#block = undefined;
    this.#filled = 0;
  }
}
