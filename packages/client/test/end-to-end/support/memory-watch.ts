// How much memory a process of its own takes while it works.

import type { Memory } from "./orders.js";

/** Looks ever and again, often enough to see what a transfer holds on to. */
export class MemoryWatch {
  readonly #start: number;
  #peak: number;
  readonly #timer: NodeJS.Timeout;

  constructor() {
    globalThis.gc?.();
    this.#start = bytesInUse();
    this.#peak = this.#start;
    this.#timer = setInterval(() => this.#look(), 20);
    this.#timer.unref();
  }

  get memory(): Memory {
    this.#look();
    return { start: this.#start, peak: this.#peak };
  }

  #look(): void {
    this.#peak = Math.max(this.#peak, bytesInUse());
  }
}

function bytesInUse(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
