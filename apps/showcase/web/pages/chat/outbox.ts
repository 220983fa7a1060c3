// Messages that the server has not confirmed yet. They are sent one after the other, each when the
// one before is confirmed, so that they keep their order whatever becomes of the connection. The
// client would keep them as well, but it cannot know that after a restart of the server the rooms
// have to be joined again first, and a person wants to see what is unsent. The id of a message stays
// the same in every attempt: that is how the server and the other pages know one they already have.
import { type ReadonlySignal, signal } from "@preact/signals";
import { randomId } from "../../session/tab-token.js";

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

/** What became of an attempt. */
export type Outcome =
  | { readonly type: "said" }
  /** Nobody knows whether it was said, or it came too early: it is to be sent again. */
  | { readonly type: "again"; readonly waitMs: number }
  | { readonly type: "refused"; readonly reason: string };

export class Outbox {
  readonly #pending = signal<readonly Pending[]>([]);
  readonly #send: (message: Pending) => Promise<Outcome>;
  #inFlight: string | undefined;
  #isOnline = false;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  /** @param send must not reject */
  constructor(send: (message: Pending) => Promise<Outcome>) {
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

  /** What is unconfirmed may go out. */
  online(): void {
    this.#isOnline = true;
    this.#sendNext();
  }

  /** Nothing more goes out; what is on its way may still arrive, with the same session. */
  offline(): void {
    this.#isOnline = false;
  }

  /** The server has it. */
  confirm(id: string): void {
    this.#pending.value = this.#pending.value.filter((message) => message.id !== id);
  }

  /** Another attempt for one that was refused. */
  retry(id: string): void {
    this.#pending.value = this.#pending.value.map(({ refusal, ...message }) =>
      message.id === id || refusal === undefined ? message : { ...message, refusal },
    );
    this.#sendNext();
  }

  discard(id: string): void {
    this.confirm(id);
  }

  async #sendNext(): Promise<void> {
    if (!this.#isOnline || this.#inFlight !== undefined || this.#retryTimer !== undefined) return;
    const next = this.#pending.value.find(({ refusal }) => refusal === undefined);
    if (next === undefined) return;
    this.#inFlight = next.id;
    const outcome = await this.#send(next);
    this.#inFlight = undefined;
    if (outcome.type === "said") this.confirm(next.id);
    else if (outcome.type === "refused") this.#refuse(next.id, outcome.reason);
    else if (outcome.waitMs > 0) {
      this.#retryTimer = setTimeout(() => {
        this.#retryTimer = undefined;
        this.#sendNext();
      }, outcome.waitMs);
    }
    this.#sendNext();
  }

  /** The writer decides what becomes of it. */
  #refuse(id: string, refusal: string): void {
    this.#pending.value = this.#pending.value.map((message) =>
      message.id === id ? { ...message, refusal } : message,
    );
  }
}
