// Frames as the load sends and expects them, made once and written many times. Written apart from
// the packages under test, so that a fault there cannot hide here.

export const Opcode = { text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

const MASK = [0x1f, 0x8c, 0x53, 0xe6] as const;

/** RFC 6455 §5.2: how many bytes stand before the payload of a frame, without those of the mask. */
export function headerBytes(payloadBytes: number): number {
  return payloadBytes < 126 ? 2 : payloadBytes < 65_536 ? 4 : 10;
}

export interface FrameOptions {
  readonly opcode: number;
  readonly masked: boolean;
  /** RSV1: the message is compressed (RFC 7692). */
  readonly compressed?: boolean;
}

/** One final frame. */
export function createFrame(payload: Uint8Array, options: FrameOptions): Buffer {
  const start = headerBytes(payload.length) + (options.masked ? 4 : 0);
  const frame = Buffer.allocUnsafe(start + payload.length);
  frame[0] = 0x80 | (options.compressed ? 0x40 : 0) | options.opcode;
  writeLength(frame, payload.length, options.masked ? 0x80 : 0);
  frame.set(payload, start);
  if (!options.masked) return frame;
  frame.set(MASK, start - 4);
  for (let index = 0; index < payload.length; index += 1) {
    const at = start + index;
    frame[at] = frame[at]! ^ MASK[index & 3]!;
  }
  return frame;
}

function writeLength(frame: Buffer, length: number, maskBit: number): void {
  if (length < 126) frame[1] = maskBit | length;
  else if (length < 65_536) {
    frame[1] = maskBit | 126;
    frame.writeUInt16BE(length, 2);
  } else {
    frame[1] = maskBit | 127;
    frame.writeBigUInt64BE(BigInt(length), 2);
  }
}
