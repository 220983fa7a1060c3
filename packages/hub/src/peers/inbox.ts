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
import { TokenBucket } from "../time/token-bucket.js";

export interface Job {
  /** Bytes that it came in, as far as they are known. */
  readonly bytes: number;
  /** How many tokens of the events' rate it costs; 0 for a job of our own. */
  readonly cost: number;
  /** Whether it may run beside the queue. */
  readonly concurrent: boolean;
  /** Must not throw or reject. */
  run(): Maybe<void>;
}

export type InboxLimits = Pick<
  HubLimits,
  | "inboxEntries"
  | "inboxBytes"
  | "eventsPerSecond"
  | "eventsBurst"
  | "bytesPerSecond"
  | "bytesBurst"
  | "concurrentHandlers"
>;

export class Inbox {
  readonly #limits: InboxLimits;
  // Made with the first job that costs anything: a peer that says nothing has none.
  #events: TokenBucket | undefined;
  #bytesRate: TokenBucket | undefined;
  readonly #now: () => number;
  readonly #queue: Job[] = [];
  #bytes = 0;
  #running = false;
  #concurrent = 0;
  #readyAt: number = Number.POSITIVE_INFINITY;
  #isPumping = false;
  #isClosed = false;

  constructor(limits: InboxLimits, now: () => number) {
    this.#limits = limits;
    this.#now = now;
  }

  get size(): number {
    return this.#queue.length;
  }

  /** When the rate lets the next job start; infinity when none waits for it. */
  get nextTickAt(): number {
    return this.#readyAt;
  }

  /** False when the queue is full: the job was not taken. */
  push(job: Job): boolean {
    if (this.#isClosed) return true;
    const { inboxEntries, inboxBytes } = this.#limits;
    const isFull = this.#queue.length >= inboxEntries || this.#bytes + job.bytes > inboxBytes;
    // A single message may be larger than the queue's bytes.
    if (isFull && this.#queue.length > 0) return false;
    this.#queue.push(job);
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
      if (job === undefined || !this.#mayStart(job)) break;
      this.#queue.shift();
      this.#bytes -= job.bytes;
      this.#start(job);
    }
    this.#isPumping = false;
  }

  /** Forgets what waits; what runs goes on by itself. */
  close(): void {
    this.#isClosed = true;
    this.#queue.length = 0;
    this.#bytes = 0;
    this.#readyAt = Number.POSITIVE_INFINITY;
  }

  #mayStart(job: Job): boolean {
    this.#readyAt = Number.POSITIVE_INFINITY;
    if (job.concurrent && this.#concurrent >= this.#limits.concurrentHandlers) return false;
    if (job.cost === 0) return true;
    const now = this.#now();
    const events = this.#eventsBucket(now);
    const bytes = this.#bytesBucket(now);
    const at = Math.max(events.readyAt(job.cost, now), bytes.readyAt(job.bytes, now));
    if (at > now) {
      this.#readyAt = at;
      return false;
    }
    events.spend(job.cost);
    bytes.spend(job.bytes);
    return true;
  }

  #eventsBucket(now: number): TokenBucket {
    const { eventsPerSecond: perSecond, eventsBurst: burst } = this.#limits;
    this.#events ??= new TokenBucket({ perSecond, burst }, now);
    return this.#events;
  }

  #bytesBucket(now: number): TokenBucket {
    const { bytesPerSecond: perSecond, bytesBurst: burst } = this.#limits;
    this.#bytesRate ??= new TokenBucket({ perSecond, burst }, now);
    return this.#bytesRate;
  }

  #start(job: Job): void {
    const work = job.run();
    if (work === undefined) return;
    if (job.concurrent) {
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
