/**
 * The port behind which DEFLATE itself runs (RFC 7692 §7.2). The protocol decides what is
 * compressed, sets and checks RSV1 and keeps the order; the platform turns bytes into bytes, on the
 * spot or later.
 */
import type { Fault } from "../faults.js";

/** RFC 7692 §7.2.1: removed from the end of a compressed message, and put back to inflate it. */
export const DEFLATE_TAIL: Uint8Array = Uint8Array.of(0x00, 0x00, 0xff, 0xff);

/**
 * The result of a call that may end on the spot or later. Bytes that are returned may lie in memory
 * that the next call of anybody's writes over: use them up, or copy them, at once. Bytes that `done`
 * is given belong to whoever gets them.
 */
export type Deflated = Uint8Array | Fault;

/**
 * A deflater's answer to the first part of a message that is to be sent as it is (RFC 7692 §6: any
 * message may be), for want of memory or because it does not shrink. The message has left no trace
 * in the history; the deflater is not asked about its further parts.
 */
export const SEND_PLAIN = "plain";

export interface MessageDeflater {
  /**
   * Compresses the next part of a message, ending at a byte border (an empty stored block, RFC 7692
   * §7.2.1). `data` must stay as it is until the answer. With `last` the final `DEFLATE_TAIL` is left off and, where context takeover is off,
   * the history is dropped.
   *
   * @returns the compressed bytes, a fault, `SEND_PLAIN`, or `undefined` when `done` will be called
   *   later, once, never before this call has returned. No further call is made until then.
   */
  deflate(
    data: Uint8Array,
    last: boolean,
    done: (result: Deflated) => void,
  ): Deflated | typeof SEND_PLAIN | undefined;
  /** Forgets the history, so that messages compressed elsewhere may be sent in between. */
  reset(): void;
  /** Frees what is held; nothing is called afterwards, a pending `done` neither. */
  close(): void;
}

export interface MessageInflater {
  /**
   * Inflates the next part of a message; with `last` the `DEFLATE_TAIL` is supplied by the callee.
   * A final block (BFINAL) before the end is no error (RFC 7692 §7.2.3.4).
   *
   * @param bytesMax what this part may inflate to; beyond it the result is `inflated-too-big`, and
   *   no more than one chunk beyond it was ever held.
   * @returns as `MessageDeflater.deflate`.
   */
  inflate(
    data: Uint8Array,
    last: boolean,
    bytesMax: number,
    done: (result: Deflated) => void,
  ): Deflated | undefined;
  close(): void;
}

/** What permessage-deflate adds to one connection. */
export interface DeflateSession {
  /** Undefined when the negotiated window is too small for the platform: nothing is compressed. */
  readonly deflater: MessageDeflater | undefined;
  readonly inflater: MessageInflater;
  /** log2 of the window that what we send may refer back over (RFC 7692 §7.1.2). */
  readonly windowBits: number;
  /** Messages shorter than this many bytes are sent as they are. */
  readonly thresholdBytes: number;
}

/** A result is either bytes or a fault. */
export function isDeflateFault(result: Deflated): result is Fault {
  return "closeCode" in result;
}
