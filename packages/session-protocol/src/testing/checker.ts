// The witness: it knows what each side was given, and judges what the other side got.
//
// Each up entry carries a number that only grows over the whole life of a client, across sessions.
// Each down entry carries its session's serial number and its position. From these follow: no loss,
// no duplicate, order, and whether an answer was true, without asking the engine.

import type { Linked } from "../session-handler.js";

/** A broken promise. `message` says which. */
export class Violation extends Error {
  constructor(message: string) {
    super(message);
    this.name = "Violation";
  }
}

/** What the server's end of one session was seen to do. */
export interface SessionRecord {
  readonly serial: number;
  /** Entries that the server applied. */
  applied: number;
  /** Positions that the server has sent so far. */
  sent: number;
  /** Whether the server has ended it. */
  ended: boolean;
}

export class Checker {
  readonly counts = {
    up: 0,
    down: 0,
    volatile: 0,
    fresh: 0,
    resumed: 0,
    gap: 0,
    lost: 0,
    unknown: 0,
    moved: 0,
    refused: 0,
    overflow: 0,
  };
  /** Numbers of the up entries by position in the client's present log. */
  #upNumbers = new Map<number, number>();
  #lastApplied = -1;
  #downExpected = 0;
  #record: SessionRecord | undefined;

  /** The client appended an entry. */
  upSent(position: number, number: number): void {
    if (position < 0) return;
    if (this.#upNumbers.has(position)) throw new Violation(`up position ${position} given twice`);
    this.#upNumbers.set(position, number);
  }

  /** The log was full: the position was not given after all. */
  upRefused(position: number): void {
    this.#upNumbers.delete(position);
  }

  /** Everything has arrived: nothing may be missing. */
  settled(record: SessionRecord | undefined, upSent: number): void {
    if (record === undefined || record !== this.#record) throw new Violation("the wrong session");
    if (record.applied !== upSent) {
      throw new Violation(`${record.applied} of ${upSent} up entries were applied`);
    }
    if (this.#downExpected !== record.sent) {
      throw new Violation(`${this.#downExpected} of ${record.sent} down entries were applied`);
    }
    if (this.#upNumbers.size > 0) throw new Violation("up entries are left over");
  }

  /** The server applied an entry of the client. */
  upApplied(record: SessionRecord, number: number): void {
    if (number <= this.#lastApplied) {
      throw new Violation(`up entry ${number} applied twice or late, after ${this.#lastApplied}`);
    }
    if (record === this.#record) {
      const wanted = this.#upNumbers.get(record.applied);
      if (wanted !== number) {
        throw new Violation(`up position ${record.applied} is ${number}, not ${wanted}`);
      }
      this.#upNumbers.delete(record.applied);
    }
    record.applied += 1;
    this.#lastApplied = number;
    this.counts.up += 1;
  }

  /** The client saw an acknowledgement. */
  upAcknowledged(count: number): void {
    if (this.#record !== undefined && count > this.#record.applied) {
      throw new Violation(`ack of ${count}, but only ${this.#record.applied} were applied`);
    }
  }

  /** The server saw an acknowledgement of its entries. */
  downAcknowledged(record: SessionRecord, count: number): void {
    if (record === this.#record && count > this.#downExpected) {
      throw new Violation(`ack of ${count}, but the client has only ${this.#downExpected}`);
    }
  }

  /** The client got an entry of the server. */
  downApplied(serial: number, position: number): void {
    const record = this.#record;
    if (record === undefined || serial !== record.serial) {
      throw new Violation(`a down entry of session ${serial} in session ${record?.serial}`);
    }
    if (position !== this.#downExpected) {
      throw new Violation(`down position ${position} where ${this.#downExpected} was due`);
    }
    this.#downExpected += 1;
    this.counts.down += 1;
  }

  /** The client was told how its session goes on. `retainedFrom` is the server's oldest entry. */
  answered(linked: Linked, record: SessionRecord | undefined, retainedFrom: number): void {
    if (record === undefined) throw new Violation("a welcome to a session that nobody has");
    this.counts[linked.answer] += 1;
    this.counts.lost += linked.lost;
    this.counts.unknown += linked.unknown.length;
    if (linked.answer === "fresh") {
      this.#startAnew(linked, record);
      return;
    }
    if (record !== this.#record) throw new Violation(`${linked.answer}, but it is another session`);
    if (linked.answer === "resumed" && linked.lost > 0) throw new Violation("resumed with a loss");
    if (linked.lost > 0 && this.#downExpected + linked.lost > retainedFrom) {
      throw new Violation("a gap over entries that the server still held");
    }
    this.#downExpected += linked.lost;
  }

  #startAnew(linked: Linked, record: SessionRecord): void {
    const former = this.#record;
    if (former !== undefined) {
      if (!former.ended) throw new Violation("fresh, but the former session lives");
      if (record === former) throw new Violation("fresh, but it is the same session");
      for (const entry of linked.unsent) {
        if (numberOf(entry.packet()) <= this.#lastApplied) {
          throw new Violation("an entry called unsent was applied");
        }
      }
      this.#upNumbers = new Map();
    }
    this.#record = record;
    this.#downExpected = 0;
  }
}

/** The number that an up entry carries. */
export function numberOf(packet: object): number {
  return (packet as { data: { number: number } }).data.number;
}
