/**
 * What all connections of a process share of zlib: the memory that its states may take, the states
 * that are idle between messages, and the places in the thread pool.
 */
import {
  type DeflateBudgetOptions,
  PROMISED_SHARE_MAX,
  resolveBudgetOptions,
} from "./deflate-limits.js";
import { JobQueue } from "./job-queue.js";
import { MemoryCeiling, type Reclaimable } from "./memory-ceiling.js";
import { hasSpotAccess } from "./spot-access.js";
import { stateBytes, type ZlibSettings, ZlibState } from "./zlib-state.js";

/**
 * A bound for the zlib states of all connections that share it. Memory at its limit: outgoing
 * messages are sent uncompressed, incoming ones wait for their turn; states that are only kept for
 * a next message are given up first, least recently used first.
 */
export class DeflateBudget {
  /** For `@tidewire/websocket` itself. */
  readonly memory: MemoryCeiling;
  /** For `@tidewire/websocket` itself. */
  readonly jobs: JobQueue;
  readonly onTheSpot: boolean;
  readonly waitMs: number;

  readonly #idle: IdleStates;
  #promisedBytes = 0;

  /** @throws {RangeError} when an option is out of its range. */
  constructor(options: DeflateBudgetOptions = {}) {
    const { memoryBytesMax, jobsMax, idleStatesMax, idleMs, waitMs } =
      resolveBudgetOptions(options);
    this.memory = new MemoryCeiling(memoryBytesMax);
    this.jobs = new JobQueue(jobsMax);
    this.onTheSpot = options.onTheSpot ?? hasSpotAccess();
    this.waitMs = waitMs;
    this.#idle = new IdleStates(this.memory, idleStatesMax, idleMs);
  }

  /** Bytes that zlib states take now, idle ones included. */
  get memoryBytes(): number {
    return this.memory.used;
  }

  /** The most bytes that zlib states ever took. */
  get memoryBytesPeak(): number {
    return this.memory.peak;
  }

  /** States kept for whoever needs one next. */
  get idleStates(): number {
    return this.#idle.count;
  }

  /** Whether another window of this size may be promised to a connection for its life. */
  canPromise(windowBytes: number): boolean {
    return this.#promisedBytes + windowBytes <= this.memory.bytesMax * PROMISED_SHARE_MAX;
  }

  /** Counts a window that a connection may need from now on; a negative number takes it back. */
  promise(windowBytes: number): void {
    this.#promisedBytes += windowBytes;
  }

  /** What a state of these settings is counted as. */
  bytesOf(settings: ZlibSettings): number {
    return stateBytes(settings, this.onTheSpot);
  }

  /** A state without history, or `undefined` when there is no memory for one. */
  acquire(settings: ZlibSettings): ZlibState | undefined {
    const idle = this.#idle.take(settings);
    if (idle !== undefined) return idle;
    return this.memory.take(this.bytesOf(settings)) ? this.create(settings) : undefined;
  }

  /** A state for which the memory has been taken; gives it back when there is none after all. */
  create(settings: ZlibSettings): ZlibState | undefined {
    try {
      return new ZlibState(settings, this.onTheSpot);
    } catch {
      this.memory.give(this.bytesOf(settings));
      return undefined;
    }
  }

  /** Another state in the place of one that cannot go on; `undefined` when zlib has no memory. */
  replace(state: ZlibState): ZlibState | undefined {
    state.close();
    return this.create(state.settings);
  }

  /** Takes back a state that nobody uses any more, for whoever needs one next. */
  release(state: ZlibState): void {
    if (state.broken || !this.#idle.put(state)) this.discard(state);
  }

  /** Frees a state. */
  discard(state: ZlibState): void {
    state.close();
    this.memory.give(this.bytesOf(state.settings));
  }

  /** Frees the idle states. */
  releaseIdle(): void {
    this.#idle.clear();
  }
}

let shared: DeflateBudget | undefined;

/** The budget of everything that is not given another. */
export function sharedDeflateBudget(): DeflateBudget {
  shared ??= new DeflateBudget();
  return shared;
}

/** Few and of few kinds, so that a list is searched faster than a map. */
class IdleStates implements Reclaimable {
  readonly #memory: MemoryCeiling;
  readonly #countMax: number;
  readonly #idleMs: number;
  readonly #states: ZlibState[] = [];
  #timer: NodeJS.Timeout | undefined;
  #used = false;

  constructor(memory: MemoryCeiling, countMax: number, idleMs: number) {
    this.#memory = memory;
    this.#countMax = countMax;
    this.#idleMs = idleMs;
  }

  get count(): number {
    return this.#states.length;
  }

  take(settings: ZlibSettings): ZlibState | undefined {
    const states = this.#states;
    for (let i = states.length - 1; i >= 0; i--) {
      const state = states[i]!;
      if (!isSame(state.settings, settings)) continue;
      const top = states.pop()!;
      if (top !== state) states[i] = top;
      this.#used = true;
      return state;
    }
    return undefined;
  }

  put(state: ZlibState): boolean {
    if (this.#states.length >= this.#countMax || this.#memory.waiting > 0) return false;
    state.reset();
    if (this.#states.push(state) === 1) this.#memory.rest(this);
    this.#timer ??= setInterval(() => this.#expire(), this.#idleMs).unref();
    return true;
  }

  reclaim(): void {
    this.clear();
  }

  clear(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#memory.rouse(this);
    for (const state of this.#states.splice(0)) {
      state.close();
      this.#memory.give(stateBytes(state.settings, state.onTheSpot));
    }
  }

  /** One timer for all: a whole period without use frees them. */
  #expire(): void {
    if (!this.#used) this.clear();
    this.#used = false;
  }
}

function isSame(one: ZlibSettings, other: ZlibSettings): boolean {
  return (
    one === other ||
    (one.kind === other.kind &&
      one.windowBits === other.windowBits &&
      one.level === other.level &&
      one.memLevel === other.memLevel)
  );
}
