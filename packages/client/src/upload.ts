// A file on its way to the server: a stream of byte strings, read from its source as credit allows.
// The convention for files on streams is in README.md, "File streams".

import { ClientError } from "./client-error.js";
import type { ClientStream } from "./client-stream.js";
import type { Core } from "./core.js";
import { chunkBytes } from "./limits.js";
import { type FileInfo, onAbort, type Progress, type TransferOptions, Valve } from "./transfer.js";

/** Where the bytes come from. A `Blob` or `File` is read by slices, so memory stays flat. */
export type UploadSource =
  | Blob
  | Uint8Array
  | ReadableStream<Uint8Array>
  | AsyncIterable<Uint8Array>;

export interface UploadOptions extends TransferOptions {
  /** Bytes in all. Needed for streams and iterables: the server wants to know before it takes one. */
  readonly size?: number;
  /** Default: the `File`'s own, else `"file"`. */
  readonly name?: string;
  /** The media type; default: the `Blob`'s own. */
  readonly type?: string;
  /** Anything else that the server's handler wants to know. */
  readonly meta?: unknown;
  /** Told to the server at the end, to compare; see `sha256`. */
  readonly sha256?: string;
}

/** Await it for the server's answer. */
export class Upload implements PromiseLike<unknown> {
  readonly file: FileInfo;
  readonly #core: Core;
  readonly #options: UploadOptions;
  readonly #stream: ClientStream;
  readonly #valve = new Valve();
  readonly #result: Promise<unknown>;
  /** Items in the log, with the bytes up to their end. */
  #flying: { position: number; bytes: number }[] = [];
  #written = 0;
  #arrived = 0;
  #error: unknown;

  constructor(core: Core, name: string, source: UploadSource, options: UploadOptions) {
    this.#core = core;
    this.#options = options;
    this.file = describe(source, options);
    this.#stream = core.streams.open(name, this.file);
    this.#result = this.#run(source);
    this.#result.catch(() => {});
  }

  /** Bytes that the server has. */
  get bytes(): number {
    return this.#arrived;
  }

  get isPaused(): boolean {
    return this.#valve.isPaused;
  }

  pause(): void {
    this.#valve.pause();
  }

  resume(): void {
    this.#valve.resume();
  }

  /** The result rejects with `reason`. */
  cancel(reason: unknown = new ClientError("cancelled", "The upload was cancelled.")): void {
    if (this.#stream.isOver) return;
    this.#error = reason;
    this.#stream.cancel();
    this.#valve.resume();
  }

  // biome-ignore lint/suspicious/noThenProperty: an upload is awaited for its result.
  then<Fulfilled = unknown, Rejected = never>(
    onFulfilled?: ((value: unknown) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.#result.then(onFulfilled, onRejected);
  }

  async #run(source: UploadSource): Promise<unknown> {
    const { onAcknowledged } = this.#core;
    const acknowledged = (count: number): void => this.#acknowledged(count);
    onAcknowledged.add(acknowledged);
    const stopAborting = onAbort(this.#options.signal, (error) => this.cancel(error));
    try {
      for await (const piece of piecesOf(source, () => this.#chunkBytes())) {
        for (let at = 0; at < piece.length; ) {
          const chunk = piece.subarray(at, at + this.#chunkBytes());
          at += chunk.length;
          await this.#valve.passed();
          await this.#stream.write(chunk);
          this.#written += chunk.length;
          this.#flying.push({ position: this.#core.session.sent - 1, bytes: this.#written });
        }
        if (this.#stream.isOver) break;
      }
      const { sha256 } = this.#options;
      this.#stream.end(sha256 === undefined ? undefined : { sha256 });
      const result = await this.#stream.result;
      // The server's last word says that it has everything.
      this.#acknowledged(Number.POSITIVE_INFINITY);
      return result;
    } catch (error) {
      this.#stream.cancel();
      throw this.#error ?? error;
    } finally {
      stopAborting();
      onAcknowledged.delete(acknowledged);
    }
  }

  #acknowledged(count: number): void {
    let arrived = this.#arrived;
    while (this.#flying.length > 0 && this.#flying[0]!.position < count) {
      arrived = this.#flying.shift()!.bytes;
    }
    if (arrived === this.#arrived) return;
    this.#arrived = arrived;
    const progress: Progress = { bytes: arrived, total: this.file.size };
    try {
      this.#options.onProgress?.(progress);
    } catch (error) {
      this.#core.reportError(error);
    }
  }

  /** Small enough for the server's limits also where bytes become text (a third longer). */
  #chunkBytes(): number {
    const { messageBytes, batchBytes } = this.#core.session.limits;
    return Math.max(
      1,
      Math.min(chunkBytes, Math.floor((Math.min(messageBytes, batchBytes) - 2_048) * 0.74)),
    );
  }
}

/** @throws {TypeError} when nobody knows the size. */
function describe(source: UploadSource, options: UploadOptions): FileInfo {
  const isBlob = source instanceof Blob;
  const ownName = isBlob ? (source as Blob & { name?: string }).name : undefined;
  const ownSize = isBlob ? source.size : source instanceof Uint8Array ? source.length : undefined;
  const size = ownSize ?? options.size;
  if (size === undefined) {
    throw new TypeError(
      "The size of a stream is not known: give upload the option size, in bytes.",
    );
  }
  return {
    name: options.name ?? ownName ?? "file",
    size,
    type: options.type ?? (isBlob ? source.type : ""),
    ...(options.meta === undefined ? {} : { meta: options.meta }),
  };
}

async function* piecesOf(source: UploadSource, sizeNow: () => number): AsyncGenerator<Uint8Array> {
  if (source instanceof Uint8Array) yield source;
  else if (source instanceof Blob) {
    for (let at = 0; at < source.size; ) {
      const slice = source.slice(at, at + sizeNow());
      at += slice.size;
      yield new Uint8Array(await slice.arrayBuffer());
    }
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
