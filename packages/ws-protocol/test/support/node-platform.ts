/** A `Platform` over Node's Buffer that counts what it allocates. */
import { isUtf8 } from "node:buffer";
import type { Platform } from "../../src/platform.js";

export interface CountingPlatform extends Platform {
  /** Bytes handed out by `allocate` and `copy` so far. */
  allocatedBytes: number;
  /** The largest piece handed out so far. */
  largestBytes: number;
}

/** @param randomWord the source of masking keys. */
export function createPlatform(randomWord: () => number = () => 0x12345678): CountingPlatform {
  const platform: CountingPlatform = {
    allocatedBytes: 0,
    largestBytes: 0,
    allocate(length) {
      platform.allocatedBytes += length;
      platform.largestBytes = Math.max(platform.largestBytes, length);
      // What is not written shows up as 0xEE instead of as an innocent zero.
      return Buffer.alloc(length, 0xee);
    },
    copy(bytes, start, end) {
      const copied = platform.allocate(end - start);
      copied.set(bytes.subarray(start, end));
      return copied;
    },
    decodeAscii: (bytes, start, end) => asBuffer(bytes).latin1Slice(start, end),
    decodeUtf8: (bytes, start, end) => asBuffer(bytes).utf8Slice(start, end),
    encodeUtf8: (text, bytes, offset) => asBuffer(bytes).write(text, offset, "utf8"),
    encodeAscii: (text, bytes, offset) => void asBuffer(bytes).write(text, offset, "latin1"),
    utf8Length: (text) => Buffer.byteLength(text, "utf8"),
    isUtf8: (bytes) => isUtf8(bytes),
    randomWord,
  };
  return platform;
}

function asBuffer(bytes: Uint8Array): Buffer & SliceMethods {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length) as Buffer & SliceMethods;
}

interface SliceMethods {
  latin1Slice(start: number, end: number): string;
  utf8Slice(start: number, end: number): string;
}
