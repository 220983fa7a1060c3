// Everything in the client that can grow or wait, with its bound and the reason for it.

/** Messages that wait for a link. A burst of typing while a lift goes down, not a day's work. */
export const outboxEntriesMax = 1_024;
/** Their bytes: as much as the session's own log may hold (PROTOCOL.md §9). */
export const outboxBytesMax = 4_194_304;

/** Largest packet taken from a server, whatever it says itself; each one is held in memory whole. */
export const incomingBytesMax = 16_777_216;
/** Incoming packets that wait for an asynchronous schema. Beyond it they are reported, not kept. */
export const validatingMax = 1_024;

/** How long one transport may take to its welcome. A proxy that swallows bytes costs this once. */
export const attemptMs = 5_000;
/** The same after rounds without success: a very slow network gets a chance on every transport. */
export const attemptMsMax = 20_000;

/** Backoff (full jitter): the first ceiling, and the last. */
export const backoffMs = 1_000;
export const backoffMsMax = 30_000;

/** How long the transport that worked is tried first: a day later the network is another. */
export const rememberMs = 86_400_000;

/** Bytes that a WebSocket may hold before it is asked to wait: the log is the queue, not the socket. */
export const socketBytesMax = 262_144;
/** How often a full WebSocket is looked at; browsers tell no other way. */
export const socketDrainMs = 25;

/** How long a stream waits for the chunk that runs it, before it fails with `unavailable`. */
export const loadMs = 15_000;
/** Stream packets of the server that wait for it; without credit a server has few to send. */
export const owedMax = 1_024;

/** Characters of a close reason; a close frame holds 123 bytes. */
export const closeReasonMax = 40;

/** The part of a token's life after which a new one is fetched. */
export const renewAfter = 0.75;
/** Pause after a token provider failed while the old token still holds. */
export const tokenRetryMs = 5_000;
/** How long a token provider may take. */
export const tokenMs = 30_000;

/** A timer this late means that the machine slept or the page was frozen. */
export const wakeMs = 5_000;
/** Longest delay that platforms' timers take. */
export const timerMsMax = 2_147_483_647;

/** Default wait for a reply. */
export const requestMs = 30_000;

/** Rooms whose latest history position is kept, the least recently heard forgotten first. */
export const positionsMax = 1_024;
