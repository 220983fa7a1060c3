// How long a run takes: from it follow the length of a round and what is shown as time left.

import { isFresh } from "./contender.js";
import type { Workload } from "./workloads.js";

/** A workload with those who take part. */
export interface Step {
  readonly workload: Workload;
  readonly names: ReadonlySet<string>;
}

/** Rounds below this are too short for the kernel's steps of 10 ms; above it they tell nothing new. */
const SECONDS_MIN = 1;
const SECONDS_MAX = 3;

/** What does not depend on the length of a round, s: measured on a machine of two slow cores. */
const START = 1;
const CONNECT = 0.0003;
const STOP = 0.1;

/** The length of a round, s, so that the whole run takes about so many minutes. */
export function chooseSeconds(steps: readonly Step[], rounds: number, minutes: number): number {
  const fixed = steps.reduce((sum, step) => sum + estimateSeconds(step, rounds, 0), 0);
  const turns = steps.reduce((sum, step) => sum + timedTurns(step, rounds), 0);
  const fitting = (minutes * 60 - fixed) / Math.max(1, turns);
  return Math.floor(Math.min(SECONDS_MAX, Math.max(SECONDS_MIN, fitting)) * 10) / 10;
}

/** How long one workload takes, s. */
export function estimateSeconds(step: Step, rounds: number, seconds: number): number {
  const { workload, names } = step;
  const connect = START + workload.connections * CONNECT;
  if (isFresh(workload)) return names.size * rounds * (connect + STOP);
  if (workload.kind === "storm") return names.size * (connect + (rounds + 1) * connect);
  return names.size * (connect + STOP) + timedTurns(step, rounds) * seconds;
}

/** Turns that last as long as they are told to. */
function timedTurns({ workload, names }: Step, rounds: number): number {
  if (isFresh(workload) || workload.kind === "storm") return 0;
  return names.size * (rounds + 1);
}

/** How much is left, by the estimates, corrected by how right they have been so far. */
export class TimeLeft {
  readonly #estimates: readonly number[];
  readonly #startedAt = performance.now();
  #done = 0;
  /** When the last workload was done, s since the start. */
  #doneAt = 0;

  constructor(estimates: readonly number[]) {
    this.#estimates = estimates;
  }

  /** One more workload is done. */
  advance(): void {
    this.#done += 1;
    this.#doneAt = this.#elapsed();
  }

  toString(): string {
    const expected = sum(this.#estimates.slice(0, this.#done));
    const pace = expected === 0 ? 1 : this.#doneAt / expected;
    const left = sum(this.#estimates.slice(this.#done)) * pace;
    return formatMinutes(Math.max(0, left - (this.#elapsed() - this.#doneAt)));
  }

  #elapsed(): number {
    return (performance.now() - this.#startedAt) / 1000;
  }
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}

export function formatMinutes(seconds: number): string {
  return seconds < 90 ? `${Math.round(seconds)} s` : `${Math.round(seconds / 60)} min`;
}
