// A stream as programs see it: `for await` reads, `await send` writes, both at the pace of the slower
// side. The credit of PROTOCOL.md §8.3 beneath is granted as items are read.

import { bounds, type Stream, type StreamHandler } from "@tidewire/session-protocol";
import type { Maybe } from "../contract/checker.js";
import { FailureError } from "../failure.js";

/** What a stream needs of its peer. */
export interface StreamHost {
  /** Most sends that may wait, and credit per direction: `limits.streamItems`. */
  readonly itemsMax: number;
  /** Bytes of the message that is being received. */
  takeArrived(): number;
  /** Counts unread bytes against the peer's budget; false when it is used up. */
  hold(bytes: number): boolean;
  release(bytes: number): void;
  /** Checks an item of the other side; throws or rejects with `invalid`. */
  checkReceived(item: unknown): Maybe<unknown>;
  /** Checks an item of ours; throws `invalid`. */
  checkSent(item: unknown): void;
}

interface Reader {
  resolve(result: IteratorResult<unknown>): void;
  reject(error: unknown): void;
}

interface Writer {
  readonly item: unknown;
  resolve(): void;
  reject(error: unknown): void;
}

/**
 * One stream with a peer. `In` is what it sends, `Out` what we send. Iterate once: items are handed
 * out one by one, checked against the contract. When the other side cancels, or the session is lost,
 * iteration and waiting sends fail with a `FailureError` that tells the code.
 */
export class HubStream<In = unknown, Out = unknown> implements AsyncIterable<In> {
  readonly name: string;
  readonly #stream: Stream;
  readonly #host: StreamHost;
  readonly #items: { readonly item: unknown; readonly bytes: number }[] = [];
  readonly #writers: Writer[] = [];
  readonly #result: Promise<unknown>;
  #resolveResult: (value: unknown) => void = () => {};
  #rejectResult: (error: unknown) => void = () => {};
  #reader: Reader | undefined;
  #theirsEnded = false;
  #ended = false;
  #endData: { readonly data: unknown } | undefined;
  #failure: FailureError | undefined;
  #abort: AbortController | undefined;
  /** Whether a handler's end decides what becomes of it. */
  readonly #isHandled: boolean;
  #isGivenUp = false;

