// A stream as the application holds it: write with backpressure, read with `for await`.

import type { Stream, StreamHandler } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";
import type { Core } from "./core.js";

interface Waiter {
  resolve(): void;
  reject(error: ClientError): void;
}

/**
 * Many items in both directions, with credit (PROTOCOL.md §8.3): `write` waits until the other side
 * can take more, and what is not read here is not sent there. Survives dropped links; after `gap` or
 * the loss of the session it is cancelled with that code.
 */
export class ClientStream<Sent = unknown, Received = unknown> implements AsyncIterable<Received> {
  readonly name: string;
  /** The last word of the other side, when it ends. Rejects when the stream is cancelled. */
  readonly result: Promise<unknown>;
  /** Of the client: what the session's stream reports. */
  readonly handler: StreamHandler;
  readonly #core: Core;
  /** Whether a handler's end decides what becomes of it. */
  readonly #isHandled: boolean;
  #stream: Stream | undefined;
  /** At most the credit that was granted. */
  #items: unknown[] = [];
  #readers: Waiter[] = [];
  #writers: Waiter[] = [];
  #resolve!: (value: unknown) => void;
  #reject!: (error: ClientError) => void;
  #error: ClientError | undefined;
  #isEnded = false;
  #theirsEnded = false;
  /** What `end` was told, for a stream that is not open yet. */
  #lastWord: { data: unknown } | undefined;

  constructor(name: string, core: Core, isHandled: boolean = false) {
    this.name = name;
    this.#core = core;
    this.#isHandled = isHandled;
    this.result = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    // Who does not ask for the result is not told by an unhandled rejection.
    this.result.catch(() => {});
    this.handler = {
      data: (data) => {
        this.#items.push(data);
        wake(this.#readers.splice(0));
      },
      credit: () => wake(this.#writers.splice(0)),
      end: (data) => {
        this.#theirsEnded = true;
        this.#resolve(data);
        wake(this.#readers.splice(0));
      },
      cancel: (code, message) => this.#fail(code, message),
    };
  }

  /** Whether nothing more can be written or will arrive. */
  get isOver(): boolean {
    return this.#error !== undefined || (this.#isEnded && this.#theirsEnded);
  }

  /** How many items may be written at once now. */
  get credit(): number {
    return this.#stream?.credit ?? 0;
  }

  /** Resolves when the item was taken; waits for credit, and for a link. Rejects when it is over. */
  async write(item: Sent): Promise<void> {
    const valid = this.#core.schemas.validate("streams", this.name, "up", item);
    if (valid instanceof Promise) await valid;
    // Who waits longer goes first.
    if (this.#writers.length > 0) await this.#wait(this.#writers);
    for (;;) {
      if (this.#error) throw this.#error;
      if (this.#isEnded) throw new ClientError("closed", "The stream was ended.");
      if (this.#stream?.send(item)) break;
      await this.#wait(this.#writers);
    }
    if (this.credit > 0) this.#writers.shift()?.resolve();
    this.#core.settle();
  }

  /** No more items from here; `data` is a last word. What comes from there is still read. */
  end(data?: unknown): void {
    if (this.#isEnded || this.#error) return;
    // Throws for a word that cannot be sent, open or not yet; the stream may be cancelled then.
    this.#core.encode({ type: "end", stream: 1, data });
    this.#lastWord = { data };
    this.#stream?.end(data);
    this.#isEnded = true;
    this.#core.settle();
  }

  /** Over, both ways, at once. */
  cancel(code = "cancelled", message = ""): void {
    if (this.isOver) return;
    this.#stream?.cancel(code, message);
    this.#fail(code, message);
    this.#core.settle();
  }

  /**
   * Items in order until the other side ends. Leaving the loop early cancels the stream: at once, or
   * when the handler that took it is done.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Received, void, undefined> {
    let isDone = false;
    try {
      for (;;) {
        while (this.#items.length > 0) {
          const item = await this.#core.schemas.validate(
            "streams",
            this.name,
            "down",
            this.#items.shift(),
          );
          this.#stream?.consumed(1);
          this.#core.settle();
          yield item as Received;
        }
        // What comes after their end is about our items alone.
        if (this.#theirsEnded) break;
        if (this.#error) throw this.#error;
        await this.#wait(this.#readers);
      }
      isDone = true;
    } finally {
      // A handler may be about to throw with a better reason, or to answer its last word.
      if (!isDone && !this.#isHandled) this.cancel();
    }
  }

  /** Of the client: the session's stream, once it is open. */
  attach(stream: Stream): void {
    this.#stream = stream;
    wake(this.#writers.splice(0));
    if (this.#lastWord) stream.end(this.#lastWord.data);
  }

  #fail(code: string, message: string): void {
    if (this.isOver) return;
    this.#error = new ClientError(code, message || `The stream was ended: ${code}`);
    this.#reject(this.#error);
    // Waiters look at the error themselves.
    wake(this.#writers.splice(0));
    wake(this.#readers.splice(0));
  }

  #wait(queue: Waiter[]): Promise<void> {
    return new Promise((resolve, reject) => queue.push({ resolve, reject }));
  }
}

function wake(waiters: readonly Waiter[]): void {
  for (const waiter of waiters) waiter.resolve();
}
