// Medians and spreads. Medians, because one round disturbed by a neighbour must not move the result.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

/** @throws {RangeError} when there are no values. */
export function median(values: readonly number[]): number {
  if (values.length === 0) throw new RangeError("There is no median of no values.");
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

export function spread(values: readonly number[]): Spread {
  return { median: median(values), min: Math.min(...values), max: Math.max(...values) };
}

/**
 * How many times cheaper than the reference, round by round: a slow phase of the machine hits both
 * sides of one round alike. Rounds that one of them lacks are left out; undefined if none is left.
 */
export function ratios(
  reference: readonly (number | undefined)[],
  own: readonly (number | undefined)[],
): Spread | undefined {
  const values = own.flatMap((value, round) => {
    const base = reference[round];
    return value === undefined || base === undefined || value <= 0 ? [] : [base / value];
  });
  return values.length === 0 ? undefined : spread(values);
}
