// One kept log in memory: texts with offsets, bounded by count, bytes and age.

import type { Page, Position, Retention } from "./position.js";

interface Kept {
  readonly text: string;
  readonly at: number;
}

export class KeptLog {
  readonly epoch: string;
  #retention: Retention;
  /** Items from `#first` on are alive; the dead front is cut off now and then. */
  #items: Kept[] = [];
  #first = 0;
  #bytes = 0;
  #offset = 0;

  constructor(epoch: string, retention: Retention) {
    this.epoch = epoch;
    this.#retention = retention;
  }

  get position(): Position {
    return { epoch: this.epoch, offset: this.#offset };
  }

  get length(): number {
    return this.#items.length - this.#first;
  }

  /** UTF-16 units kept. */
  get bytes(): number {
    return this.#bytes;
  }

  append(text: string, now: number, retention: Retention): Position {
    this.#retention = retention;
    this.#items.push({ text, at: now });
    this.#bytes += text.length;
    this.#offset += 1;
    this.trim(now);
    return this.position;
  }

  /** Drops what is over the retention; answers whether anything is left. */
  trim(now: number): boolean {
    const { entries, bytes, ageMs } = this.#retention;
    while (this.length > 0) {
      const oldest = this.#items[this.#first]!;
      if (this.length <= entries && this.#bytes <= bytes && now - oldest.at < ageMs) break;
      this.#bytes -= oldest.text.length;
      this.#first += 1;
    }
    if (this.#first > 64 && this.#first * 2 > this.#items.length) {
      this.#items = this.#items.slice(this.#first);
      this.#first = 0;
    }
    return this.length > 0;
  }

  /** The items after `since`, oldest first; without `since` the newest `max`. */
  read(since: Position | undefined, max: number, now: number): Page<string> {
    this.trim(now);
    const oldest = this.#offset - this.length + 1;
    const isKnown =
      since !== undefined && since.epoch === this.epoch && since.offset <= this.#offset;
    const wanted = isKnown ? since.offset + 1 : oldest;
    const from =
      since === undefined ? Math.max(oldest, this.#offset - max + 1) : Math.max(wanted, oldest);
    const until = Math.min(this.#offset, from + max - 1);
    const items = [];
    for (let offset = from; offset <= until; offset += 1) {
      items.push({ offset, item: this.#items[this.#first + offset - oldest]!.text });
    }
    const complete = since === undefined ? from === 1 : isKnown && wanted >= oldest;
    return { items, position: this.position, complete: complete && until === this.#offset };
  }
}
