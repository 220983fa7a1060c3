import { constants, deflateRawSync } from "node:zlib";

/** What a compressed message carries on the wire (RFC 7692 §7.2.1). */
export function deflated(data: Uint8Array, history?: Uint8Array): Uint8Array {
  const dictionary = history === undefined ? {} : { dictionary: history };
  const out = deflateRawSync(data, { finishFlush: constants.Z_SYNC_FLUSH, ...dictionary });
  return new Uint8Array(out.subarray(0, out.length - 4));
}
