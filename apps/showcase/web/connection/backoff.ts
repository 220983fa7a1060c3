// How long to wait before the next attempt: full jitter, so that the pages of a server that was
// restarted do not all come back in the same moment.

const firstMs = 500;
/** Someone is looking at the page: a longer wait would feel broken. The jitter is kept at the cap. */
const capMs = 15_000;
/** Less would be a busy loop when the dice fall low again and again. */
const floorMs = 100;

/**
 * @param attempt failed attempts since the last time it worked, from 1
 * @param random from 0 to 1
 * @returns milliseconds
 */
export function backoffMs(attempt: number, random: number): number {
  const ceilingMs = Math.min(capMs, firstMs * 2 ** Math.min(attempt - 1, 16));
  return floorMs + Math.round(random * (ceilingMs - floorMs));
}
