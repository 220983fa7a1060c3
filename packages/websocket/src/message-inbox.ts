/**
 * The messages that wait for one `for await` loop. It holds reading while much waits, so that a slow
 * loop slows the peer down instead of filling the memory.
 */
import { INBOX_BYTES_MAX, INBOX_MESSAGES_MAX } from "./socket-limits.js";
import { Takers } from "./takers.js";

/** A socket whose reading can be stopped. */
export interface Holdable {
  hold(): void;
  release(): void;
}

type Message = string | Uint8Array;

export class MessageInbox implements AsyncIterableIterator<Message, undefined, unknown> {
  readonly #socket: Holdable;
  readonly #onDone: (inbox: MessageInbox) => void;
  #messages: Message[] = [];
  /** `#messages` from here on have not been taken. */
  #first = 0;
  #bytes = 0;
  readonly #takers = new Takers<Message>();
  #holding = false;

  /** @internal */
  constructor(socket: Holdable, onDone: (inbox: MessageInbox) => void) {
    this.#socket = socket;
    this.#onDone = onDone;
  }

  /** @internal */
  add(message: Message): void {
    if (this.#takers.ended || this.#takers.give(message)) return;
    this.#messages.push(message);
    this.#bytes += message.length;
    if (!this.#holding && this.#isFull) {
      this.#holding = true;
      this.#socket.hold();
    }
  }

  /** @internal What waits is still given out, then `error`, if there is one, once. */
  end(error: Error | undefined): void {
    if (this.#takers.ended) return;
    this.#letGo();
    this.#takers.end(error);
  }

  next(): Promise<IteratorResult<Message, undefined>> {
    if (this.#first < this.#messages.length) {
      return Promise.resolve({ done: false, value: this.#take() });
    }
    return this.#takers.wait();
  }

  /** Leaves the loop: what waits is dropped, and reading is no longer held by it. */
  return(): Promise<IteratorResult<Message, undefined>> {
    this.#messages = [];
    this.#first = 0;
    this.#bytes = 0;
    if (!this.#takers.ended) {
      this.#onDone(this);
      this.end(undefined);
    }
    this.#letGo();
    return this.#takers.leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  get #isFull(): boolean {
    return (
      this.#messages.length - this.#first >= INBOX_MESSAGES_MAX || this.#bytes >= INBOX_BYTES_MAX
    );
  }

  #take(): Message {
    const message = this.#messages[this.#first]!;
    this.#messages[this.#first++] = "";
    this.#bytes -= message.length;
    if (this.#first === this.#messages.length) {
      this.#messages = [];
      this.#first = 0;
      // Refilled when it is empty, not at each message: one read brings many.
      this.#letGo();
    }
    return message;
  }

  #letGo(): void {
    if (!this.#holding) return;
    this.#holding = false;
    this.#socket.release();
  }
}
