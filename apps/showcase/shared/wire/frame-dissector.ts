// Cuts the bytes of one direction into frames, wherever the network has cut them before.
import { type FrameHeader, headerBytesMax, headerSize, readHeader } from "./frame-header.js";

export interface DissectedFrame {
  /** The header's bytes, as they were on the line. */
  readonly bytes: Uint8Array;
  readonly header: FrameHeader;
  /** The payload as it was on the line: masked, if it was. At most so much as is kept. */
  readonly payload: Uint8Array;
}

export class FrameDissector {
  readonly #keepBytesMax: number;
  readonly #head = new Uint8Array(headerBytesMax);
  #headLength = 0;
  #header: FrameHeader | undefined;
  #payload = new Uint8Array(0);
  #kept = 0;
  /** Bytes of the payload that are still to come. */
  #missing = 0;

  /** @param keepBytesMax bytes of each payload that are kept; the rest is only counted */
  constructor(keepBytesMax: number) {
    this.#keepBytesMax = keepBytesMax;
  }

  /** Whether the next byte is the first of a frame. */
  get isBetweenFrames(): boolean {
    return this.#headLength === 0;
  }

  /** The frames that end in this chunk, whose bytes are copied. */
  *push(chunk: Uint8Array): Generator<DissectedFrame> {
    for (let at = 0; at < chunk.length; ) {
      if (this.#header === undefined) at += this.#readHead(chunk, at);
      else at += this.#readPayload(chunk, at);
      if (this.#header !== undefined && this.#missing === 0) yield this.#take(this.#header);
    }
  }

  /** @returns how many bytes were of the header */
  #readHead(chunk: Uint8Array, start: number): number {
    let at = start;
    while (at < chunk.length && this.#header === undefined) {
      this.#head[this.#headLength++] = chunk[at++] ?? 0;
      if (this.#headLength < 2 || this.#headLength < headerSize(this.#head[1] ?? 0)) continue;
      const header = readHeader(this.#head.subarray(0, this.#headLength));
      if (header === undefined) continue;
      this.#header = header;
      this.#missing = header.length;
      this.#payload = new Uint8Array(Math.min(header.length, this.#keepBytesMax));
      this.#kept = 0;
    }
    return at - start;
  }

  #readPayload(chunk: Uint8Array, start: number): number {
    const taken = Math.min(this.#missing, chunk.length - start);
    const kept = Math.min(taken, this.#payload.length - this.#kept);
    this.#payload.set(chunk.subarray(start, start + kept), this.#kept);
    this.#kept += kept;
    this.#missing -= taken;
    return taken;
  }

  #take(header: FrameHeader): DissectedFrame {
    const frame = { bytes: this.#head.slice(0, this.#headLength), header, payload: this.#payload };
    this.#headLength = 0;
    this.#header = undefined;
    return frame;
  }
}

/**
 * Whether a chunk seems to be of whole frames only. Who begins to look in the middle of a connection
 * cannot know where frames begin, but that such a chunk begins in the middle of one is improbable.
 */
export function isWholeFrames(chunk: Uint8Array, masked: boolean): boolean {
  let at = 0;
  while (at < chunk.length) {
    const header = readHeader(chunk.subarray(at, at + headerBytesMax));
    if (header === undefined || header.masked !== masked || header.rsv2 || header.rsv3)
      return false;
    if ((header.opcode & 0x7) > 2) return false;
    at += header.size + header.length;
  }
  return at === chunk.length;
}
