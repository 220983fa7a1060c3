// What a peer sent and no handler has dealt with yet: in order, one at a time, at the peer's rate.
//
// Order. A job starts when the one before it is done, its promise included, so handlers of one peer
// never overlap and see its events in the order in which it sent them. A `concurrent` job starts in
// its turn and does not hold up the next.
//
// Rate. A job over the peer's rate waits, and all after it; nothing is dropped. What does not fit
// into the bounded queue is the owner's to refuse.

import type { Maybe } from "../contract/checker.js";
import type { HubLimits } from "../limits.js";
import { CallRate, type CallRateLimits } from "../time/call-rate.js";

export interface Job {
  /** Bytes that it came in, as far as they are known. */
  readonly bytes: number;
  /** Whether the rate is not asked: for a job of our own. */
  readonly isFree: boolean;
  /** Whether it may run beside the queue. */
  readonly concurrent: boolean;
  /** Must not throw or reject. */
  run(): Maybe<void>;
}

export type InboxLimits = CallRateLimits &
  Pick<HubLimits, "inboxEntries" | "inboxBytes" | "concurrentHandlers">;

/** The hub, as its inboxes know it. */
export interface InboxHub {
  readonly limits: InboxLimits;
  now(): number;
}

/** The queue of all peers for whom nothing waits. Nobody adds to it. */
const noJobs: Job[] = [];

export class Inbox {
  readonly #hub: InboxHub;
  /** Made with the first call: a peer that says nothing has none. */
  #rate: CallRate | undefined;
  #queue: Job[] = noJobs;
  #bytes = 0;
  #running = false;
  #concurrent = 0;
  #readyAt: number | undefined;
  #isPumping = false;
  #isClosed = false;

  constructor(hub: InboxHub) {
    this.#hub = hub;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** When the rate lets the next job start; infinity when none waits for it. */
  get nextTickAt(): number {
    return this.#readyAt ?? Number.POSITIVE_INFINITY;
  }

  /**
   * Whether a call may be handled at this moment: nothing is before it, and its rate lets it. It is then
   * paid for, and `started` must follow. So the usual call needs no job.
   */
  starts(bytes: number, concurrent: boolean): boolean {
    if (this.#running || this.#isPumping || this.#isClosed || this.#queue.length > 0) return false;
    if (!this.#mayStart(bytes, false, concurrent)) return false;
    this.#isPumping = true;
    return true;
  }

  /** The call that `starts` let start was begun; its work must not reject. */
  started(work: Maybe<void>, concurrent: boolean): void {
    this.#isPumping = false;
    if (work !== undefined) this.#follow(work, concurrent);
    if (this.#queue.length > 0) this.pump();
  }

  /** False when the queue is full: the job was not taken. */
  push(job: Job): boolean {
    if (this.#isClosed) return true;
    const { inboxEntries, inboxBytes } = this.#hub.limits;
    const isFull = this.#queue.length >= inboxEntries || this.#bytes + job.bytes > inboxBytes;
    // A single message may be larger than the queue's bytes.
    if (isFull && this.#queue.length > 0) return false;
    if (this.#queue === noJobs) this.#queue = [job];
    else this.#queue.push(job);
    this.#bytes += job.bytes;
    this.pump();
    return true;
  }

  /** Starts what may start now. */
  pump(): void {
    if (this.#isPumping) return;
    this.#isPumping = true;
    while (!this.#running && !this.#isClosed) {
      const job = this.#queue[0];
      if (job === undefined || !this.#mayStart(job.bytes, job.isFree, job.concurrent)) break;
      this.#queue.shift();
      if (this.#queue.length === 0) this.#queue = noJobs;
      this.#bytes -= job.bytes;
      const work = job.run();
      if (work !== undefined) this.#follow(work, job.concurrent);
    }
    this.#isPumping = false;
  }

  /** Forgets what waits; what runs goes on by itself. */
  close(): void {
    this.#isClosed = true;
    this.#queue = noJobs;
    this.#bytes = 0;
    this.#readyAt = undefined;
  }

  #mayStart(bytes: number, isFree: boolean, concurrent: boolean): boolean {
    this.#readyAt = undefined;
    if (concurrent && this.#concurrent >= this.#hub.limits.concurrentHandlers) return false;
    if (isFree) return true;
    const now = this.#hub.now();
    this.#rate ??= new CallRate(this.#hub.limits, now);
    const waitMs = this.#rate.take(bytes, now);
    if (waitMs > 0) this.#readyAt = now + waitMs;
    return waitMs === 0;
  }

  #follow(work: Promise<void>, concurrent: boolean): void {
    if (concurrent) {
      this.#concurrent += 1;
      work.then(() => {
        this.#concurrent -= 1;
        this.pump();
      });
      return;
    }
    this.#running = true;
    work.then(() => {
      this.#running = false;
      this.pump();
    });
  }
}
