// What uploads and downloads have in common: progress, pause, cancel.

import { abortError, ClientError } from "./client-error.js";

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

/** Holds back a loop while it is paused, and ends it when it is cancelled. */
export class Valve {
  #opened: Promise<void> | undefined;
  #open: (() => void) | undefined;

  pause(): void {
    if (this.#opened !== undefined) return;
    this.#opened = new Promise((resolve) => {
      this.#open = resolve;
    });
  }

  resume(): void {
    this.#open?.();
    this.#opened = undefined;
    this.#open = undefined;
  }

  get isPaused(): boolean {
    return this.#opened !== undefined;
  }

  /** Resolves at once unless paused. */
  async passed(): Promise<void> {
    while (this.#opened !== undefined) await this.#opened;
  }
}

/** Calls `cancel` when the signal aborts; answers how to stop listening. */
export function onAbort(
  signal: AbortSignal | undefined,
  cancel: (error: unknown) => void,
): () => void {
  const abort = (): void => cancel(abortError(signal));
  if (signal?.aborted) abort();
  signal?.addEventListener("abort", abort, { once: true });
  return () => signal?.removeEventListener("abort", abort);
}

/** SHA-256 of bytes in hexadecimal, by the platform's WebCrypto. Pages need a secure context for it. */
export async function sha256(bytes: Uint8Array | Blob): Promise<string> {
  const { subtle } = globalThis.crypto ?? {};
  if (subtle === undefined) throw new ClientError("unavailable", "There is no WebCrypto here.");
  const whole =
    bytes instanceof Blob ? await bytes.arrayBuffer() : (bytes as Uint8Array<ArrayBuffer>);
  const digest = new Uint8Array(await subtle.digest("SHA-256", whole));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
