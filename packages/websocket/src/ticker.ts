/**
 * One timer for all connections of the process: keepalive and closing deadlines are checked twice a
 * second, so that ten thousand idle connections need no timers of their own.
 */

/** Something that has work to do at certain times. */
export interface Ticking {
  /** In milliseconds of `performance.now()`; `Infinity` for never. */
  readonly nextTickAt: number;
  tick(now: number): void;
}

const RESOLUTION_MS = 500;

const ticking = new Set<Ticking>();
let timer: NodeJS.Timeout | undefined;

export function startTicking(one: Ticking): void {
  ticking.add(one);
  timer ??= setInterval(tickAll, RESOLUTION_MS).unref();
}

export function stopTicking(one: Ticking): void {
  ticking.delete(one);
  if (ticking.size > 0) return;
  clearInterval(timer);
  timer = undefined;
}

function tickAll(): void {
  const now = performance.now();
  for (const one of ticking) {
    if (now >= one.nextTickAt) one.tick(now);
  }
}
