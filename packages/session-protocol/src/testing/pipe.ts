// One direction of a simulated connection: ordered, delayed, and cut, frozen or swallowed at will.

import type { Encoded } from "../codec.js";
import type { Random } from "./random.js";
import type { Timeline } from "./timeline.js";

export interface PipeOptions {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly deliver: (piece: Encoded) => void;
  /** A slow reader has caught up, after `send` answered false. */
  readonly drained: () => void;
  /** Whether messages may be cut into pieces anywhere, as in a byte stream. */
  readonly isStream: boolean;
}

const inFlightMax = 12;

export class Pipe {
  readonly #options: PipeOptions;
  readonly #queue: Encoded[] = [];
  #lastAt = 0;
  #isFull = false;
  #frozenUntil = 0;
  #isClosed = false;
  latencyMs: number;

  constructor(options: PipeOptions) {
    this.#options = options;
    this.latencyMs = 1 + options.random.below(200);
  }

  get inFlight(): number {
    return this.#queue.length;
  }

  /** False: the pipe is full. A closed pipe swallows, as a half-open connection does. */
  send(message: Encoded): boolean {
    const { timeline, random } = this.#options;
    if (this.#isClosed) {
      // The buffers of a connection that nobody reads fill up too.
      this.#queue.push("");
      return this.#queue.length < inFlightMax;
    }
    this.#queue.push(message);
    const delay = this.latencyMs * (0.5 + random.next());
    this.#lastAt = Math.max(this.#lastAt, timeline.now + delay, this.#frozenUntil);
    timeline.plan(this.#lastAt - timeline.now, () => this.#arrive());
    this.#isFull = this.#queue.length >= inFlightMax;
    return !this.#isFull;
  }

  /** An orderly end: `then` runs when all that was sent has arrived; never, when it is cut first. */
  finish(then: () => void): void {
    const { timeline } = this.#options;
    const wait = (): void => {
      if (this.#isClosed) return;
      if (this.#queue.length > 0) timeline.plan(Math.max(1, this.#lastAt - timeline.now), wait);
      else {
        this.#isClosed = true;
        then();
      }
    };
    timeline.plan(1, wait);
  }

  /** Nothing arrives before `ms` have passed; then everything does. */
  freeze(ms: number): void {
    this.#frozenUntil = Math.max(this.#frozenUntil, this.#options.timeline.now + ms);
  }

  /** What is under way is lost from a random byte on, and all that follows. */
  cut(): void {
    if (this.#isClosed) return;
    const { random, isStream } = this.#options;
    const kept = random.below(this.#queue.length + 1);
    for (let i = 0; i < kept; i += 1) this.#deliver(this.#queue.shift()!);
    const torn = this.#queue[0];
    if (isStream && typeof torn === "string") {
      this.#options.deliver(torn.slice(0, random.below(torn.length)));
    }
    this.#isClosed = true;
    this.#queue.length = 0;
  }

  #arrive(): void {
    if (this.#isClosed) return;
    const { timeline, drained } = this.#options;
    if (timeline.now < this.#frozenUntil) {
      this.#lastAt = Math.max(this.#lastAt, this.#frozenUntil);
      timeline.plan(this.#frozenUntil - timeline.now, () => this.#arrive());
      return;
    }
    const message = this.#queue.shift();
    if (message === undefined) return;
    this.#deliver(message);
    if (this.#isFull && this.#queue.length * 2 < inFlightMax) {
      this.#isFull = false;
      drained();
    }
  }

  #deliver(message: Encoded): void {
    const { random, isStream, deliver } = this.#options;
    if (isStream && typeof message === "string" && random.chance(0.3)) {
      const at = random.below(message.length + 1);
      deliver(message.slice(0, at));
      deliver(message.slice(at));
    } else deliver(message);
  }
}