  constructor(stream: Stream, host: StreamHost, isHandled: boolean = false) {
    this.#isHandled = isHandled;
    this.name = stream.name;
    this.#stream = stream;
    this.#host = host;
    this.#result = new Promise((resolve, reject) => {
      this.#resolveResult = resolve;
      this.#rejectResult = reject;
    });
    this.#result.catch(() => {});
  }

  /** What the other side said with its end; rejects when the stream was cancelled. */
  get result(): Promise<unknown> {
    return this.#result;
  }

  /** Aborted when the stream was cancelled by the other side or lost. */
  get signal(): AbortSignal {
    this.#abort ??= new AbortController();
    if (this.#failure !== undefined) this.#abort.abort(this.#failure);
    return this.#abort.signal;
  }

  get isOver(): boolean {
    return this.#stream.isOver;
  }

  /**
   * Sends an item; resolves when it is on its way, which waits for the reader. Rejects with a
   * `FailureError` when the stream is over, and `busy` when `streamItems` sends wait already: await
   * each send, or few of them.
   */
  async send(item: Out): Promise<void> {
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#ended) throw new FailureError("lost", "The stream has been ended.");
    this.#host.checkSent(item);
    if (this.#writers.length === 0 && this.#stream.send(item)) return;
    if (this.#writers.length >= this.#host.itemsMax) {
      throw new FailureError("busy", `${this.#writers.length} sends wait already: await them.`);
    }
    await new Promise<void>((resolve, reject) => {
      this.#writers.push({ item, resolve, reject });
    });
  }

  /** Sends no more, after what waits was sent. `data` is a last word. */
  end(data?: unknown): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#endData = { data };
    this.#write();
  }

  /**
   * Of the peer: the handler is done, and `data` is its last word. What the other side has not ended is
   * cancelled after it: nobody will read that, and a side that never ends would hold the stream open.
   */
  finish(data: unknown): void {
    const isSaid = this.#ended && this.#endData === undefined;
    if (!this.#theirsEnded) {
      this.#isGivenUp = true;
      this.#discard();
    }
    this.end(data);
    if (isSaid && !this.#theirsEnded) this.cancel("aborted", "no longer read");
  }

  /** Ends both directions at once. */
  cancel(code: string = "aborted", message: string = ""): void {
    this.#stream.cancel(code.slice(0, bounds.codeMax), message.slice(0, bounds.textMax));
    this.#fail(new FailureError(code, message || "The stream was cancelled."));
  }

  [Symbol.asyncIterator](): AsyncIterator<In> {
    return {
      next: () => this.#next() as Promise<IteratorResult<In>>,
      return: async () => {
        this.#giveUp();
        return { done: true, value: undefined };
      },
    };
  }

  /** Nobody reads any more: what is under way would wait for credit for ever. */
  #giveUp(): void {
    if (this.#theirsEnded) return;
    this.#isGivenUp = true;
    this.#discard();
    // A handler may be about to throw with a better reason, or to return its last word.
    if (!this.#isHandled || this.#ended) this.cancel("aborted", "no longer read");
  }

  /** Of the peer: what the protocol's stream reports. */
  handler(): StreamHandler {
    return {
      data: (data) => this.#data(data),
      credit: () => this.#write(),
      end: (data) => this.#theirEnd(data),
      cancel: (code, message) => this.#fail(new FailureError(code, message || code)),
    };
  }

  #data(item: unknown): void {
    const bytes = this.#host.takeArrived();
    if (this.#failure !== undefined || this.#isGivenUp) return;
    if (!this.#host.hold(bytes)) {
      this.cancel("busy", "more unread bytes than limits.streamBytes");
      return;
    }
    this.#items.push({ item, bytes });
    const reader = this.#reader;
    if (reader === undefined) return;
    this.#reader = undefined;
    this.#take().then(reader.resolve, reader.reject);
  }

  #theirEnd(data: unknown): void {
    this.#theirsEnded = true;
    this.#resolveResult(data);
    if (this.#items.length > 0) return;
    this.#reader?.resolve({ done: true, value: undefined });
    this.#reader = undefined;
  }

  async #next(): Promise<IteratorResult<unknown>> {
    if (this.#items.length > 0) return await this.#take();
    if (this.#theirsEnded) return { done: true, value: undefined };
    if (this.#failure !== undefined) throw this.#failure;
    if (this.#reader !== undefined) throw new Error("A stream is read by one reader at a time.");
    return await new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
    });
  }

  async #take(): Promise<IteratorResult<unknown>> {
    const { item, bytes } = this.#items.shift()!;
    this.#host.release(bytes);
    try {
      const value = await this.#host.checkReceived(item);
      this.#stream.consumed(1);
      return { done: false, value };
    } catch (error) {
      if (error instanceof FailureError) this.cancel(error.code, error.message);
      else this.cancel("internal");
      throw error;
    }
  }

  #write(): void {
    while (this.#writers.length > 0 && this.#failure === undefined) {
      const writer = this.#writers[0]!;
      try {
        if (!this.#stream.send(writer.item)) return;
      } catch (error) {
        // A value that cannot be sent: its sender hears of it, the stream goes on.
        this.#writers.shift();
        writer.reject(error);
        continue;
      }
      this.#writers.shift();
      writer.resolve();
    }
    if (this.#endData === undefined || this.#failure !== undefined) return;
    const { data } = this.#endData;
    this.#endData = undefined;
    this.#stream.end(data);
    if (this.#isGivenUp && !this.#theirsEnded) this.cancel("aborted", "no longer read");
  }

  #discard(): void {
    for (const { bytes } of this.#items) this.#host.release(bytes);
    this.#items.length = 0;
  }

  #fail(failure: FailureError): void {
    if (this.#failure !== undefined) return;
    this.#failure = failure;
    this.#discard();
    if (!this.#theirsEnded) {
      this.#rejectResult(failure);
      this.#reader?.reject(failure);
      this.#reader = undefined;
    }
    for (const writer of this.#writers.splice(0)) writer.reject(failure);
    this.#abort?.abort(failure);
  }
}
