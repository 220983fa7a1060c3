// A file from a peer, on a stream: what it claims is checked before a byte is taken, and again as the
// bytes come. A dropped connection is the session's business: here it is only a pause.

import { bounds } from "@tidewire/session-protocol";
import { FailureError } from "../failure.js";
import type { HubStream } from "./hub-stream.js";

/** What the sender says of its file. Claims, not facts: `size` is enforced, `type` is not looked into. */
export interface FileClaim {
  /** A name for people. Never use it as a path: it may hold `../`. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** A media type, lower case; `application/octet-stream` when none was given. */
  readonly type: string;
  readonly meta: unknown;
}

export interface UploadOptions {
  /** Largest file in bytes. */
  readonly sizeMax: number;
  /** Media types taken: exact, or a whole family such as `image/*`. Default: all. */
  readonly types?: readonly string[];
  /**
   * Makes a SHA-256, such as `() => createHash("sha256")` of Node. The digest is in `upload.sha256`
   * at the end, and must equal the one that the sender told, if it told one.
   */
  readonly sha256?: () => Sha256;
}

/** The part of Node's `Hash` that is used. */
export interface Sha256 {
  update(bytes: Uint8Array): unknown;
  digest(encoding: "hex"): string;
}

/** Where bytes go. `write` may answer a promise: the sender then waits. */
export interface Sink {
  write(bytes: Uint8Array): unknown;
  close(): unknown;
  /** The file did not arrive whole. */
  abort(reason: unknown): unknown;
}

/** A file that is arriving: iterate over its chunks, or `saveTo` a sink. Memory holds one window. */
export class Upload implements AsyncIterable<Uint8Array> {
  readonly file: FileClaim;
  /** Hexadecimal, when the upload is complete and `sha256` was given. */
  sha256: string | undefined;
  /** Called after each chunk that was taken. */
  onProgress: ((received: number, size: number) => void) | undefined;
  readonly #stream: HubStream;
  readonly #options: UploadOptions;
  #received = 0;

  constructor(file: FileClaim, stream: HubStream, options: UploadOptions) {
    this.file = file;
    this.#stream = stream;
    this.#options = options;
  }

  /** Bytes taken so far. */
  get received(): number {
    return this.#received;
  }

  /** Aborted when the sender gave up or is lost. */
  get signal(): AbortSignal {
    return this.#stream.signal;
  }

  /** @throws {FailureError} `too-large`, `invalid`, or why the stream ended early. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array> {
    const hash = this.#options.sha256?.();
    const { size } = this.file;
    for await (const chunk of this.#stream) {
      if (!(chunk instanceof Uint8Array)) throw this.#refuse("invalid", "A chunk must be bytes.");
      if (this.#received + chunk.length > size) {
        throw this.#refuse("too-large", `The file is longer than the ${size} bytes announced.`);
      }
      hash?.update(chunk);
      yield chunk;
      this.#received += chunk.length;
      this.onProgress?.(this.#received, size);
    }
    if (this.#received !== size) {
      throw this.#refuse("invalid", `The file ended after ${this.#received} of ${size} bytes.`);
    }
    this.sha256 = hash?.digest("hex");
    const claimed = claimedDigest(await this.#stream.result);
    if (this.sha256 !== undefined && claimed !== undefined && claimed !== this.sha256) {
      throw this.#refuse("invalid", "The file's SHA-256 is not the one announced.");
    }
  }

  /** Writes the file to a sink, and closes or aborts it. Resolves with the bytes written. */
  async saveTo(sink: Sink): Promise<number> {
    try {
      for await (const chunk of this) await sink.write(chunk);
    } catch (error) {
      await sink.abort(error);
      throw error;
    }
    await sink.close();
    return this.#received;
  }

  #refuse(code: string, message: string): FailureError {
    this.#stream.cancel(code, message);
    return new FailureError(code, message);
  }
}

/** @throws {TypeError} for options that would take what they should not, or refuse everything. */
export function checkUploadOptions({ sizeMax, types }: UploadOptions): void {
  if (typeof sizeMax !== "number" || !(sizeMax >= 0)) {
    throw new TypeError(`sizeMax is ${String(sizeMax)}: give the largest file in bytes.`);
  }
  if (types !== undefined && !Array.isArray(types)) {
    throw new TypeError('types must be a list of media types, such as ["image/*"].');
  }
}

/**
 * Checks what the opening of an upload claims.
 * @throws {FailureError} `invalid`, `too-large` or `forbidden` (the type).
 */
export function readFileClaim(data: unknown, options: UploadOptions): FileClaim {
  const { name, size, type, meta } = (typeof data === "object" && data !== null ? data : {}) as {
    [key in keyof FileClaim]?: unknown;
  };
  if (typeof name !== "string" || name.length > bounds.textMax) {
    throw new FailureError("invalid", `A file has a name of at most ${bounds.textMax} characters.`);
  }
  if (!Number.isSafeInteger(size) || (size as number) < 0) {
    throw new FailureError("invalid", "A file has a size in bytes, a whole number.");
  }
  const claimed = typeof type === "string" && type !== "" ? type : "application/octet-stream";
  const media = claimed.split(";", 1)[0]!.trim().toLowerCase();
  if (claimed.length > 255) throw new FailureError("invalid", "The media type is too long.");
  if ((size as number) > options.sizeMax) {
    const message = `The file has ${String(size)} bytes; at most ${options.sizeMax} are taken here.`;
    throw new FailureError("too-large", message, { data: { sizeMax: options.sizeMax } });
  }
  if (options.types !== undefined && !options.types.some((taken) => matches(media, taken))) {
    const message = `Files of type ${media} are not taken here.`;
    throw new FailureError("forbidden", message, { data: { types: options.types } });
  }
  return { name, size: size as number, type: media, meta };
}

function matches(media: string, taken: string): boolean {
  const wanted = taken.toLowerCase();
  return wanted.endsWith("/*") ? media.startsWith(wanted.slice(0, -1)) : media === wanted;
}

function claimedDigest(end: unknown): string | undefined {
  if (typeof end !== "object" || end === null) return undefined;
  const digest = (end as { sha256?: unknown }).sha256;
  return typeof digest === "string" ? digest.toLowerCase() : undefined;
}
