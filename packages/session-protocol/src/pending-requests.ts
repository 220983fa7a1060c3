// Requests of ours that wait for an answer (PROTOCOL.md §8.2). Sits above the session, on both sides.

import type { Failure, Reply } from "./packet.js";

interface Pending {
  readonly settle: (answer: Reply | Failure) => void;
  readonly deadline: number;
  position: number;
}

/** A bounded table of pending requests with deadlines. Every request is settled exactly once. */
export class PendingRequests {
  readonly #pending = new Map<number, Pending>();
  readonly #max: number;
  #lastId = 0;
  #earliest: number = Number.POSITIVE_INFINITY;

  /** `max` is `limits.requests`. */
  constructor(max: number) {
    this.#max = max;
  }

  get size(): number {
    return this.#pending.size;
  }

  /** When `tick` is wanted next; may be early, never late. */
  get nextTickAt(): number {
    return this.#earliest;
  }

  /**
   * Takes an id for a request; undefined when `max` are pending. `settle` is called once, with the
   * answer or with a failure of our own (`timeout`, `gap`, `lost`). Give `id` to use one id for many
   * sessions. `timeoutMs` may be infinite.
   */
  open(
    now: number,
    timeoutMs: number,
    settle: (answer: Reply | Failure) => void,
    id: number = this.#lastId + 1,
  ): number | undefined {
    if (this.#pending.size >= this.#max || this.#pending.has(id)) return undefined;
    this.#lastId = Math.max(this.#lastId, id);
    const deadline = now + timeoutMs;
    this.#pending.set(id, { settle, deadline, position: Number.POSITIVE_INFINITY });
    this.#earliest = Math.min(this.#earliest, deadline);
    return id;
  }

  /** Notes at which position of the log the request stands, for `failBelow`. */
  sentAt(id: number, position: number): void {
    const pending = this.#pending.get(id);
    if (pending !== undefined) pending.position = position;
  }

  /** An answer arrived; false when nobody waits for it any more, which is no error. */
  settle(answer: Reply | Failure): boolean {
    const pending = this.#pending.get(answer.id);
    if (pending === undefined) return false;
    this.#pending.delete(answer.id);
    pending.settle(answer);
    return true;
  }

  /** Stops waiting, without calling `settle`; the caller sends `abort`. */
  cancel(id: number): boolean {
    return this.#pending.delete(id);
  }

  /**
   * After a `gap`. Client: fails what the other side had received, below `welcome.received` (§5.7).
   * Server: fails what was evicted, from `from` on; what arrived before can still be answered.
   */
  failBelow(position: number, code: string, message: string, from = 0): void {
    for (const [id, pending] of this.#pending) {
      if (pending.position < position && pending.position >= from)
        this.settle({ type: "failure", id, code, message });
    }
  }

  /** Fails everything: the session is over, or another one began. */
  failAll(code: string, message: string): void {
    this.failBelow(Number.POSITIVE_INFINITY, code, message);
    for (const id of this.#pending.keys()) this.settle({ type: "failure", id, code, message });
  }

  /** Fails what is overdue with `timeout`; answers their ids, for which to send `abort`. */
  tick(now: number): number[] {
    if (now < this.#earliest) return [];
    const overdue: number[] = [];
    this.#earliest = Number.POSITIVE_INFINITY;
    for (const [id, pending] of this.#pending) {
      if (pending.deadline <= now) overdue.push(id);
      else this.#earliest = Math.min(this.#earliest, pending.deadline);
    }
    for (const id of overdue) {
      const message = "no answer in time";
      this.settle({ type: "failure", id, code: "timeout", message });
    }
    return overdue;
  }
}
