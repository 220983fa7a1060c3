// The bounds of the files that the server keeps, with their reasons. Each is enforced when a file is
// announced, for the size that it claims, before its first byte is taken.
import type { TransferLimits } from "../../shared/transfers/limits.js";

export interface StoreLimits extends TransferLimits {
  /** Files of everybody at once, and their bytes. */
  readonly filesMax: number;
  readonly bytesMax: number;
  /** A file of which nothing arrives for this long is given up: its place is wanted. */
  readonly stallMs: number;
}

const mebibyte = 1_048_576;

export const storeLimits: StoreLimits = {
  // A long video of a phone is larger; a talk, an archive or a set of photos is not.
  fileBytesMax: 100 * mebibyte,
  visitorFilesMax: 20,
  // Two of the largest.
  visitorBytesMax: 200 * mebibyte,
  // Everybody in a room is told of each: the list stays short enough to send whole.
  filesMax: 200,
  // /tmp is memory on some machines.
  bytesMax: 500 * mebibyte,
  keepMs: 3_600_000,
  // A pause for a telephone call. Nobody comes back to it the next day: the session is gone by then.
  stallMs: 900_000,
};

/** How often it is looked for files whose time is over. */
export const sweepMs = 30_000;

/** Bytes read from the disk at once: an item of a file stream. */
export const readBytes = 65_536;
