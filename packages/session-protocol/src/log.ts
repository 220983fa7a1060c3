// One direction of a session, as its sender keeps it: the entries that are not acknowledged yet.

import type { Entry } from "./entry.js";
import type { Limits } from "./limits.js";

/** How much a log may retain. */
type LogBudget = Pick<Limits, "logBytes" | "logEntries">;

const capacityMin = 8;
// The ring of all who have sent nothing yet; one with a capacity takes its place at the first push.
const nothing: never[] = [];

/** A ring of entries between two positions. Positions only grow. */
export class Log {
  /** Position of the oldest entry kept. */
  base = 0;
  /** Position that the next entry will get; also how many there ever were. */
  head = 0;
  /** Bytes of the entries kept. */
  bytes = 0;
  #budget: LogBudget;
  #entries: (Entry | undefined)[] = nothing;
  #times: number[] = nothing;

  constructor(budget: LogBudget) {
    this.#budget = budget;
  }

  /** Keeps to the smaller of the budget so far and another; what is kept already stays. */
  restrict(other: LogBudget): void {
    this.#budget = {
      logBytes: Math.min(this.#budget.logBytes, other.logBytes),
      logEntries: Math.min(this.#budget.logEntries, other.logEntries),
    };
  }

  fits(entry: Entry): boolean {
    const { logBytes, logEntries } = this.#budget;
    return this.bytes + entry.size <= logBytes && this.head - this.base < logEntries;
  }

  /** Whether half of the budget is taken: time to ask for an acknowledgement (§7.1). */
  get isHalfFull(): boolean {
    const { logBytes, logEntries } = this.#budget;
    return this.bytes * 2 > logBytes || (this.head - this.base) * 2 > logEntries;
  }

  /** Appends, and answers the entry's position. The caller has asked `fits`. */
  push(entry: Entry, time: number): number {
    if (this.head - this.base === this.#entries.length) this.#resize(this.#entries.length * 2);
    const slot = this.head & (this.#entries.length - 1);
    this.#entries[slot] = entry;
    this.#times[slot] = time;
    this.bytes += entry.size;
    return this.head++;
  }

  /** The entry at a position between `base` and `head`. */
  at(position: number): Entry {
    return this.#entries[position & (this.#entries.length - 1)]!;
  }

  /** When the entry at a position was pushed. */
  timeAt(position: number): number {
    return this.#times[position & (this.#entries.length - 1)]!;
  }

  replace(position: number, entry: Entry): void {
    this.bytes += entry.size - this.at(position).size;
    this.#entries[position & (this.#entries.length - 1)] = entry;
  }

  some(test: (entry: Entry) => boolean): boolean {
    for (let position = this.base; position < this.head; position += 1) {
      if (test(this.at(position))) return true;
    }
    return false;
  }

  /**
   * Forgets what is below a position; a position below `base` changes nothing. `slack` is how many times
   * the least capacity may stay although it is empty: what fills up between two acknowledgements is not
   * given back each time.
   */
  forget(position: number, slack: number = 16): void {
    while (this.base < position && this.base < this.head) {
      const slot = this.base & (this.#entries.length - 1);
      this.bytes -= this.#entries[slot]!.size;
      this.#entries[slot] = undefined;
      this.base += 1;
    }
    const kept = this.head - this.base;
    if (this.#entries.length > capacityMin * slack && kept * 8 < this.#entries.length) {
      this.#resize(this.#entries.length / 4);
    }
  }

  /** Takes all entries out and begins anew at position 0. */
  clear(): Entry[] {
    const entries: Entry[] = [];
    for (let position = this.base; position < this.head; position += 1) {
      entries.push(this.at(position));
    }
    this.base = 0;
    this.head = 0;
    this.bytes = 0;
    this.#entries = nothing;
    this.#times = nothing;
    return entries;
  }

  #resize(wanted: number): void {
    const capacity = Math.max(capacityMin, wanted);
    const entries = new Array<Entry | undefined>(capacity);
    const times = new Array<number>(capacity);
    for (let position = this.base; position < this.head; position += 1) {
      entries[position & (capacity - 1)] = this.at(position);
      times[position & (capacity - 1)] = this.timeAt(position);
    }
    this.#entries = entries;
    this.#times = times;
  }
}
