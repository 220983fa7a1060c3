// How this process fares: its memory, its processor time, and how late its event loop is.
import { type IntervalHistogram, monitorEventLoopDelay } from "node:perf_hooks";
import type { Sample } from "../../../shared/operations/sample.js";
import { loopResolutionMs } from "./limits.js";

type ProcessFigures = Pick<
  Sample,
  "rss" | "heapUsed" | "external" | "loopP50" | "loopP99" | "loopMax" | "cpu" | "loopBusy"
>;

export class ProcessGauge {
  readonly #delay: IntervalHistogram = monitorEventLoopDelay({ resolution: loopResolutionMs });
  #cpu = process.cpuUsage();
  #loop = performance.eventLoopUtilization();
  #takenAt = performance.now();

  constructor() {
    this.#delay.enable();
  }

  /** Since it was taken last. */
  take(): ProcessFigures {
    const now = performance.now();
    const { user, system } = process.cpuUsage(this.#cpu);
    const loop = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(loop, this.#loop);
    const elapsedMs = Math.max(1, now - this.#takenAt);
    this.#cpu = process.cpuUsage();
    this.#loop = loop;
    this.#takenAt = now;
    const { rss, heapUsed, external } = process.memoryUsage();
    const cpu = (user + system) / 1_000 / elapsedMs;
    return { rss, heapUsed, external, ...this.#delays(), cpu, loopBusy: utilization };
  }

  close(): void {
    this.#delay.disable();
  }

  #delays(): Pick<ProcessFigures, "loopP50" | "loopP99" | "loopMax"> {
    const delay = this.#delay;
    if (delay.count === 0) return { loopP50: null, loopP99: null, loopMax: null };
    // It measures from one of its ticks to the next: what is above their distance is delay.
    const late = (nanoseconds: number): number => Math.max(0, nanoseconds / 1e6 - loopResolutionMs);
    const loopP50 = late(delay.percentile(50));
    const loopP99 = late(delay.percentile(99));
    const loopMax = late(delay.max);
    delay.reset();
    return { loopP50, loopP99, loopMax };
  }
}
