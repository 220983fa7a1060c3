/**
 * Those who have asked an iterator for what has not come yet, and what they are told at its end. Asking
 * again before an answer has come is allowed: answers go out in the order of the questions.
 */
import { createDeferred, type Deferred } from "./deferred.js";

export class Takers<Item> {
  #waiting: Deferred<IteratorResult<Item, undefined>>[] = [];
  #ended = false;
  #error: Error | undefined;

  /** Whether nothing more will come. */
  get ended(): boolean {
    return this.#ended;
  }

  /** Gives `item` to whoever has waited longest; false when nobody waits. */
  give(item: Item): boolean {
    const first = this.#waiting.shift();
    first?.resolve({ done: false, value: item });
    return first !== undefined;
  }

  /** Waits for the next item, where there is none. After the end it is the end, or the error, once. */
  wait(): Promise<IteratorResult<Item, undefined>> {
    if (!this.#ended) {
      const last = createDeferred<IteratorResult<Item, undefined>>();
      this.#waiting.push(last);
      return last.promise;
    }
    const error = this.#error;
    this.#error = undefined;
    return error === undefined ? Promise.resolve(DONE) : Promise.reject(error);
  }

  /** Nothing more comes. The first who waits, or asks, is told the error, if there is one. */
  end(error: Error | undefined): void {
    this.#ended = true;
    this.#error = error;
    for (const one of this.#waiting) {
      if (this.#error === undefined) one.resolve(DONE);
      else one.reject(this.#error);
      this.#error = undefined;
    }
    this.#waiting = [];
  }

  /** The loop was left: nobody waits, and the error, if there is one, concerns nobody any more. */
  leave(): Promise<IteratorResult<Item, undefined>> {
    for (const one of this.#waiting) one.resolve(DONE);
    this.#waiting = [];
    this.#error = undefined;
    return Promise.resolve(DONE);
  }
}

const DONE: IteratorReturnResult<undefined> = { done: true, value: undefined };
