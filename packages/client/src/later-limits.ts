// The bounds of what the second chunk does; a page that only has the first does not load them.

/** A link that lived shorter than this does not reset the backoff, or a crash loop would spin. */
export const stableMs = 5_000;
/** Short lives in a row after which a transport is tried last: something cuts it after the welcome. */
export const shortLivesMax = 2;

/** Pause before the first attempt at a better transport, and the longest between two. */
export const upgradeMs = 10_000;
export const upgradeMsMax = 120_000;
/** A POST may take this long before it is sent again. */
export const postMs = 15_000;
/** Attempts at one POST before its link is given up; the session itself goes on. */
export const postTriesMax = 3;
/** Pause between two of them, with jitter. */
export const postRetryMs = 300;
/** How long the `bye` of a closed client may take by POST. It is a courtesy, and nobody waits for it. */
export const lastWordMs = 3_000;
/** The longest `Retry-After` of a proxy that is obeyed: more than that is a mistake of somebody's. */
export const retryAfterMsMax = 300_000;
/** Characters of an error page that are read to find a `bye` in it. */
export const errorBodyMax = 16_384;

/** Bytes of one item of a file stream. */
export const chunkBytes = 65_536;

/** Interval of short polling (PROTOCOL.md §10.6), and the shortest that may be asked for. */
export const pollIntervalMs = 2_000;
export const pollIntervalMsMin = 50;
