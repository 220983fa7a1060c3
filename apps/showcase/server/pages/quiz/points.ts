// What an answer is worth.

/** For a right answer, however late. */
const base = 500;
/** On top of it for an answer at once, and evenly less down to nothing at the deadline. */
const speed = 500;
/** For each right answer in a row before this one. */
const perStreak = 100;
const streakMax = 5;

/**
 * @param tookMs from the opening of the question
 * @param limitMs from the opening to the deadline
 * @param streak right answers in a row, this one included
 */
export function pointsFor(tookMs: number, limitMs: number, streak: number): number {
  const leftMs = Math.min(Math.max(limitMs - tookMs, 0), limitMs);
  return (
    base + Math.round((speed * leftMs) / limitMs) + perStreak * Math.min(streak - 1, streakMax)
  );
}
