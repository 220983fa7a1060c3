/**
 * A message framed once for many receivers: the same bytes go to every connection (servers do not
 * mask, RFC 6455 §5.1), and it is compressed once if it is.
 */
import { ARENA_FRAME_BYTES_MAX, type Arena, type ByteRange } from "../bytes/arena.js";
import { frameHeaderSize, HEADER_BYTES_MAX, writeFrameHeader } from "../frames/frame-header.js";
import { Opcode } from "../frames/opcode.js";
import type { Platform } from "../platform.js";

export interface PreparedMessage {
  readonly isBinary: boolean;
  /** Bytes of the message itself. */
  readonly payloadBytes: number;
  /** The frame as it goes to connections without compression. */
  readonly plain: ByteRange;
  /** The frame for connections with permessage-deflate; it refers to no earlier message. */
  readonly compressed: ByteRange | undefined;
  /** log2 of the largest distance that `compressed` refers back over (RFC 7692 §7.1.2). */
  readonly windowBits: number;
}

/** What a message compresses to, without its tail and without using any history. */
export interface PreparedDeflate {
  readonly bytes: Uint8Array;
  readonly windowBits: number;
}

/** Frames `data` in memory of its own, for use at any time. */
export function prepareMessage(
  data: string | Uint8Array,
  platform: Platform,
  deflated?: PreparedDeflate,
): PreparedMessage {
  const isBinary = typeof data !== "string";
  const payloadBytes = isBinary ? data.length : platform.utf8Length(data);
  const bytes = platform.allocate(frameHeaderSize(payloadBytes, false) + payloadBytes);
  const first = 0x80 | (isBinary ? Opcode.binary : Opcode.text);
  const at = writeFrameHeader(bytes, 0, first, payloadBytes, false);
  if (isBinary) bytes.set(data, at);
  else platform.encodeUtf8(data, bytes, at);
  const plain = { bytes, start: 0, end: bytes.length };
  return withDeflate(plain, isBinary, payloadBytes, platform, deflated);
}

/**
 * Frames `data` in the arena if it is small: what is broadcast in one turn then lies side by side
 * and leaves in one write. The result must be sent in the same turn and not kept; while it is being
 * sent hold the arena, or the write of one receiver gives away what the next is to get.
 */
export function prepareForTurn(
  data: string | Uint8Array,
  platform: Platform,
  arena: Arena,
  deflated?: PreparedDeflate,
): PreparedMessage {
  const isBinary = typeof data !== "string";
  const bound = HEADER_BYTES_MAX + (isBinary ? data.length : data.length * 3);
  if (bound > ARENA_FRAME_BYTES_MAX) return prepareMessage(data, platform, deflated);
  arena.reserve(bound);
  const { bytes, position: start } = arena;
  const first = 0x80 | (isBinary ? Opcode.binary : Opcode.text);
  const payloadBytes = isBinary ? data.length : platform.utf8Length(data);
  const at = writeFrameHeader(bytes, start, first, payloadBytes, false);
  if (isBinary) bytes.set(data, at);
  else platform.encodeUtf8(data, bytes, at);
  arena.position = at + payloadBytes;
  const plain = { bytes, start, end: arena.position };
  return withDeflate(plain, isBinary, payloadBytes, platform, deflated);
}

function withDeflate(
  plain: ByteRange,
  isBinary: boolean,
  payloadBytes: number,
  platform: Platform,
  deflated: PreparedDeflate | undefined,
): PreparedMessage {
  if (deflated === undefined) {
    return { isBinary, payloadBytes, plain, compressed: undefined, windowBits: 0 };
  }
  const length = deflated.bytes.length;
  const bytes = platform.allocate(frameHeaderSize(length, false) + length);
  const first = 0xc0 | (isBinary ? Opcode.binary : Opcode.text);
  bytes.set(deflated.bytes, writeFrameHeader(bytes, 0, first, length, false));
  const compressed = { bytes, start: 0, end: bytes.length };
  return { isBinary, payloadBytes, plain, compressed, windowBits: deflated.windowBits };
}
