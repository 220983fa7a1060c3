/**
 * What `ws-protocol` borrows from Node: buffers, text codecs, randomness, SHA-1.
 */
import { constants, isAscii, isUtf8 } from "node:buffer";
import { hash, randomFillSync } from "node:crypto";
import { Arena, type BulkMask, type Platform } from "@tidewire/ws-protocol";
import { type BulkMasking, loadBulkMasking } from "./bulk-mask.js";

/** These methods of Buffer have neither the checks nor the dispatch of `toString` and `write`. */
interface RawCodec {
  latin1Slice(this: Uint8Array, start: number, end: number): string;
  utf8Slice(this: Uint8Array, start: number, end: number): string;
  latin1Write(this: Uint8Array, text: string, offset: number): number;
  utf8Write(this: Uint8Array, text: string, offset: number): number;
}

const { latin1Slice, latin1Write, utf8Slice, utf8Write } = Buffer.prototype as unknown as RawCodec;

/** Masking keys are drawn from the system this many at a time. */
const RANDOM_WORDS = 2048;
const randomWords = new Int32Array(RANDOM_WORDS);
let randomWordsUsed = RANDOM_WORDS;

/** Below this many bytes a loop copies faster than making a view for `set`. */
const LOOP_BYTES_MAX = 64;

/** Of the buffer that sockets share, where it has to be found elsewhere: as much as libuv reads. */
const READ_BYTES = 64 * 1024;

/** Null until the first payload that is not short; undefined where this runtime has none. */
let bulkMasking: BulkMasking | undefined | null = null;

/** A class: V8 makes a dictionary of an object literal with a getter, and then looks up each call. */
class NodePlatform implements Platform {
  // No text has more code units than bytes.
  readonly textBytesMax = constants.MAX_STRING_LENGTH;

  allocate(length: number): Uint8Array {
    if (length >= LONG_BYTES && !keepsFreedMemory) keepFreedMemory();
    return Buffer.allocUnsafeSlow(length);
  }

  copy(bytes: Uint8Array, start: number, end: number): Uint8Array {
    const length = end - start;
    if (length >= LONG_BYTES && !keepsFreedMemory) keepFreedMemory();
    const copy = Buffer.allocUnsafe(length);
    if (length > LOOP_BYTES_MAX) copy.set(bytes.subarray(start, end));
    else for (let i = 0; i < length; i++) copy[i] = bytes[start + i]!;
    return copy;
  }

  decodeAscii(bytes: Uint8Array, start: number, end: number): string {
    return latin1Slice.call(bytes, start, end);
  }

  decodeUtf8(bytes: Uint8Array, start: number, end: number): string {
    return utf8Slice.call(bytes, start, end);
  }

  encodeUtf8(text: string, bytes: Uint8Array, offset: number): number {
    return utf8Write.call(bytes, text, offset);
  }

  encodeAscii(text: string, bytes: Uint8Array, offset: number): void {
    latin1Write.call(bytes, text, offset);
  }

  utf8Length(text: string): number {
    return Buffer.byteLength(text, "utf8");
  }

  isAscii(bytes: Uint8Array): boolean {
    return isAscii(bytes);
  }

  isUtf8(bytes: Uint8Array): boolean {
    return isUtf8(bytes);
  }

  get maskBulk(): BulkMask | undefined {
    return bulk()?.maskBulk;
  }

  decodeMasked(source: Uint8Array, start: number, end: number, key: number): string | undefined {
    if (end - start >= LONG_BYTES && !keepsFreedMemory) keepFreedMemory();
    const masking = bulk();
    if (masking === undefined) return undefined;
    const at = masking.maskText(source, start, end, key);
    return at < 0 ? undefined : latin1Slice.call(masking.block, at, at + end - start);
  }

  textMemory(length: number): Uint8Array | undefined {
    if (length >= LONG_BYTES && !keepsFreedMemory) keepFreedMemory();
    const memory = bulk()?.textMemory;
    return memory !== undefined && length <= memory.length ? memory : undefined;
  }

  randomWord(): number {
    if (randomWordsUsed === RANDOM_WORDS) {
      randomFillSync(randomWords);
      randomWordsUsed = 0;
    }
    return randomWords[randomWordsUsed++]!;
  }
}

export const nodePlatform: Platform = new NodePlatform();

/** Where sockets that share one buffer read to. */
export function takeReadMemory(): Buffer {
  const memory = bulk()?.readMemory;
  if (memory === undefined) return Buffer.allocUnsafeSlow(READ_BYTES);
  return Buffer.from(memory.buffer, memory.byteOffset, memory.length);
}

function bulk(): BulkMasking | undefined {
  if (bulkMasking === null) bulkMasking = loadBulkMasking();
  return bulkMasking;
}

/** Allocations of messages that take more than a read each show that large ones are about. */
const LONG_BYTES = 32 * 1024;
const KEPT_BYTES = 24 * 1024 * 1024;
/**
 * Also until the arena has its first slab, which shows nothing. A process without long messages keeps
 * less so: what V8's compiler freed on its threads alone was 4 to 6 MB.
 */
let keepsFreedMemory = true;

/**
 * Each read of a Node socket takes 64 KiB of fresh memory, and each long message as much as it is long.
 * V8 frees them 32 MiB at a time, and glibc gives freed memory at the end of its heap back to the
 * kernel, so that the next messages take a page fault for every 4 KiB. But it learns: once a larger
 * block was mapped and freed, it keeps up to twice as much (mallopt(3), M_TRIM_THRESHOLD), which has to
 * be what V8 frees at a time and what is in use meanwhile. So we map one, unwritten, and let it go.
 */
function keepFreedMemory(): void {
  keepsFreedMemory = true;
  try {
    Buffer.allocUnsafeSlow(KEPT_BYTES);
  } catch {
    // Where so much cannot even be mapped, nothing should be kept either.
  }
}

/** The memory that all connections of this process encode their frames into. */
export const arena: Arena = new Arena(nodePlatform);
keepsFreedMemory = false;

export function sha1(bytes: Uint8Array): Uint8Array {
  return hash("sha1", bytes, "buffer");
}
