// The work of an upload: reads its source piece by piece, as the server takes it.

import type { Core } from "./core.js";
import { chunkBytes } from "./later-limits.js";
import type { Upload, UploadOptions, UploadSource } from "./upload.js";

/** Answers the server's last word; `arrived` hears how many bytes the server has. */
export async function sendFile(
  core: Core,
  upload: Upload,
  source: UploadSource,
  options: UploadOptions,
  arrived: (bytes: number) => void,
): Promise<unknown> {
  const { stream } = upload;
  const flight = new Flight(core, upload, options, arrived);
  const acknowledged = (count: number): void => flight.acknowledged(count);
  core.onAcknowledged.add(acknowledged);
  try {
    for await (const piece of piecesOf(source, () => bytesOfChunk(core))) {
      if (!(piece instanceof Uint8Array)) {
        throw new TypeError(`The source of an upload gave a ${typeof piece}, and no Uint8Array.`);
      }
      for (let at = 0; at < piece.length; ) {
        const chunk = piece.subarray(at, at + bytesOfChunk(core));
        at += chunk.length;
        await upload.passed();
        await stream.write(chunk);
        flight.begun(core.session.sent - 1, chunk.length);
      }
      if (stream.isOver) break;
    }
    const sha256 = typeof options.sha256 === "function" ? options.sha256() : options.sha256;
    stream.end(sha256 === undefined ? undefined : { sha256 });
    const result = await stream.result;
    // The server's last word says that it has everything.
    acknowledged(Number.POSITIVE_INFINITY);
    return result;
  } catch (error) {
    stream.cancel();
    throw upload.error ?? error;
  } finally {
    core.onAcknowledged.delete(acknowledged);
  }
}

/** What was written, and how much of it has arrived. */
class Flight {
  readonly #core: Core;
  readonly #upload: Upload;
  readonly #options: UploadOptions;
  readonly #arrived: (bytes: number) => void;
  /** Items in the log, with the bytes up to their end. */
  readonly #items: { position: number; bytes: number }[] = [];
  #written = 0;

  constructor(
    core: Core,
    upload: Upload,
    options: UploadOptions,
    arrived: (bytes: number) => void,
  ) {
    this.#core = core;
    this.#upload = upload;
    this.#options = options;
    this.#arrived = arrived;
  }

  begun(position: number, length: number): void {
    this.#written += length;
    this.#items.push({ position, bytes: this.#written });
  }

  acknowledged(count: number): void {
    let bytes = this.#upload.bytes;
    while (this.#items.length > 0 && this.#items[0]!.position < count) {
      bytes = this.#items.shift()!.bytes;
    }
    if (bytes === this.#upload.bytes) return;
    this.#arrived(bytes);
    try {
      this.#options.onProgress?.({ bytes, total: this.#upload.file.size });
    } catch (error) {
      this.#core.reportError(error);
    }
  }
}

/** Small enough for the server's limits also where bytes become text (a third longer). */
function bytesOfChunk(core: Core): number {
  const { messageBytes, batchBytes } = core.session.limits;
  const fitting = Math.floor((Math.min(messageBytes, batchBytes) - 2_048) * 0.74);
  return Math.max(1, Math.min(chunkBytes, fitting));
}

async function* piecesOf(source: UploadSource, sizeNow: () => number): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) yield source;
  else if (source instanceof Blob) {
    for (let at = 0; at < source.size; ) {
      const slice = source.slice(at, at + sizeNow());
      at += slice.size;
      yield new Uint8Array(await slice.arrayBuffer());
    }
  } else if (typeof source !== "object" || source === null) {
    throw new TypeError(`The source of an upload is a ${typeof source}, and holds no bytes.`);
  } else if ("getReader" in source) yield* readAll(source);
  else yield* source;
}

/** Not every browser can iterate over a stream. */
async function* readAll(stream: ReadableStream<Uint8Array>): AsyncGenerator<Uint8Array> {
  const reader = stream.getReader();
  let isDone = false;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      yield value;
    }
    isDone = true;
  } finally {
    if (!isDone) reader.cancel().catch(() => {});
    reader.releaseLock();
  }
}
