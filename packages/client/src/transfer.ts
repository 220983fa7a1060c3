// What uploads and downloads have in common: progress, pause, cancel.

import { abortError, ClientError } from "./client-error.js";
import type { ClientStream } from "./client-stream.js";
import { type Later, loadLater } from "./load-later.js";

/** How far a file has come. Never goes back, also when links are lost. */
export interface Progress {
  /** Bytes that have arrived at the receiver. */
  readonly bytes: number;
  /** Bytes in all, when known. */
  readonly total: number | undefined;
}

/** What the opening of a file's stream says of it. Claims of the sender, not facts. */
export interface FileInfo {
  /** A name for people; never a path. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  /** The media type; "" when unknown. */
  readonly type: string;
  readonly meta?: unknown;
}

export interface TransferOptions {
  readonly onProgress?: (progress: Progress) => void;
  readonly signal?: AbortSignal;
}

/** A file on its way, in either direction. Await it for its `Result`. */
export abstract class Transfer<Result> implements PromiseLike<Result> {
  /** Of the client: what carries it. */
  readonly stream: ClientStream;
  /** Of the client: what `cancel` was told. */
  error: unknown;
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;

  constructor(stream: ClientStream, signal: AbortSignal | undefined) {
    this.stream = stream;
    const abort = (): void => this.cancel(abortError(signal));
    const stop = (): void => signal?.removeEventListener("abort", abort);
    signal?.addEventListener("abort", abort, { once: true });
    if (signal?.aborted) abort();
    stream.result.then(stop, () => {
      stop();
      // Who waits for the end of a pause is told what became of the stream.
      this.resume();
    });
  }

  /** Bytes that have arrived. */
  abstract get bytes(): number;

  get isPaused(): boolean {
    return this.#opened !== undefined;
  }

  /** The sender stops when the credit in its hands is used up. */
  pause(): void {
    this.#opened ??= new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  resume(): void {
    this.#open?.();
    this.#opened = undefined;
  }

  /** Awaiting it rejects with `reason`. */
  cancel(reason: unknown = new ClientError("cancelled", "The transfer was cancelled.")): void {
    if (this.stream.isOver) return;
    this.error = reason;
    this.stream.cancel();
    this.resume();
  }

  // biome-ignore lint/suspicious/noThenProperty: a transfer is awaited for its result.
  then<Fulfilled = Result, Rejected = never>(
    onFulfilled?: ((value: Result) => Fulfilled | PromiseLike<Fulfilled>) | null,
    onRejected?: ((reason: unknown) => Rejected | PromiseLike<Rejected>) | null,
  ): Promise<Fulfilled | Rejected> {
    return this.whole().then(onFulfilled, onRejected);
  }

  /** Of the client: resolves at once unless paused. */
  async passed(): Promise<void> {
    while (this.#opened !== undefined) await this.#opened;
  }

  protected abstract whole(): Promise<Result>;

  /** What does the work. A stream that fails meanwhile is not waited with. */
  protected async load(): Promise<Later> {
    try {
      await Promise.race([loadLater(), this.stream.result]);
      return await loadLater();
    } catch (error) {
      this.stream.cancel("unavailable");
      throw this.error ?? error;
    }
  }
}
