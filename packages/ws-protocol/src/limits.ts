/**
 * Every bound of the protocol, with its default and the reason for it. A bound that is exceeded is
 * answered with an error that names it; nothing is cut short silently. Those of the opening handshake
 * are in `handshake/handshake-limits.ts`.
 */

export interface Limits {
  /**
   * Payload bytes of one incoming frame, as declared in its header; checked before anything is
   * allocated. Default: `messageBytesMax`.
   */
  readonly frameBytesMax: number;
  /**
   * Payload bytes of one incoming message as it is on the wire (compressed, if it is). Default
   * 1 MiB: what chat, games and dashboards need with room to spare, and little enough that a
   * thousand hostile peers fit in a gigabyte.
   */
  readonly messageBytesMax: number;
  /**
   * Bytes of one incoming message after it was inflated. Default: `messageBytesMax`. Apart from the
   * wire limit because DEFLATE expands up to 1,032 times.
   */
  readonly inflatedBytesMax: number;
  /**
   * Fragments of one incoming message, empty ones included (when messages are streamed, where no
   * byte is kept, only the empty ones count). Default 16,384: a mebibyte in the small fragments
   * of a careful sender stays legal, while a sender that fragments for the sake of our CPU does
   * not.
   */
  readonly messagePiecesMax: number;
  /**
   * Automatic pongs that may wait to be written. Beyond it only the most recent ping is answered,
   * as RFC 6455 §5.5.3 allows. Default 64: enough to answer every ping of a polite peer, little
   * enough that a peer that pings and never reads costs at most 8 KiB.
   */
  readonly controlRepliesMax: number;
}

export const DEFAULT_MESSAGE_BYTES_MAX: number = 1024 * 1024;
export const DEFAULT_MESSAGE_PIECES_MAX: number = 16_384;
export const DEFAULT_CONTROL_REPLIES_MAX: number = 64;

/**
 * Writers that an endpoint keeps for whichever connection sends next: as many receivers of a
 * broadcast cost no new one, and together they take a mebibyte.
 */
export const WRITERS_KEPT_MAX = 4096;

/** RFC 6455 §5.5: a control frame carries at most 125 bytes. */
export const CONTROL_BYTES_MAX = 125;
/** RFC 6455 §5.5.1: a control frame less the two bytes of the close code. */
export const CLOSE_REASON_BYTES_MAX = 123;

/**
 * Completes the limits that the caller gave with the defaults.
 *
 * @throws {RangeError} when a limit is not a positive integer (or `Infinity`).
 */
export function resolveLimits(given: Partial<Limits> = {}): Limits {
  const messageBytesMax = given.messageBytesMax ?? DEFAULT_MESSAGE_BYTES_MAX;
  const limits: Limits = {
    messageBytesMax,
    frameBytesMax: given.frameBytesMax ?? messageBytesMax,
    inflatedBytesMax: given.inflatedBytesMax ?? messageBytesMax,
    messagePiecesMax: given.messagePiecesMax ?? DEFAULT_MESSAGE_PIECES_MAX,
    controlRepliesMax: given.controlRepliesMax ?? DEFAULT_CONTROL_REPLIES_MAX,
  };
  for (const [name, value] of Object.entries(limits)) {
    if (value !== Number.POSITIVE_INFINITY && (!Number.isSafeInteger(value) || value < 1)) {
      throw new RangeError(`${name} must be a positive integer or Infinity, not ${value}`);
    }
  }
  return limits;
}

export const DEFAULT_LIMITS: Limits = resolveLimits();
