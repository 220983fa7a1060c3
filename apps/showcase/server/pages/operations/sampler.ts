// Takes samples: one a second while somebody looks, one every few seconds for the history while nobody
// does. One timer, whichever it is.
import {
  historyMs,
  historySamplesMax,
  watchedSampleMs,
} from "../../../shared/operations/limits.js";
import { extend, type History, type Sample, toHistory } from "../../../shared/operations/sample.js";
import { quietSampleMs } from "./limits.js";

export class Sampler {
  readonly #take: () => Sample;
  readonly #tell: (sample: Sample) => void;
  readonly #samples: Sample[] = [];
  readonly #watchers = new Set<string>();
  #timer: NodeJS.Timeout | undefined;
  #paceMs = 0;

  /** @param tell the watchers, of each sample */
  constructor(take: () => Sample, tell: (sample: Sample) => void) {
    this.#take = take;
    this.#tell = tell;
    this.#sample();
    this.#keepPace();
  }

  get history(): History {
    return toHistory(this.#samples);
  }

  watch(id: string): void {
    this.#watchers.add(id);
    this.#keepPace();
  }

  unwatch(id: string): void {
    this.#watchers.delete(id);
    this.#keepPace();
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #keepPace(): void {
    const paceMs = this.#watchers.size > 0 ? watchedSampleMs : quietSampleMs;
    if (paceMs === this.#paceMs) return;
    this.#paceMs = paceMs;
    clearInterval(this.#timer);
    // After the timers of this turn: the runtime's own, which tells of delays, may be behind ours.
    this.#timer = setInterval(() => setImmediate(() => this.#sample()), paceMs);
    this.#timer.unref();
  }

  #sample(): void {
    const sample = this.#take();
    extend(this.#samples, sample, historyMs, historySamplesMax);
    if (this.#watchers.size > 0) this.#tell(sample);
  }
}
