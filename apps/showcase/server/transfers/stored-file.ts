// One file on the server: it arrives, is complete, and is gone. It can be read from its first byte on,
// by many at once; readers that have caught up wait for what is still to come.
//
//   arriving ──complete──→ complete
//       └──────gone──────────┴──gone──→ gone (with the reason, for whoever reads or writes it)
import { type FileHandle, open } from "node:fs/promises";
import { FailureError } from "@tidewire/hub";
import { readBytes } from "./limits.js";

/** What is known of a file before its first byte. */
export interface FileFacts {
  /** What the page calls it. Whoever knows it may read it. */
  readonly id: string;
  /** For people, in shape already. */
  readonly name: string;
  readonly size: number;
  /** The visitor who sends it; limits are counted by it. */
  readonly owner: string;
}

/** Where its bytes come from: an upload of the hub. */
export interface FileSource extends AsyncIterable<Uint8Array> {
  /** Hexadecimal, once all were read. */
  readonly sha256: string | undefined;
}

/** What becomes of a file. */
export interface FileListener {
  /** More bytes are there. */
  grown?(file: StoredFile): void;
  complete?(file: StoredFile): void;
  /** It will not be there any more; whether it was complete, `file.sha256` tells. */
  gone?(file: StoredFile, reason: FailureError): void;
}

export class StoredFile {
  readonly facts: FileFacts;
  readonly #path: string;
  readonly #listener: FileListener;
  readonly #now: () => number;
  readonly #gone: AbortController = new AbortController();
  #waiting: (() => void)[] = [];
  #received = 0;
  #sha256: string | undefined;
  #changedAt: number;

  /** Of the store. */
  constructor(facts: FileFacts, path: string, listener: FileListener, now: () => number) {
    this.facts = facts;
    this.#path = path;
    this.#listener = listener;
    this.#now = now;
    this.#changedAt = now();
  }

  /** Bytes that can be read. */
  get received(): number {
    return this.#received;
  }

  /** Hexadecimal, when it is complete. */
  get sha256(): string | undefined {
    return this.#sha256;
  }

  /** When something last arrived, or when it was completed. */
  get changedAt(): number {
    return this.#changedAt;
  }

  /**
   * Takes all bytes of the source; resolves with the SHA-256.
   * @throws {FailureError} `disk-full`, the reason why it is gone, or that of the source.
   */
  async receive(source: FileSource): Promise<string> {
    const { signal } = this.#gone;
    const given = new Promise<never>((_, reject) => {
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
    await Promise.race([this.#write(source), given]);
    signal.throwIfAborted();
    const { sha256 } = source;
    if (sha256 === undefined) throw new Error("The upload of a kept file needs a SHA-256.");
    this.#sha256 = sha256;
    this.#changed();
    this.#listener.complete?.(this);
    return sha256;
  }

  /**
   * Its bytes, waiting for those to come, until it is complete.
   * @throws the reason when it is gone, or that of the signal.
   */
  async *read(signal: AbortSignal): AsyncGenerator<Uint8Array, void, undefined> {
    const wake = (): void => this.#wake();
    signal.addEventListener("abort", wake);
    let handle: FileHandle | undefined;
    try {
      for (let at = 0; at < this.facts.size || this.#sha256 === undefined; ) {
        this.#gone.signal.throwIfAborted();
        signal.throwIfAborted();
        if (at === this.#received) {
          await new Promise<void>((resolve) => this.#waiting.push(resolve));
          continue;
        }
        handle ??= await open(this.#path, "r");
        const length = Math.min(readBytes, this.#received - at);
        // A buffer for each: the one before may still be in somebody's hands.
        const { bytesRead, buffer } = await handle.read(Buffer.alloc(length), 0, length, at);
        if (bytesRead === 0) throw new Error(`A kept file is shorter than it was: ${this.#path}`);
        at += bytesRead;
        yield buffer.subarray(0, bytesRead);
      }
    } catch (error) {
      // What is gone cannot be opened: the reason says more.
      this.#gone.signal.throwIfAborted();
      throw error;
    } finally {
      signal.removeEventListener("abort", wake);
      await handle?.close();
    }
  }

  /** Of the store: it is taken away, whatever state it is in. Its bytes are the store's to remove. */
  takeAway(reason: FailureError): void {
    if (this.#gone.signal.aborted) return;
    this.#gone.abort(reason);
    this.#wake();
    this.#listener.gone?.(this, reason);
  }

  get path(): string {
    return this.#path;
  }

  async #write(source: FileSource): Promise<void> {
    let handle: FileHandle | undefined;
    try {
      handle = await open(this.#path, "wx", 0o600);
      for await (const chunk of source) {
        for (let at = 0; at < chunk.length; ) {
          at += (await handle.write(chunk, at)).bytesWritten;
        }
        if (this.#gone.signal.aborted) return;
        this.#received += chunk.length;
        this.#changed();
        this.#listener.grown?.(this);
      }
    } catch (error) {
      throw explainDisk(error);
    } finally {
      await handle?.close();
    }
  }

  #changed(): void {
    this.#changedAt = this.#now();
    this.#wake();
  }

  #wake(): void {
    for (const resolve of this.#waiting.splice(0)) resolve();
  }
}

function explainDisk(error: unknown): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (code !== "ENOSPC" && code !== "EDQUOT") return error;
  return new FailureError("disk-full", "The server's disk is full. Try again later.");
}
