// A file on its way from the server: a stream whose items are byte strings, opened by either side.
// The convention for files on streams is in README.md, "File streams".

import type { ClientStream } from "./client-stream.js";
import { type FileInfo, Transfer, type TransferOptions } from "./transfer.js";

export interface DownloadOptions extends TransferOptions {
  /** Bytes in all, for `onProgress`, when the application knows them. */
  readonly size?: number;
}

/**
 * Iterate over the bytes as they come, which bounds memory to the stream's credit; or await it for
 * one `Blob`, whose SHA-256 is compared when the server told one. Not both.
 */
export class Download extends Transfer<Blob> implements AsyncIterable<Uint8Array> {
  /** What the server said when it opened the stream; undefined when we opened it. */
  readonly file: FileInfo | undefined;
  /** May be set at any time. A listener that throws fails the download. */
  onProgress: DownloadOptions["onProgress"];
  readonly #size: number | undefined;
  #bytes = 0;
  #blob: Promise<Blob> | undefined;

  constructor(stream: ClientStream, file: FileInfo | undefined, options: DownloadOptions) {
    super(stream, options.signal);
    this.file = file;
    this.onProgress = options.onProgress;
    this.#size = file?.size ?? options.size;
  }

  /** Bytes taken so far. */
  get bytes(): number {
    return this.#bytes;
  }

  /** The server's last word, such as `{ sha256 }`. */
  get result(): Promise<unknown> {
    return this.stream.result;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    const { readFile } = await this.load();
    yield* readFile(this, this.#size, (bytes) => {
      this.#bytes = bytes;
    });
  }

  protected whole(): Promise<Blob> {
    this.#blob ??= this.load().then(({ collectFile }) => collectFile(this));
    return this.#blob;
  }
}
