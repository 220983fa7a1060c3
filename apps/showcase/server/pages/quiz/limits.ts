// The bounds of everything that people can make grow in the quiz, with their reasons. Those that the
// page shows are in shared/quiz/limits.ts, those of the hub in server/hub/limits.ts.

/** Games at once: each may hold a set of questions of up to 40 KiB. */
export const gamesMax = 50;

/** Players in one game. The hub takes 10,000 sessions in all; others want to chat meanwhile. */
export const playersMax = 8_000;

/** Those that the host's scoreboard names; the rest can be asked for. */
export const topMax = 8;

/** Those that the host's lobby names; the others are counted. */
export const newestMax = 60;

/** Places on the podium. More may stand there when they have equal points, but not all of a class. */
export const podiumPlaces = 3;
export const podiumMax = 9;

/** The host's screens are told of answers and arrivals at most this often: five times a second. */
export const progressIntervalMs = 200;

/** A game that its host has left, and in which nothing happens, is over after this. */
export const abandonedMs = 30 * 60_000;

/** One whose host is there may wait for a class, but not hold its place for ever. */
export const idleMs = 6 * 3_600_000;

/** How often such games are looked for. */
export const sweepMs = 60_000;

/** Games that one session may open: so many at once, then so many per second. */
export const createBurst = 5;
export const createPerSecond = 0.1;

/**
 * What one session may try in other ways: so much at once, then so much per second. Answers and the
 * host's clicks fit in, guessing the codes of games does not: there are 900,000.
 */
export const tryBurst = 40;
export const triesPerSecond = 5;
