// What a gauge says, in words.
import { formatBytes } from "../../shared/transfers/format.js";
import type { Gauge } from "./gauge.js";

/** `3.2 of 8 MiB` when both have the same unit. */
export function describeAmount(bytes: number, size: number): string {
  const [done, all] = [formatBytes(bytes), formatBytes(size)];
  const unit = all.slice(all.indexOf(" "));
  return `${done.endsWith(unit) ? done.slice(0, -unit.length) : done} of ${all}`;
}

/** Speed and remaining time; empty while nothing is known. */
export function describePace(gauge: Gauge): string {
  const speed = gauge.bytesPerSecond.value;
  if (speed === undefined) return "";
  if (speed < 1) return "nothing arrives at the moment";
  const left = gauge.secondsLeft;
  const words = [`${formatBytes(Math.round(speed))}/s`];
  if (left !== undefined && left > 0) words.push(describeSeconds(left));
  return words.join(" · ");
}

/** Rounded ever more the longer it is: nobody knows it better. */
export function describeSeconds(seconds: number): string {
  if (seconds < 1) return "less than a second left";
  if (seconds < 10) return count(Math.round(seconds), "second");
  if (seconds < 57.5) return count(Math.round(seconds / 5) * 5, "second");
  if (seconds < 3_570) return count(Math.max(1, Math.round(seconds / 60)), "minute");
  if (seconds < 86_400) return count(Math.max(1, Math.round(seconds / 3_600)), "hour");
  return "more than a day left";
}

function count(number: number, unit: string): string {
  return `about ${number} ${unit}${number === 1 ? "" : "s"} left`;
}
