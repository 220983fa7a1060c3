// Virtual time: what will happen, in order of time and then of planning.

interface Planned {
  readonly at: number;
  readonly order: number;
  readonly run: () => void;
}

/** A clock that moves only from one planned event to the next, in a binary heap. */
export class Timeline {
  /** Virtual milliseconds. */
  now = 0;
  readonly #heap: Planned[] = [];
  #order = 0;

  /** When the next event happens; infinity when none is planned. */
  get nextAt(): number {
    return this.#heap[0]?.at ?? Number.POSITIVE_INFINITY;
  }

  get size(): number {
    return this.#heap.length;
  }

  plan(delayMs: number, run: () => void): void {
    const heap = this.#heap;
    const planned: Planned = { at: this.now + Math.max(0, delayMs), order: this.#order++, run };
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
    this.now = Math.max(this.now, first.at);
    first.run();
    return true;
  }
}

function isBefore(left: Planned, right: Planned): boolean {
  return left.at < right.at || (left.at === right.at && left.order < right.order);
}
