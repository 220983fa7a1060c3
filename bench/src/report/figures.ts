// The figures of a row, as the table, the chart and the JSON file show them.

import type { Round } from "../contender.js";
import type { WorkloadResult } from "../lab.js";
import { median, ratios, type Spread, spread } from "../measure/statistics.js";
import { reference } from "../rivals.js";

/** Above this share of its core the load may have set the pace. */
export const LOAD_SHARE_MAX = 0.9;

export interface Figures {
  readonly name: string;
  readonly perSecond: Spread;
  /** CPU µs per unit, user and system together; of memory workloads bytes per connection. */
  readonly cost: Spread;
  readonly userUs: number;
  readonly systemUs: number;
  /** How many times cheaper than the reference, round by round. */
  readonly ratio: Spread | undefined;
  readonly loadShare: number;
}

export function figuresOf({ workload, rows }: WorkloadResult): Figures[] {
  const cost = (round: Round | undefined): number | undefined =>
    round === undefined ? undefined : (round.bytes ?? round.userUs + round.systemUs);
  const base = rows.find(({ name }) => name === reference)?.rounds.map(cost) ?? [];
  return rows.flatMap(({ name, rounds }) => {
    const present = rounds.filter((round) => round !== undefined);
    if (present.length === 0) return [];
    return {
      name,
      perSecond: spread(present.map((round) => round.perSecond)),
      cost: spread(present.map((round) => cost(round)!)),
      userUs: median(present.map((round) => round.userUs)),
      systemUs: median(present.map((round) => round.systemUs)),
      ratio: ratios(base, rounds.map(cost)),
      // Of memory the pace tells nothing.
      loadShare:
        workload.kind === "memory" ? 0 : Math.max(...present.map((round) => round.loadShare)),
    };
  });
}
