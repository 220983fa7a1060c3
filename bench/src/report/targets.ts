// What was aimed at, and what was reached.

import type { WorkloadResult } from "../lab.js";
import { limitName } from "../rivals.js";
import type { Target } from "../workloads.js";
import { type Figures, figuresOf } from "./figures.js";
import { formatNumber } from "./numbers.js";

export interface Verdict {
  readonly aim: string;
  readonly found: string;
  readonly met: boolean;
  /** What Node's sockets reach without reading the protocol; "" where that is not known or the aim. */
  readonly limit: string;
  /** The row in which the table shows it. */
  readonly row: string;
}

/**
 * One for each target that could be judged: both rows have rounds.
 *
 * @param ours the row that is judged. Default: that of the workload.
 */
export function judge(result: WorkloadResult, ours: string = result.workload.ours): Verdict[] {
  const figures = figuresOf({ ...result, workload: { ...result.workload, ours } });
  return result.workload.targets.flatMap((target) => {
    const verdict = judgeOne(target, figures, ours);
    return verdict === undefined ? [] : [{ ...verdict, limit: limitOf(target, result) }];
  });
}

function limitOf(target: Target, { workload, ...rest }: WorkloadResult): string {
  if (!("against" in target) || target.against === limitName) return "";
  const rows = figuresOf({ ...rest, workload: { ...workload, reference: target.against } });
  const ratio = rows.find(({ name }) => name === limitName)?.ratio?.median;
  return ratio === undefined ? "" : `${formatNumber(ratio)} ×`;
}

function judgeOne(
  target: Target,
  rows: readonly Figures[],
  ours: string,
): Omit<Verdict, "limit"> | undefined {
  if ("against" in target) {
    const { against, atLeast } = target;
    const ratio = rows.find(({ name }) => name === against)?.ours?.median;
    if (ratio === undefined) return undefined;
    return {
      // "Within 1.15 times" reads better than "0.87 times better".
      aim:
        atLeast < 1
          ? `at most ${formatNumber(1 / atLeast)} × ${against}`
          : `${formatNumber(atLeast)} × better than ${against}`,
      found: atLeast < 1 ? `${formatNumber(1 / ratio)} ×` : `${formatNumber(ratio)} ×`,
      met: ratio >= atLeast,
      row: against,
    };
  }
  const own = rows.find(({ name }) => name === ours);
  if (own === undefined) return undefined;
  const [value, bound, unit] =
    "kibAtMost" in target
      ? [own.cost.median / 1024, target.kibAtMost, "KiB"]
      : [(own.cost.median * own.count) / 1e6, target.secondsAtMost, "s"];
  return {
    aim: `at most ${formatNumber(bound)} ${unit}`,
    found: `${formatNumber(value)} ${unit}`,
    met: value <= bound,
    row: ours,
  };
}
