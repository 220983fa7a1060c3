// What the inspector may cost, all inspections together: each is bounded, and so is their number.

/** Inspections at a time. Each keeps at most two messages (one per direction) and one report. */
export const inspectionsMax = 16;

/** Tickets that wait to be used; the oldest is forgotten first. */
export const ticketsMax = 256;

/** How long a ticket is good: the page uses it at once. */
export const ticketMs = 30_000;

/** New sockets that are looked at until it is known whose they are, while somebody inspects. */
export const unclaimedMax = 16;

/** How long, ms: a hello takes no longer. */
export const unclaimedMs = 10_000;

/** Frames that are kept of each of them until then: a hello and its welcome are two. */
export const unclaimedFramesMax = 64;

/** Bytes of a message that are kept to read its packet: the hub takes no longer ones. */
export const messageBytesMax = 1_114_112;

/** Bytes of a message that is inflated to be shown, and of those that the compressed echo takes. */
export const inflatedBytesMax = 131_072;

/** Frames that are reported: more than a person reads, and than a burst of the page has. */
export const framesPerSecond = 200;
export const framesBurst = 400;

/** How long frames are gathered into one report, ms. */
export const reportMs = 100;

/** Encoded bytes of one report, which has to fit into a message. */
export const reportBytesMax = 700_000;

/** Reports that wait for a slow reader; beyond it frames are left out. */
export const waitingBytesMax = 1_048_576;

/** From the line's death to its end, ms: what is sent meanwhile gets lost. */
export const deadMs = 500;
