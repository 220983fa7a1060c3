/**
 * One timer for all connections of the process: keepalive and closing deadlines are checked twice a
 * second, so that ten thousand idle connections need no timers of their own.
 */

/** Something that has work to do at certain times. */
export interface Ticking {
  /** The ticker's own: the place among those that tick. */
  tickIndex: number;
  /** In milliseconds of `performance.now()`; `Infinity` for never. */
  readonly nextTickAt: number;
  tick(now: number): void;
}

const RESOLUTION_MS = 500;

/** Where one that does not tick is. */
export const NOWHERE = -1;

/** In no order. Each knows its place, which costs less than a Set of thousands. */
const ticking: Ticking[] = [];
let timer: NodeJS.Timeout | undefined;
let dueAt = 0;

export function startTicking(one: Ticking): void {
  one.tickIndex = ticking.push(one) - 1;
  if (timer !== undefined) return;
  timer = setInterval(tickAll, RESOLUTION_MS).unref();
  dueAt = performance.now() + RESOLUTION_MS;
}

/**
 * When all are looked at next, in milliseconds of `performance.now()`: the time of now, up to half a second
 * ahead, for those who would ask a clock for each read.
 */
export function nextTickTime(): number {
  return dueAt;
}

/** Nothing happens if it has stopped. */
export function stopTicking(one: Ticking): void {
  const index = one.tickIndex;
  if (index === NOWHERE) return;
  one.tickIndex = NOWHERE;
  const last = ticking.pop()!;
  if (last !== one) {
    ticking[index] = last;
    last.tickIndex = index;
  }
  if (ticking.length > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function tickAll(): void {
  const now = performance.now();
  dueAt = now + RESOLUTION_MS;
  // From the end: into the place of one that stops comes one that has had its turn.
  for (let index = ticking.length - 1; index >= 0; index--) {
    const one = ticking[index];
    // Several may have stopped at once.
    if (one !== undefined && now >= one.nextTickAt) one.tick(now);
  }
}
