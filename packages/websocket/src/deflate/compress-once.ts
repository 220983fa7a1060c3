/** Compresses a message that many connections are sent. */
import { constants, deflateRawSync } from "node:zlib";
import type { PreparedDeflate } from "@tidewire/ws-protocol";
import { type DeflateBudget, sharedDeflateBudget } from "./deflate-budget.js";
import { type DeflateOptions, resolveDeflateOptions } from "./deflate-limits.js";
import { deflateShort } from "./short-deflate.js";
import { deflateOnTheSpot } from "./zlib-deflater.js";
import type { ZlibSettings } from "./zlib-state.js";

export interface CompressOnceOptions extends DeflateOptions {
  /** The largest window to refer back over, 9–15. Default 15: receivers with less get it plain. */
  readonly windowBits?: number;
}

/** zlib cannot do with less than 512 bytes, whatever it is told. */
const WINDOW_BITS_MIN = 9;
const WINDOW_BITS_MAX = 15;
const TAIL_BYTES = 4;

/**
 * Compresses `data` without any history, on the spot, whatever its size (some 14 ms for a mebibyte
 * of JSON, less than sending it uncompressed to ten receivers). `windowBits` of the result is no
 * larger than the message makes it, so that short messages suit every connection.
 *
 * @returns `undefined` when it is to be sent as it is: shorter than `thresholdBytes`, not made
 *   smaller, or no memory left in the budget.
 * @throws {RangeError} when an option is out of its range.
 */
export function compressOnce(
  data: string | Uint8Array,
  options: CompressOnceOptions = {},
  budget: DeflateBudget = sharedDeflateBudget(),
): PreparedDeflate | undefined {
  const { thresholdBytes, level, memLevel } = resolveDeflateOptions(options);
  const windowBits = options.windowBits ?? WINDOW_BITS_MAX;
  if (!(windowBits >= WINDOW_BITS_MIN && windowBits <= WINDOW_BITS_MAX)) {
    throw new RangeError(`windowBits must be an integer from 9 to 15, not ${windowBits}`);
  }
  const input = typeof data === "string" ? Buffer.from(data) : data;
  if (input.length < thresholdBytes) return undefined;
  const short = deflateShort(input, windowBits);
  const bytes =
    short === undefined
      ? compress({ kind: "deflate", windowBits, level, memLevel }, input, budget)
      : Buffer.from(short);
  if (bytes === undefined || bytes.length >= input.length) return undefined;
  return { bytes, windowBits: Math.min(windowBits, neededBits(input.length)) };
}

function compress(
  settings: ZlibSettings,
  input: Uint8Array,
  budget: DeflateBudget,
): Uint8Array | undefined {
  if (!budget.onTheSpot) {
    const { windowBits, level, memLevel } = settings;
    const finishFlush = constants.Z_SYNC_FLUSH;
    const flushed = deflateRawSync(input, { windowBits, level, memLevel, finishFlush });
    return flushed.subarray(0, flushed.length - TAIL_BYTES);
  }
  const state = budget.acquire(settings);
  if (state === undefined) return undefined;
  const bytes = deflateOnTheSpot(state, input, true);
  budget.release(state);
  return bytes && Buffer.from(bytes);
}

/** Nothing in a message can refer back over more than the message. */
function neededBits(length: number): number {
  return Math.max(8, Math.ceil(Math.log2(length)));
}
