// Who wants to know the CPU time per message, for which settings. One measurement at a time, so that
// none disturbs another; what was measured once is remembered.
import type { CpuFigure, LabSettings } from "../../../shared/lab/contract.js";
import { labTransports } from "../../../shared/lab/contract.js";
import { measurementsKept, measurementsWaitingMax } from "./limits.js";
import type { MeasureCpu } from "./measure-cpu.js";

export type CpuWatcher = (figure: CpuFigure) => void;

interface Measurement {
  readonly settings: LabSettings;
  readonly figures: Map<CpuFigure["transport"], CpuFigure>;
  readonly watchers: Set<CpuWatcher>;
  readonly abort: AbortController;
  isDone: boolean;
}

export class CpuDesk {
  readonly #measure: MeasureCpu;
  /** By their settings; the oldest first. Those that are not done are under way or wait. */
  readonly #measurements = new Map<string, Measurement>();
  #current: Measurement | undefined;

  constructor(measure: MeasureCpu) {
    this.#measure = measure;
  }

  /** Tells the watcher what is known, and what comes; when too many wait, that it failed. */
  watch(settings: LabSettings, watcher: CpuWatcher): void {
    const key = keyOf(settings);
    let measurement = this.#measurements.get(key);
    if (measurement === undefined) {
      const waiting = [...this.#measurements.values()].filter(({ isDone }) => !isDone);
      if (waiting.length > measurementsWaitingMax) {
        for (const transport of labTransports) watcher({ settings, transport, state: "failed" });
        return;
      }
      measurement = {
        settings,
        figures: new Map(),
        watchers: new Set(),
        abort: new AbortController(),
        isDone: false,
      };
      this.#measurements.set(key, measurement);
      this.#forget();
    }
    if (!measurement.isDone) measurement.watchers.add(watcher);
    for (const figure of measurement.figures.values()) watcher(figure);
    this.#next();
  }

  /** What nobody waits for any more is not measured. */
  unwatch(watcher: CpuWatcher): void {
    for (const [key, measurement] of this.#measurements) {
      if (!measurement.watchers.delete(watcher) || measurement.watchers.size > 0) continue;
      if (measurement.isDone) continue;
      this.#measurements.delete(key);
      measurement.abort.abort();
    }
  }

  close(): void {
    for (const { abort } of this.#measurements.values()) abort.abort();
    this.#measurements.clear();
  }

  #next(): void {
    if (this.#current !== undefined) return;
    const measurement = [...this.#measurements.values()].find(({ isDone }) => !isDone);
    if (measurement === undefined) return;
    this.#current = measurement;
    this.#run(measurement).finally(() => {
      this.#current = undefined;
      this.#next();
    });
  }

  async #run(measurement: Measurement): Promise<void> {
    const { settings, abort } = measurement;
    for (const transport of labTransports) {
      tell(measurement, { settings, transport, state: "measuring" });
    }
    try {
      await this.#measure(
        settings,
        (transport, micros) =>
          tell(
            measurement,
            micros === undefined
              ? { settings, transport, state: "failed" }
              : { settings, transport, state: "done", micros },
          ),
        abort.signal,
      );
      measurement.isDone = true;
    } catch (error) {
      if (!abort.signal.aborted) console.error("The lab could not measure CPU time:", error);
    }
    for (const transport of labTransports) {
      if (measurement.figures.get(transport)?.state !== "measuring") continue;
      tell(measurement, { settings, transport, state: "failed" });
    }
    measurement.watchers.clear();
    // Another attempt may succeed.
    if (!measurement.isDone) this.#drop(measurement);
  }

  #drop(measurement: Measurement): void {
    const key = keyOf(measurement.settings);
    if (this.#measurements.get(key) === measurement) this.#measurements.delete(key);
  }

  #forget(): void {
    for (const measurement of this.#measurements.values()) {
      if (this.#measurements.size <= measurementsKept) return;
      if (measurement.isDone) this.#drop(measurement);
    }
  }
}

function tell(measurement: Measurement, figure: CpuFigure): void {
  measurement.figures.set(figure.transport, figure);
  for (const watcher of measurement.watchers) watcher(figure);
}

function keyOf({ task, rate, size, pollIntervalMs }: LabSettings): string {
  return [task, rate, size, pollIntervalMs].join(" ");
}
