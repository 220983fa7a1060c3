// Numbers as the tables show them.

import type { Spread } from "../measure/statistics.js";

/** Three digits that mean something; thousands apart. */
export function formatNumber(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString("en-US");
  const digits = Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

export function formatRange({ min, max }: Spread): string {
  return `${formatNumber(min)} – ${formatNumber(max)}`;
}

export function scaled({ median, min, max }: Spread, factor: number): Spread {
  return { median: median * factor, min: min * factor, max: max * factor };
}
