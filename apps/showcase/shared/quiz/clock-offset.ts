// How far another clock is ahead of ours, from a few questions in a row.
import { ClockOffset } from "../clock-offset.js";

/** One of them will not wait behind something else. */
const samples = 4;

/**
 * Resolves with what to add to our clock; rejects when the other could not be asked.
 *
 * @param ask for the other's time, ms
 * @param own our time, ms, by a clock that is never set back
 */
export async function clockOffset(ask: () => Promise<number>, own: () => number): Promise<number> {
  const clock = new ClockOffset();
  for (let count = 0; count < samples; count += 1) {
    const askedAt = own();
    const other = await ask();
    clock.add(askedAt, other, own());
  }
  return clock.offsetMs ?? 0;
}
