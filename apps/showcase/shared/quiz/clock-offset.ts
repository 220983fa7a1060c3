// How far another clock is ahead of ours. Of several questions for its time the one that came back
// fastest errs least, by half of its round trip at the most (Cristian's algorithm).

/** Questions in a row: one of them will not wait behind something else. */
const samples = 4;

/**
 * Resolves with what to add to our clock; rejects when the other could not be asked.
 *
 * @param ask for the other's time, ms
 * @param own our time, ms, by a clock that is never set back
 */
export async function clockOffset(ask: () => Promise<number>, own: () => number): Promise<number> {
  let bestMs = Number.POSITIVE_INFINITY;
  let offsetMs = 0;
  for (let count = 0; count < samples; count += 1) {
    const askedAt = own();
    const other = await ask();
    const answeredAt = own();
    if (answeredAt - askedAt >= bestMs) continue;
    bestMs = answeredAt - askedAt;
    offsetMs = other + bestMs / 2 - answeredAt;
  }
  return offsetMs;
}
