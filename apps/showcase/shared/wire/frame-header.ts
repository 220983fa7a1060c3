// The header of a frame as RFC 6455 §5.2 draws it, for looking at: nothing is refused here.

export interface FrameHeader {
  readonly fin: boolean;
  readonly rsv1: boolean;
  readonly rsv2: boolean;
  readonly rsv3: boolean;
  readonly opcode: number;
  readonly masked: boolean;
  /** The 7 bits; 126 and 127 stand for a length in the following 2 or 8 bytes. */
  readonly length7: number;
  /** How many bits tell the length. */
  readonly lengthBits: 7 | 16 | 64;
  /** Bytes of the payload. */
  readonly length: number;
  readonly maskingKey: Uint8Array | undefined;
  /** Bytes of the header, the masking key included. */
  readonly size: number;
}

/** The longest: 2 bytes, 8 of length, 4 of masking key. */
export const headerBytesMax = 14;

/** How long the header is that begins with these two bytes. */
export function headerSize(second: number): number {
  const length7 = second & 0x7f;
  const lengthBytes = length7 === 126 ? 2 : length7 === 127 ? 8 : 0;
  return 2 + lengthBytes + (second & 0x80 ? 4 : 0);
}

/** Undefined when there are not enough bytes yet. */
export function readHeader(bytes: Uint8Array): FrameHeader | undefined {
  const [first, second] = bytes;
  if (first === undefined || second === undefined) return undefined;
  const size = headerSize(second);
  if (bytes.length < size) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, size);
  const length7 = second & 0x7f;
  const masked = (second & 0x80) !== 0;
  const [lengthBits, length] =
    length7 === 126
      ? ([16, view.getUint16(2)] as const)
      : length7 === 127
        ? ([64, Number(view.getBigUint64(2))] as const)
        : ([7, length7] as const);
  return {
    fin: (first & 0x80) !== 0,
    rsv1: (first & 0x40) !== 0,
    rsv2: (first & 0x20) !== 0,
    rsv3: (first & 0x10) !== 0,
    opcode: first & 0x0f,
    masked,
    length7,
    lengthBits,
    length,
    maskingKey: masked ? bytes.slice(size - 4, size) : undefined,
    size,
  };
}

/** §5.3: the same operation masks and unmasks. Answers a copy. */
export function applyMask(payload: Uint8Array, key: Uint8Array | undefined): Uint8Array {
  if (key === undefined) return payload.slice();
  return payload.map((byte, at) => byte ^ (key[at & 3] ?? 0));
}

const opcodeNames = new Map([
  [0x0, "continuation"],
  [0x1, "text"],
  [0x2, "binary"],
  [0x8, "close"],
  [0x9, "ping"],
  [0xa, "pong"],
]);

export function opcodeName(opcode: number): string {
  return opcodeNames.get(opcode) ?? "reserved";
}

/** §5.5: from 8 on. */
export function isControlOpcode(opcode: number): boolean {
  return opcode >= 0x8;
}
