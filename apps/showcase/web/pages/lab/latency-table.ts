// The cumulative distributions of several links at the same latencies, as charts take them.
import { labTransports } from "../../../shared/lab/contract.js";
import type { LabLink } from "../../../shared/lab/lab-link.js";
import type { LatencyShare } from "../../../shared/lab/latency-histogram.js";

const points = 200;

/** Latencies, and for each transport the per cent of its messages that took at most so long. */
export function latencyTable(
  links: readonly (LabLink | undefined)[],
): [number[], ...(number | null)[][]] {
  const shares = labTransports.map((transport) =>
    links.find((link) => link?.transport === transport)?.latency.shares(),
  );
  const all = shares.flatMap((list) => list ?? []).map(({ ms }) => ms);
  if (all.length === 0) return [[], ...labTransports.map(() => [])];
  const low = Math.max(0.1, 10 ** Math.floor(Math.log10(Math.min(...all))));
  const high = Math.max(10 * low, 10 ** Math.ceil(Math.log10(Math.max(...all))));
  const step = Math.log(high / low) / (points - 1);
  const grid = Array.from({ length: points }, (_, at) => low * Math.exp(at * step));
  return [grid, ...shares.map((list) => grid.map((ms) => shareAt(list, ms)))];
}

function shareAt(shares: readonly LatencyShare[] | undefined, ms: number): number | null {
  if (shares === undefined || shares.length === 0) return null;
  let share = 0;
  for (const point of shares) {
    if (point.ms > ms * 1.000_001) break;
    share = point.share;
  }
  return share * 100;
}
