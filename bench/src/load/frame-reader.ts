// Reads a server's frames where counting bytes is not enough: because lengths vary (compression) or
// because an answer has to be told from an acknowledgement (sessions).

import { headerBytes } from "./frame.js";

export type FrameListener = (first: number, bytes: Buffer, start: number, end: number) => void;

export class FrameReader {
  readonly #listener: FrameListener;
  #rest: Buffer | undefined;

  /** @param listener gets the first byte of each frame (FIN, RSV, opcode) and where its payload lies. */
  constructor(listener: FrameListener) {
    this.#listener = listener;
  }

  /** @throws {Error} when a frame is masked, which a server must not do. */
  receive(chunk: Buffer): void {
    const bytes = this.#rest === undefined ? chunk : Buffer.concat([this.#rest, chunk]);
    this.#rest = undefined;
    let at = 0;
    while (at < bytes.length) {
      const end = frameEnd(bytes, at);
      if (end === undefined || end > bytes.length) break;
      const length = end - at - headerOf(bytes, at);
      this.#listener(bytes[at]!, bytes, end - length, end);
      at = end;
    }
    // A copy, because the chunk's memory is read into again.
    if (at < bytes.length) this.#rest = Buffer.from(bytes.subarray(at));
  }
}

function headerOf(bytes: Buffer, at: number): number {
  const code = bytes[at + 1]!;
  return code < 126 ? 2 : code === 126 ? 4 : 10;
}

function frameEnd(bytes: Buffer, at: number): number | undefined {
  if (at + 2 > bytes.length) return undefined;
  const code = bytes[at + 1]!;
  if (code > 127) throw new Error("The server sent a masked frame.");
  if (code < 126) return at + headerBytes(code) + code;
  if (at + headerOf(bytes, at) > bytes.length) return undefined;
  if (code === 126) return at + 4 + bytes.readUInt16BE(at + 2);
  return at + 10 + Number(bytes.readBigUInt64BE(at + 2));
}
