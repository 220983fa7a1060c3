// The figures of a row, as the table, the chart and the JSON file show them.

import type { Round } from "../contender.js";
import type { WorkloadResult } from "../lab.js";
import { median, ratios, type Spread, spread } from "../measure/statistics.js";

/** Above this share of its core the load may have set the pace. */
export const LOAD_SHARE_MAX = 0.9;

export interface Figures {
  readonly name: string;
  readonly perSecond: Spread;
  /** CPU µs per unit, user and system together; of memory workloads bytes per connection. */
  readonly cost: Spread;
  readonly userUs: number;
  readonly systemUs: number;
  /** How many units a round had. */
  readonly count: number;
  /** How many times cheaper than the reference, round by round. */
  readonly ratio: Spread | undefined;
  /** How many times cheaper ours was than this row, round by round. */
  readonly ours: Spread | undefined;
  readonly loadShare: number;
  /** What one answer takes on the wire, its frame included. */
  readonly answerBytes: number | undefined;
}

export function figuresOf({ workload, rows }: WorkloadResult): Figures[] {
  const costsOf = (wanted: string): (number | undefined)[] =>
    rows.find(({ name }) => name === wanted)?.rounds.map(costOf) ?? [];
  const base = costsOf(workload.reference);
  const ours = costsOf(workload.ours);
  return rows.flatMap(({ name, rounds }) => {
    const present = rounds.filter((round) => round !== undefined);
    if (present.length === 0) return [];
    const costs = rounds.map(costOf);
    return {
      name,
      perSecond: spread(present.map((round) => round.perSecond)),
      cost: spread(present.map((round) => costOf(round)!)),
      userUs: median(present.map((round) => round.userUs)),
      systemUs: median(present.map((round) => round.systemUs)),
      count: median(present.map((round) => round.count)),
      ratio: ratios(base, costs),
      ours: name === workload.ours ? undefined : ratios(costs, ours),
      loadShare: Math.max(...present.map((round) => round.loadShare)),
      answerBytes: answerBytesOf(present),
    };
  });
}

function answerBytesOf(rounds: readonly Round[]): number | undefined {
  const known = rounds.flatMap(({ answerBytes }) => answerBytes ?? []);
  return known.length === 0 ? undefined : median(known);
}

function costOf(round: Round | undefined): number | undefined {
  return round === undefined ? undefined : (round.bytes ?? round.userUs + round.systemUs);
}
