// What the operations page may cost the server, and how often a wrong token is taken.

/** A sample every so often while nobody looks, so that the charts have a past. */
export const quietSampleMs = 5_000;

/** How finely the event loop's delay is measured, ms: a timer of the runtime, fifty times a second. */
export const loopResolutionMs = 20;

/** Wrong tokens: a person who mistypes has enough; a program guesses one of 128 bits in no time that there is. */
export const wrongPerSession = { burst: 5, perSecond: 0.1 } as const;
/** Several people may have one address. */
export const wrongPerAddress = { burst: 15, perSecond: 0.2 } as const;
/** Addresses whose wrong tokens are counted; the one counted longest is forgotten first. */
export const addressesMax = 1_000;
