/** How long a timer of Node can wait: a longer time, or none, would fire at once. */
export const TIMER_MS_MAX = 0x7fff_ffff;

/** @throws {RangeError} when `value` is no time from `min` that a timer can wait. */
export function assertTimerMs(name: string, value: number, min: number): void {
  if (typeof value === "number" && value >= min && value <= TIMER_MS_MAX) return;
  throw new RangeError(`${name} must be from ${min} to ${TIMER_MS_MAX} milliseconds, not ${value}`);
}
