// A file on its way from the server: the first item describes it, the others are its bytes.
// The convention for files on streams is in README.md, "File streams".

import { ClientError } from "./client-error.js";
import type { ClientStream } from "./client-stream.js";
import type { Core } from "./core.js";
import { type FileInfo, onAbort, type TransferOptions, Valve } from "./transfer.js";

export type DownloadOptions = TransferOptions;

/**
 * Iterate over the bytes as they come, which bounds memory to the stream's credit; or await it for
 * one `Blob`. Not both.
 */
export class Download implements PromiseLike<Blob>, AsyncIterable<Uint8Array> {
  readonly #core: Core;
  readonly #options: DownloadOptions;
  readonly #stream: ClientStream;
  readonly #valve = new Valve();
  #file: FileInfo | undefined;
  #bytes = 0;
  #blob: Promise<Blob> | undefined;
  #error: unknown;

  constructor(core: Core, name: string, data: unknown, options: DownloadOptions) {
    this.#core = core;
    this.#options = options;
    this.#stream = core.streams.open(name, data);
    this.#stream.end();
  }

  /** Known once the first bytes have come. */
  get file(): FileInfo | undefined {
    return this.#file;
  }

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
        if (this.#file === undefined) this.#file = readFileInfo(item);
        else yield this.#take(item);
      }
      if (this.#error !== undefined) throw this.#error;
    } catch (error) {
      this.#stream.cancel("invalid");
      throw this.#error ?? error;
    } finally {
      stopAborting();
    }
  }

  #take(item: unknown): Uint8Array {
    if (!(item instanceof Uint8Array)) {
      throw new ClientError("invalid", "An item of a file stream is not a byte string.");
    }
    this.#bytes += item.length;
    try {
      this.#options.onProgress?.({ bytes: this.#bytes, total: this.#file?.size });
    } catch (error) {
      this.#core.reportError(error);
    }
    return item;
  }

  async #collect(): Promise<Blob> {
    const parts: BlobPart[] = [];
    // Copies: an item is a view on the message that carried it.
    for await (const part of this) parts.push(part.slice() as Uint8Array<ArrayBuffer>);
    return new Blob(parts, { type: this.#file?.type ?? "" });
  }
}

function readFileInfo(item: unknown): FileInfo {
  const file = (item as { file?: Partial<FileInfo> } | null)?.file;
  const isSized = file?.size === undefined || (Number.isSafeInteger(file.size) && file.size >= 0);
  const isTyped = file?.type === undefined || typeof file.type === "string";
  if (typeof file?.name !== "string" || !isSized || !isTyped) {
    throw new ClientError("invalid", "The first item of a file stream does not describe a file.");
  }
  return file as FileInfo;
}
