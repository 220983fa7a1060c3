/**
 * Every bound of permessage-deflate over zlib, with its default and the reason for it. The figures
 * were measured on Node 20 with JSON of invented users and sentences.
 */
import { TIMER_MS_MAX } from "../timer-range.js";

/** What holds for one connection. */
export interface DeflateOptions {
  /**
   * Messages shorter than this many bytes are sent as they are. Default 1,024: below it a message
   * fits into one packet anyway, and the 5–8 µs that 512 bytes take save no packet.
   */
  readonly thresholdBytes?: number;
  /**
   * zlib's level, 1–9. Default 3: for 16 KiB of JSON it takes 158 µs where 6 takes 344 and 1 takes
   * 90, for 8 % more bytes than 6 and 7 % less than 1. Messages of up to 2 KiB for which no context is
   * kept are compressed without zlib, to the size of level 6, whatever is set here.
   */
  readonly level?: number;
  /**
   * zlib's memory level, 1–9. Default 8, which is zlib's own: lower ones were not faster, and they
   * save about a quarter of a state at most.
   */
  readonly memLevel?: number;
  /**
   * Up to this many bytes a message is compressed, or inflated, on the spot; a longer one goes to
   * the thread pool, and so does the rest of one that has inflated to `SPOT_EXPANSION_MAX` times
   * as much. 0 sends everything there. Default 16 KiB: compressing that much takes 160 µs, and the
   * way to the pool and back costs 40–120 µs of the same thread.
   */
  readonly syncBytesMax?: number;
}

/** What holds for all the connections that share a `DeflateBudget`, by default the process. */
export interface DeflateBudgetOptions {
  /**
   * Bytes that all zlib states together may take. Default 128 MiB: some 480 connections that keep
   * their context in both directions, for short messages; without context takeover, messages
   * on the spot share two states, and this is never reached. A sender's context is given up for
   * others; of a receiver's the window itself, 32 KiB, is not, so a server refuses context takeover
   * in the handshake when half of this is promised to windows.
   */
  readonly memoryBytesMax?: number;
  /**
   * Jobs that may run on the thread pool at once. Default: half of its threads
   * (`UV_THREADPOOL_SIZE`, 4 unless set), so that file and name look-ups are never starved.
   */
  readonly jobsMax?: number;
  /**
   * Idle states kept for the next message that needs one. Default 8: the states of a handful of
   * jobs, at most 2.4 MiB.
   */
  readonly idleStatesMax?: number;
  /** After this many milliseconds without use idle states are freed. Default 10,000. */
  readonly idleMs?: number;
  /**
   * How long a message may wait for memory to be inflated, in milliseconds, before its connection
   * fails with 1011. Default 10,000: longer than any burst of large messages should take.
   */
  readonly waitMs?: number;
  /**
   * Whether zlib may run on the spot through the state of a stream, which Node does not document.
   * Default: found out once. `false` uses documented functions alone: slower, and zlib always on the
   * thread pool.
   */
  readonly onTheSpot?: boolean;
}

/**
 * The part of the budget that receivers' windows may be promised. They cannot be taken back while
 * their connections live, so the other half keeps messages moving. With the default budget that is
 * 2,048 connections with the largest windows; later ones agree to no context takeover.
 */
export const PROMISED_SHARE_MAX = 0.5;

/**
 * log2 of the window that a sender with context takeover begins with, whatever was agreed: 8 KiB. The
 * windows of 50 connections do not fit into a processor's cache. A message of 1 KiB then takes 34 µs
 * through states of the largest window, 18 µs through these (at level 3: 24 and 13), for 4 % (7 %)
 * more bytes; and a state takes 192 KiB instead of 288.
 */
export const NARROW_WINDOW_BITS = 13;

/** A sender takes all of its window with the first message longer than this, a quarter of it. */
export const NARROW_MESSAGE_BYTES_MAX: number = 2 ** NARROW_WINDOW_BITS / 4;

/**
 * Messages of up to this many bytes are compressed without zlib where no context is kept, see
 * short-deflate.ts. For 1 KiB of JSON that takes 6.5 µs where zlib takes 15 at level 6, and 13 for 5 %
 * more bytes at level 3; for 150 bytes 2 µs and 6; for 2 KiB 12 µs, 24 and 18.
 */
export const SHORT_MESSAGE_BYTES_MAX = 2048;

/** Inflating on the spot goes on in the pool beyond this many times `syncBytesMax`: about 200 µs. */
export const SPOT_EXPANSION_MAX = 8;

/** Bytes that zlib writes before it asks for more room; also what may be held above a limit. */
export const OUTPUT_CHUNK_BYTES = 65_536;

/**
 * Final blocks in one message (RFC 7692 §7.2.3.4 allows any number). Each makes zlib start anew,
 * which takes some 10 µs: beyond this number it serves nobody but an attacker.
 */
export const FINAL_BLOCKS_MAX = 1024;

export const DEFAULT_THRESHOLD_BYTES = 1024;
export const DEFAULT_LEVEL = 3;
export const DEFAULT_MEM_LEVEL = 8;
export const DEFAULT_SYNC_BYTES_MAX: number = 16 * 1024;
export const DEFAULT_MEMORY_BYTES_MAX: number = 128 * 1024 * 1024;
export const DEFAULT_IDLE_STATES_MAX = 8;
export const DEFAULT_IDLE_MS = 10_000;
export const DEFAULT_WAIT_MS = 10_000;

/**
 * Completes the options of a connection with the defaults.
 *
 * @throws {RangeError} when a number is out of its range.
 */
export function resolveDeflateOptions(given: DeflateOptions = {}): Required<DeflateOptions> {
  return {
    thresholdBytes: within("thresholdBytes", given.thresholdBytes ?? DEFAULT_THRESHOLD_BYTES, 0),
    level: within("level", given.level ?? DEFAULT_LEVEL, 1, 9),
    memLevel: within("memLevel", given.memLevel ?? DEFAULT_MEM_LEVEL, 1, 9),
    syncBytesMax: within("syncBytesMax", given.syncBytesMax ?? DEFAULT_SYNC_BYTES_MAX, 0),
  };
}

/**
 * Completes the options of a budget with the defaults.
 *
 * @throws {RangeError} when a number is out of its range.
 */
export function resolveBudgetOptions(
  given: DeflateBudgetOptions,
): Required<Omit<DeflateBudgetOptions, "onTheSpot">> {
  return {
    memoryBytesMax: within("memoryBytesMax", given.memoryBytesMax ?? DEFAULT_MEMORY_BYTES_MAX, 0),
    jobsMax: within("jobsMax", given.jobsMax ?? defaultJobsMax(), 1),
    idleStatesMax: within("idleStatesMax", given.idleStatesMax ?? DEFAULT_IDLE_STATES_MAX, 0),
    idleMs: within("idleMs", given.idleMs ?? DEFAULT_IDLE_MS, 1, TIMER_MS_MAX),
    waitMs: within("waitMs", given.waitMs ?? DEFAULT_WAIT_MS, 0, TIMER_MS_MAX),
  };
}

function defaultJobsMax(): number {
  const { UV_THREADPOOL_SIZE } = process.env;
  const threads = Number(UV_THREADPOOL_SIZE ?? 4);
  return Math.max(1, Math.floor((threads > 0 ? threads : 4) / 2));
}

function within(name: string, value: number, min: number, max = Number.MAX_SAFE_INTEGER): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value;
  const range = max === Number.MAX_SAFE_INTEGER ? `of ${min} or more` : `from ${min} to ${max}`;
  throw new RangeError(`${name} must be an integer ${range}, not ${value}`);
}
