// How far a file has come, how fast, and how long it will take. Bytes arrive in bursts, so the speed is
// an average over the last seconds in which older ones count less and less: it neither jumps nor
// remembers a pause. All gauges that run are read by one clock.
import { type ReadonlySignal, signal } from "@preact/signals";

/** After this long, a sample counts a third of what it did. */
const memoryMs = 3_000;
/** How often gauges are read: a figure that changes more often cannot be read by people. */
const readMs = 500;

const running = new Set<Gauge>();
let clock: ReturnType<typeof setInterval> | undefined;

export class Gauge {
  /** Bytes in all. */
  readonly size: number;
  readonly #bytes = signal(0);
  readonly #bytesPerSecond = signal<number | undefined>(undefined);
  #last: { readonly at: number; readonly bytes: number } | undefined;
  #average = 0;
  /** Of all samples so far: less than 1 in the first seconds, when there are few. */
  #weight = 0;

  constructor(size: number) {
    this.size = size;
  }

  get bytes(): ReadonlySignal<number> {
    return this.#bytes;
  }

  /** Undefined while nothing is known. */
  get bytesPerSecond(): ReadonlySignal<number | undefined> {
    return this.#bytesPerSecond;
  }

  /** Undefined while nothing is known, or nothing moves. */
  get secondsLeft(): number | undefined {
    const speed = this.#bytesPerSecond.value;
    if (speed === undefined || speed < 1) return undefined;
    return (this.size - this.#bytes.value) / speed;
  }

  set(bytes: number): void {
    this.#bytes.value = bytes;
  }

  /** From now on the speed is measured. */
  run(): void {
    if (running.has(this)) return;
    running.add(this);
    this.sample(performance.now());
    clock ??= setInterval(readAll, readMs);
  }

  /** Nothing moves: what the speed was, does not matter any more. */
  rest(): void {
    running.delete(this);
    if (running.size === 0) {
      clearInterval(clock);
      clock = undefined;
    }
    this.#last = undefined;
    this.#average = 0;
    this.#weight = 0;
    this.#bytesPerSecond.value = undefined;
  }

  /** @param now milliseconds */
  sample(now: number): void {
    const bytes = this.#bytes.peek();
    const last = this.#last;
    this.#last = { at: now, bytes };
    if (last === undefined || now <= last.at) return;
    const elapsedMs = now - last.at;
    const kept = Math.exp(-elapsedMs / memoryMs);
    const speed = ((bytes - last.bytes) / elapsedMs) * 1_000;
    this.#average = this.#average * kept + speed * (1 - kept);
    this.#weight = this.#weight * kept + (1 - kept);
    this.#bytesPerSecond.value = this.#average / this.#weight;
  }
}

function readAll(): void {
  const now = performance.now();
  for (const gauge of running) gauge.sample(now);
}
