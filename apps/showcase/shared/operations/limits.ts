// The bounds that both ends of the operations page keep.

/** How far back the charts reach. */
export const historyMs = 600_000;
/** A sample each second while somebody looks. */
export const watchedSampleMs = 1_000;
/** All that a history holds: one a second, and room for a second that came early. */
export const historySamplesMax = 620;

/** Rows of the table of sessions at once. */
export const sessionRows = 25;
/** Characters of a search. */
export const searchMax = 200;
/** Rooms of one session that are shown; there may be hundreds. */
export const roomsShownMax = 50;
/** Calls of one session that are remembered, by name. */
export const callsKept = 12;

/** Characters of the token: the shortest that is chosen by hand, and the longest. */
export const tokenMin = 16;
export const tokenMax = 256;

/** Shortest and longest drain. */
export const drainMsMin = 1_000;
export const drainMsMax = 600_000;
/** What is typed to confirm a drain. */
export const drainWord = "drain";
