// The bounds of the files page beside those of the store, which are in server/transfers/limits.ts.

/** People in one drop room: each file's progress is told to all of them. */
export const peoplePerRoomMax = 250;

/** Progress is told to a room at most this often: smooth enough for a bar. */
export const progressMs = 250;

/** A sender without a link for this long is away; polls leave gaps of two seconds. */
export const awayMs = 5_000;

/**
 * What one may do besides sending bytes: this many at once, then so many per second. Dropping as many
 * files as the store takes, and pausing them all, is within it.
 */
export const actionsBurst = 60;
export const actionsPerSecond = 5;

/** Files that one peer may fetch at once: each is an open file here. */
export const downloadsMax = 8;
