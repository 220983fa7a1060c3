/** The bounds of what one socket keeps for its user, with their reasons. */

/**
 * Bytes that may wait to be sent before `sendQueuePolicy` applies: 16 MiB, one large message or a
 * few seconds of a fast stream. A server with many connections to strangers may set less.
 */
export const DEFAULT_SEND_QUEUE_BYTES_MAX: number = 16 * 1024 * 1024;

/** What one message that waits in the outbox costs besides its bytes: a job and its promise. */
export const OUTBOX_ENTRY_BYTES = 256;

/**
 * Messages that wait in an iterator before reading stops. 64: enough to keep a consumer busy while
 * the kernel's buffer is refilled.
 */
export const INBOX_MESSAGES_MAX = 64;
/** Bytes (code units of text) that wait in an iterator before reading stops: 1 MiB. */
export const INBOX_BYTES_MAX: number = 1024 * 1024;

/** Pieces that wait in streamed messages before reading stops; each is at most one socket read. */
export const PIECES_WAITING_MAX = 64;
/** Bytes that wait in streamed messages before reading stops: 256 KiB, four full socket reads. */
export const PIECES_WAITING_BYTES_MAX: number = 256 * 1024;

/** Of a refusal's body this many bytes are kept for the error: 8 KiB, a page of explanation. */
export const REFUSAL_BODY_BYTES_MAX: number = 8 * 1024;
/** How long the body of a refusal is waited for: it only explains what is certain already. */
export const REFUSAL_BODY_WAIT_MS = 1000;

/** Interim responses (100, 103 …) before the answer; one or two are usual. */
export const INTERIM_RESPONSES_MAX = 16;
