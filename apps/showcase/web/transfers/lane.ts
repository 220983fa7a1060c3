// Lets so many through at once, in the order in which they came.

export class Lane {
  readonly #max: number;
  readonly #waiting: (() => void)[] = [];
  #inside = 0;

  constructor(max: number) {
    this.#max = max;
  }

  /**
   * Calls `run` when there is room, never at once.
   *
   * @returns makes room again, or gives up waiting; once
   */
  enter(run: () => void): () => void {
    let isInside = false;
    let isOver = false;
    const begin = (): void => {
      isInside = true;
      this.#inside += 1;
      queueMicrotask(() => {
        if (!isOver) run();
      });
    };
    if (this.#inside < this.#max) begin();
    else this.#waiting.push(begin);
    return () => {
      if (isOver) return;
      isOver = true;
      if (isInside) {
        this.#inside -= 1;
        this.#waiting.shift()?.();
      } else this.#waiting.splice(this.#waiting.indexOf(begin), 1);
    };
  }
}
