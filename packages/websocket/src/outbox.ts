/**
 * What waits behind a message that takes time to send: a Blob that is being read, a stream, or a
 * message sent in fragments. A socket has an outbox only while there is such a message.
 */
import { createDeferred, type Deferred, quiet } from "./deferred.js";
import { OUTBOX_ENTRY_BYTES } from "./socket-limits.js";

/** Resolves when the send queue has room again; `undefined` while it has. */
type Room = Promise<void> | undefined;

interface Job {
  readonly bytes: number;
  readonly run: () => Room;
  /** Set instead of `run` where those behind it wait until it was handed over. */
  readonly runSlowly: (() => Promise<() => Room>) | undefined;
  readonly done: Deferred<void>;
}

export class Outbox {
  /** Bytes of the messages that wait. */
  payloadBytes = 0;

  readonly #onEmpty: () => void;
  #jobs: Job[] = [];
  #current: Job | undefined;
  #held = false;
  #draining = false;
  #aborted = false;

  /** `onEmpty` is called each time nothing waits any more. */
  constructor(onEmpty: () => void) {
    this.#onEmpty = onEmpty;
  }

  /** What the waiting messages cost: their bytes, and a share for each. */
  get heldBytes(): number {
    return this.payloadBytes + this.#jobs.length * OUTBOX_ENTRY_BYTES;
  }

  /** Whether a message of the user's own fragments is being sent. */
  get held(): boolean {
    return this.#held;
  }

  /** Keeps all that is added waiting until `release`. */
  hold(): void {
    this.#held = true;
  }

  release(): void {
    this.#held = false;
    this.#next();
  }

  /** Runs `run` when everything before it was handed over; the promise settles as its does. */
  add(bytes: number, run: () => Room): Promise<void> {
    return this.#add({ bytes, run, runSlowly: undefined, done: createDeferred() });
  }

  /**
   * The same for what takes time before it can be handed over, which is what the result does: all
   * that is added later waits for it.
   */
  addSlow(bytes: number, runSlowly: () => Promise<() => Room>): Promise<void> {
    return this.#add({ bytes, run: nothing, runSlowly, done: createDeferred() });
  }

  /** Nothing more will be sent; `reason` is what the message that was under way is told. */
  abort(error: Error, reason: unknown = error): void {
    this.#aborted = true;
    const jobs = this.#jobs;
    this.#jobs = [];
    this.payloadBytes = 0;
    this.#current?.done.reject(reason);
    this.#current = undefined;
    for (const job of jobs) job.done.reject(error);
  }

  #add(job: Job): Promise<void> {
    this.payloadBytes += job.bytes;
    this.#jobs.push(job);
    this.#next();
    return quiet(job.done.promise);
  }

  #next(): void {
    if (this.#draining) return;
    this.#draining = true;
    let from = 0;
    while (from < this.#jobs.length && !this.#held && this.#current === undefined) {
      const job = this.#jobs[from++]!;
      if (job.runSlowly !== undefined) this.#runSlowly(job, job.runSlowly);
      else this.#handOver(job, job.run);
    }
    this.#draining = false;
    if (this.#aborted) return;
    if (from > 0) this.#jobs.splice(0, from);
    if (this.#jobs.length === 0 && this.#current === undefined && !this.#held) this.#onEmpty();
  }

  #runSlowly(job: Job, runSlowly: () => Promise<() => Room>): void {
    this.#current = job;
    runSlowly().then(
      (run) => this.#finish(job, run),
      (error: unknown) =>
        this.#finish(job, () => {
          throw error;
        }),
    );
  }

  #finish(job: Job, run: () => Room): void {
    if (this.#aborted) return;
    this.#current = undefined;
    this.#handOver(job, run);
    this.#next();
  }

  #handOver(job: Job, run: () => Room): void {
    this.payloadBytes -= job.bytes;
    try {
      job.done.resolve(run());
    } catch (error) {
      job.done.reject(error);
    }
  }
}

function nothing(): undefined {
  return undefined;
}
