// A file on its way to the server: a stream of byte strings, read from its source as credit allows.
// The convention for files on streams is in README.md, "File streams".

import type { Core } from "./core.js";
import { type FileInfo, Transfer, type TransferOptions } from "./transfer.js";

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
  /**
   * Told to the server at the end, to compare; see `sha256`. A function is asked once the source was
   * read to its end, for who hashes the bytes on their way.
   */
  readonly sha256?: string | (() => string);
}

/** Await it for the server's answer. */
export class Upload extends Transfer<unknown> {
  readonly file: FileInfo;
  readonly #result: Promise<unknown>;
  #arrived = 0;

  constructor(core: Core, name: string, source: UploadSource, options: UploadOptions) {
    const file = describe(source, options);
    super(core.streams.open(name, file), options.signal);
    this.file = file;
    const arrived = (bytes: number): void => {
      this.#arrived = bytes;
    };
    this.#result = this.load().then(({ sendFile }) =>
      sendFile(core, this, source, options, arrived),
    );
    this.#result.catch(() => {});
  }

  /** Bytes that the server has. */
  get bytes(): number {
    return this.#arrived;
  }

  protected whole(): Promise<unknown> {
    return this.#result;
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
