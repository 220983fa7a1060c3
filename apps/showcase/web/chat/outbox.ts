// Messages that the server has not confirmed yet. They are sent one after the other, each when the
// one before is confirmed, so that they keep their order however often the connection breaks. The
// id of a message stays the same in every attempt: that is how the server and the other pages know
// a message they already have.
import { type ReadonlySignal, signal } from "@preact/signals";
import { randomId } from "./random-id.js";

/** A person who wrote this much without a connection should be told to wait. */
const pendingMax = 100;

export interface Pending {
  readonly id: string;
  readonly room: string;
  readonly text: string;
  /** When it was written, in milliseconds of `Date.now()`. */
  readonly at: number;
  /** Why the server did not take it. Undefined while it waits for its turn or its receipt. */
  readonly refusal?: string;
}

export class Outbox {
  readonly #pending = signal<readonly Pending[]>([]);
  readonly #send: (message: Pending) => void;
  #inFlight: string | undefined;
  #isOnline = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(send: (message: Pending) => void) {
    this.#send = send;
  }

  /** Oldest first. */
  get pending(): ReadonlySignal<readonly Pending[]> {
    return this.#pending;
  }

  /** @returns false when too much is waiting already */
  add(room: string, text: string): boolean {
    if (this.#pending.value.length >= pendingMax) return false;
    const message = { id: randomId(), room, text, at: Date.now() };
    this.#pending.value = [...this.#pending.value, message];
    this.#sendNext();
    return true;
  }

  /** The server knows who we are: everything unconfirmed goes out again. */
  online(): void {
    this.#isOnline = true;
    this.#inFlight = undefined;
    this.#sendNext();
  }

  offline(): void {
    this.#isOnline = false;
    this.#inFlight = undefined;
    this.#forgetRetry();
  }

  /** The server has it. */
  confirm(id: string): void {
    this.#remove(id);
    this.#proceed(id);
  }

  /** The server will have it later, if it is sent again then. */
  postpone(id: string, waitMs: number): void {
    if (id !== this.#inFlight) return;
    this.#forgetRetry();
    this.#retryTimer = setTimeout(() => {
      this.#retryTimer = undefined;
      this.#proceed(id);
    }, waitMs);
  }

  /** The server does not take it; the writer decides what becomes of it. */
  refuse(id: string, refusal: string): void {
    this.#pending.value = this.#pending.value.map((message) =>
      message.id === id ? { ...message, refusal } : message,
    );
    this.#proceed(id);
  }

  /** Another attempt for one that was refused. */
  retry(id: string): void {
    this.#pending.value = this.#pending.value.map(({ refusal, ...message }) =>
      message.id === id || refusal === undefined ? message : { ...message, refusal },
    );
    this.#sendNext();
  }

  discard(id: string): void {
    this.#remove(id);
    this.#proceed(id);
  }

  #remove(id: string): void {
    this.#pending.value = this.#pending.value.filter((message) => message.id !== id);
  }

  #proceed(id: string): void {
    if (id !== this.#inFlight) return;
    this.#inFlight = undefined;
    this.#forgetRetry();
    this.#sendNext();
  }

  #sendNext(): void {
    if (!this.#isOnline || this.#inFlight !== undefined) return;
    const next = this.#pending.value.find(({ refusal }) => refusal === undefined);
    if (!next) return;
    this.#inFlight = next.id;
    this.#send(next);
  }

  #forgetRetry(): void {
    clearTimeout(this.#retryTimer);
    this.#retryTimer = undefined;
  }
}
