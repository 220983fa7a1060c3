// A file on its way from the server: a stream whose items are byte strings, opened by either side.
// The convention for files on streams is in README.md, "File streams".

import { ClientError } from "./client-error.js";
import type { ClientStream } from "./client-stream.js";
import { type FileInfo, onAbort, sha256, type TransferOptions, Valve } from "./transfer.js";

export interface DownloadOptions extends TransferOptions {
  /** Bytes in all, for `onProgress`, when the application knows them. */
  readonly size?: number;
}

/**
 * Iterate over the bytes as they come, which bounds memory to the stream's credit; or await it for
 * one `Blob`, whose SHA-256 is compared when the server told one. Not both.
 */
export class Download implements PromiseLike<Blob>, AsyncIterable<Uint8Array> {
  /** What the server said when it opened the stream; undefined when we opened it. */
  readonly file: FileInfo | undefined;
  /** May be set at any time. A listener that throws fails the download. */
  onProgress: DownloadOptions["onProgress"];
  readonly #options: DownloadOptions;
  readonly #stream: ClientStream;
  readonly #valve = new Valve();
  #bytes = 0;
  #blob: Promise<Blob> | undefined;
  #error: unknown;

  constructor(stream: ClientStream, file: FileInfo | undefined, options: DownloadOptions) {
    this.#stream = stream;
    this.file = file;
    this.#options = options;
    this.onProgress = options.onProgress;
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The server's last word, such as `{ sha256 }`. */
  get result(): Promise<unknown> {
    return this.#stream.result;
  }

  /** The server stops when the credit in its hands is used up. */
  pause(): void {
    this.#valve.pause();
  }

  resume(): void {
    this.#valve.resume();
  }

  cancel(reason: unknown = new ClientError("cancelled", "The download was cancelled.")): void {
    if (this.#stream.isOver) return;
    this.#error = reason;
    this.#stream.cancel();
    this.#valve.resume();
  }

  // biome-ignore lint/suspicious/noThenProperty: a download is awaited for its bytes.
  then<Fulfilled = Blob, Rejected = never>(
    onFulfilled?: ((value: Blob) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    this.#blob ??= this.#collect();
    return this.#blob.then(onFulfilled, onRejected);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const stopAborting = onAbort(this.#options.signal, (error) => this.cancel(error));
    try {
      for await (const item of this.#stream) {
        await this.#valve.passed();
        if (this.#error !== undefined) break;
        if (!(item instanceof Uint8Array)) {
          throw new ClientError("invalid", "An item of a file stream is not a byte string.");
        }
        this.#bytes += item.length;
        yield item;
        const total = this.file?.size ?? this.#options.size;
        this.onProgress?.({ bytes: this.#bytes, total });
      }
      if (this.#error !== undefined) throw this.#error;
      const { file } = this;
      if (file !== undefined && file.size !== this.#bytes) {
        throw new ClientError(
          "invalid",
          `The file ended after ${this.#bytes} of ${file.size} bytes.`,
        );
      }
    } catch (error) {
      this.#stream.cancel("invalid");
      throw this.#error ?? error;
    } finally {
      stopAborting();
    }
  }

  async #collect(): Promise<Blob> {
    const parts: BlobPart[] = [];
    // Copies: an item is a view on the message that carried it.
    for await (const part of this) parts.push(part.slice() as Uint8Array<ArrayBuffer>);
    const blob = new Blob(parts, { type: this.file?.type ?? "" });
    const claimed = (await this.result) as { sha256?: unknown } | null | undefined;
    if (typeof claimed?.sha256 === "string" && globalThis.crypto?.subtle !== undefined) {
      if ((await sha256(blob)) !== claimed.sha256.toLowerCase()) {
        throw new ClientError("invalid", "The file's SHA-256 is not the one that the server told.");
      }
    }
    return blob;
  }
}

/**
 * What a server says when it opens a file stream.
 * @throws {ClientError} `invalid`.
 */
export function readFileInfo(data: unknown): FileInfo {
  const { name, size, type = "", meta } = (data ?? {}) as { [key in keyof FileInfo]?: unknown };
  const isSized = Number.isSafeInteger(size) && (size as number) >= 0;
  if (typeof name !== "string" || !isSized || typeof type !== "string") {
    throw new ClientError("invalid", "A file stream opens with the file's name, size and type.");
  }
  return { name, size: size as number, type, ...(meta === undefined ? {} : { meta }) };
}
