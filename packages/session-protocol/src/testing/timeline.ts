// Virtual time: what will happen, in order of time and then of planning.

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

const stillMax = 10_000;

/** A clock that moves only from one planned event to the next, in a binary heap. */
export class Timeline {
  /** Virtual milliseconds, whole ones: fractions would round differently on the clocks of the two sides. */
  now = 0;
  readonly #heap: Planned[] = [];
  #order = 0;
  #still = 0;

  /** When the next event happens; infinity when none is planned. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#heap.length;
  }

  plan(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const planned: Planned = {
      at: this.now + Math.max(0, Math.ceil(delayMs)),
      order: this.#order++,
      run,
    };
    let hole = heap.length;
    while (hole > 0) {
      const parent = (hole - 1) >> 1;
      if (!isBefore(planned, heap[parent]!)) break;
      heap[hole] = heap[parent]!;
      hole = parent;
    }
    heap[hole] = planned;
  }

  /** Runs the next event; false when there is none. */
  step(): boolean {
    const heap = this.#heap;
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined) return false;
    if (heap.length > 0) {
      let hole = 0;
      for (;;) {
        let child = hole * 2 + 1;
        if (child >= heap.length) break;
        if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child += 1;
        if (!isBefore(heap[child]!, last)) break;
        heap[hole] = heap[child]!;
        hole = child;
      }
      heap[hole] = last;
    }
    // Work that plans itself anew without time passing would never end.
    this.#still = first.at > this.now ? 0 : this.#still + 1;
    if (this.#still > stillMax) throw new Error(`time stands still at ${this.now}`);
    this.now = Math.max(this.now, first.at);
    first.run();
    return true;
  }
}

function isBefore(left: Planned, right: Planned): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
