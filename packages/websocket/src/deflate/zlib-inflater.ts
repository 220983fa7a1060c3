/**
 * Inflates what one connection receives (RFC 7692 §7.2.2), within the limit of each part.
 *
 * A part goes through up to three waits: for memory, when the budget has none; for a place in the
 * pool, when it is long; and for the pool itself. Short parts see none of them. Without context
 * takeover the memory is borrowed for each message; with it the connection keeps its window, and of
 * it at least the bytes, which suffice to restore the rest when others need the memory.
 */
import { type Deflated, isDeflateFault, type MessageInflater } from "@tidewire/ws-protocol";
import type { DeflateBudget } from "./deflate-budget.js";
import { History } from "./history.js";
import { InflatePart, InflateWindow, unavailable } from "./inflate-window.js";
import type { Reclaimable } from "./memory-ceiling.js";
import type { ZlibSettings } from "./zlib-state.js";

export interface ZlibInflaterOptions {
  readonly settings: ZlibSettings;
  readonly contextTakeover: boolean;
  readonly syncBytesMax: number;
}

export class ZlibInflater implements MessageInflater, Reclaimable {
  readonly #settings: ZlibSettings;
  readonly #contextTakeover: boolean;
  readonly #budget: DeflateBudget;
  readonly #window: InflateWindow;
  /** Bytes of the budget that are taken for the history; 0 where there is none to keep. */
  #historyBytes = 0;
  /** Bytes of the budget that are promised to the history, whether it is there yet or not. */
  #promisedBytes = 0;
  #midMessage = false;
  #closed = false;

  /** Takes the request for memory back. */
  #stopWaiting: (() => void) | undefined;
  /** The job that waits for a place in the pool, or has one. */
  #job: (() => void) | undefined;

  constructor(options: ZlibInflaterOptions, budget: DeflateBudget) {
    this.#settings = options.settings;
    this.#contextTakeover = options.contextTakeover;
    this.#budget = budget;
    this.#window = new InflateWindow(budget, options.syncBytesMax);
    if (options.contextTakeover) this.#promisedBytes = 2 ** options.settings.windowBits;
    budget.promise(this.#promisedBytes);
  }

  inflate(
    data: Uint8Array,
    last: boolean,
    bytesMax: number,
    done: (result: Deflated) => void,
  ): Deflated | undefined {
    if (this.#closed) return unavailable("the inflater is closed");
    const part = new InflatePart(data, last, bytesMax, done);
    if (!this.#takeMemory(last)) {
      this.#waitForMemory(part);
      return undefined;
    }
    return this.#begin(part);
  }

  close(): void {
    this.#closed = true;
    this.#budget.promise(-this.#promisedBytes);
    this.#promisedBytes = 0;
    this.#stopWaiting?.();
    this.#stopWaiting = undefined;
    const job = this.#job;
    if (job !== undefined && !this.#budget.jobs.withdraw(job)) {
      this.#window.cancel(); // The pool works on it: freed when it has let go.
      return;
    }
    this.#job = undefined;
    this.#release(false);
  }

  reclaim(): void {
    this.#releaseState(false);
  }

  #takeMemory(last: boolean): boolean {
    const { memory } = this.#budget;
    if (this.#contextTakeover) memory.rouse(this);
    if (this.#historyBytes === 0 && this.#needsHistory(last)) {
      const bytes = 2 ** this.#settings.windowBits;
      if (!memory.take(bytes)) return false;
      this.#keepHistory(bytes);
    }
    if (this.#window.state !== undefined) return true;
    const state = this.#budget.acquire(this.#settings);
    if (state === undefined) return false;
    this.#window.open(state);
    return true;
  }

  #needsHistory(last: boolean): boolean {
    return this.#contextTakeover || !last;
  }

  #keepHistory(bytes: number): void {
    this.#historyBytes = bytes;
    this.#window.history ??= new History(this.#settings.windowBits);
  }

  #waitForMemory(part: InflatePart): void {
    const { memory, waitMs } = this.#budget;
    const needsHistory = this.#historyBytes === 0 && this.#needsHistory(part.last);
    const historyBytes = needsHistory ? 2 ** this.#settings.windowBits : 0;
    const needsState = this.#window.state === undefined;
    const bytes = historyBytes + (needsState ? this.#budget.bytesOf(this.#settings) : 0);
    this.#stopWaiting = memory.wait(bytes, waitMs, (granted) => {
      this.#stopWaiting = undefined;
      if (!granted) {
        this.#answer(part, unavailable(`no memory to inflate a message within ${waitMs} ms`));
        return;
      }
      if (needsHistory) this.#keepHistory(historyBytes);
      const state = needsState ? this.#budget.create(this.#settings) : undefined;
      if (state !== undefined) this.#window.open(state);
      if (this.#window.state === undefined) this.#answer(part, unavailable("zlib has no memory"));
      else {
        const result = this.#begin(part);
        if (result !== undefined) {
          part.done(isDeflateFault(result) ? result : Buffer.from(result));
        }
      }
    });
  }

  /** @returns the result if there is one on the spot. */
  #begin(part: InflatePart): Deflated | undefined {
    if (!this.#midMessage) this.#window.beginMessage();
    this.#midMessage = true;
    const result = this.#window.runOnTheSpot(part);
    if (result === undefined) this.#enterPool(part);
    else this.#endPart(part, result);
    return result;
  }

  #enterPool(part: InflatePart): void {
    const job = (): void => {
      this.#window.runInPool(part, (result) => {
        this.#budget.jobs.leave();
        this.#job = undefined;
        this.#answer(part, result);
      });
    };
    this.#job = job;
    this.#budget.jobs.enter(job);
  }

  #answer(part: InflatePart, result: Deflated): void {
    this.#endPart(part, result);
    if (!this.#closed) part.done(result);
  }

  #endPart({ last }: InflatePart, result: Deflated): void {
    this.#midMessage = !last;
    // What is left of a state after a fault serves nobody.
    if (this.#closed || isDeflateFault(result)) this.#release(false);
    else if (!last) return;
    else if (this.#contextTakeover) this.#budget.memory.rest(this);
    else this.#release(true);
  }

  #release(reusable: boolean): void {
    const { memory } = this.#budget;
    this.#midMessage = false;
    if (this.#contextTakeover) memory.rouse(this);
    this.#releaseState(reusable);
    this.#window.history = undefined;
    if (this.#historyBytes === 0) return;
    memory.give(this.#historyBytes);
    this.#historyBytes = 0;
  }

  #releaseState(reusable: boolean): void {
    const { state } = this.#window;
    if (state === undefined) return;
    this.#window.state = undefined;
    if (reusable) this.#budget.release(state);
    else this.#budget.discard(state);
  }
}
