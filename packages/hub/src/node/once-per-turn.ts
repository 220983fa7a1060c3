// Work that waits for the end of the turn, so that what belongs together is done together.

/** Calls `run` for everything that was added, in order, once the events of this turn are dealt with. */
export class OncePerTurn<Item> {
  readonly #run: (item: Item) => void;
  #items: Item[] = [];

  /** @param run must not throw. */
  constructor(run: (item: Item) => void) {
    this.#run = run;
  }

  add(item: Item): void {
    if (this.#items.length === 0) setImmediate(() => this.#turn());
    this.#items.push(item);
  }

  #turn(): void {
    const items = this.#items;
    this.#items = [];
    for (const item of items) this.#run(item);
  }
}
