/**
 * Where zlib writes on the spot: one buffer for the whole process. What is there is used up before
 * the next run, or copied.
 */
import { OUTPUT_CHUNK_BYTES } from "./deflate-limits.js";

export const spotOutput: Buffer = Buffer.allocUnsafeSlow(OUTPUT_CHUNK_BYTES);

/** The first `length` bytes of `spotOutput`, as they lie there. */
export function viewSpotOutput(length: number): Uint8Array {
  return spotOutput.subarray(0, length);
}

/** The first `length` bytes of `spotOutput`, for the caller to keep. */
export function takeSpotOutput(length: number): Uint8Array {
  const taken = Buffer.allocUnsafe(length);
  spotOutput.copy(taken, 0, 0, length);
  return taken;
}

/** Several pieces as one; one piece is returned as it is. */
export function joinPieces(pieces: readonly Uint8Array[]): Uint8Array {
  return pieces.length === 1 ? pieces[0]! : Buffer.concat(pieces);
}
