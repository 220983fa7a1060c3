/** Builds frames for tests, by hand and apart from the code under test. */

export const ROLES = ["server", "client"] as const;
export type Role = (typeof ROLES)[number];

export interface FrameParts {
  readonly fin?: boolean;
  readonly rsv1?: boolean;
  readonly rsv2?: boolean;
  readonly rsv3?: boolean;
  readonly opcode: number;
  readonly payload?: Uint8Array | string;
  /** Undefined: not masked. */
  readonly key?: readonly number[] | undefined;
  /** What the header says; by default the length of the payload. */
  readonly length?: bigint;
  /** How many bytes the length takes: 0, 2 or 8 behind the second byte. */
  readonly lengthBytes?: 0 | 2 | 8;
}

export const KEY = [0x37, 0xfa, 0x21, 0x3d] as const;

/** A frame as the peer of a `role` sends it: masked towards a server (RFC 6455 §5.1). */
export function frameTo(role: Role, parts: FrameParts): Uint8Array {
  return frame({ key: role === "server" ? KEY : undefined, ...parts });
}

export function frame(parts: FrameParts): Uint8Array {
  const payload =
    typeof parts.payload === "string"
      ? new Uint8Array(Buffer.from(parts.payload))
      : (parts.payload ?? new Uint8Array(0));
  const length = parts.length ?? BigInt(payload.length);
  const lengthBytes = parts.lengthBytes ?? (length < 126n ? 0 : length < 65536n ? 2 : 8);
  const seven = lengthBytes === 0 ? length : lengthBytes === 2 ? 126n : 127n;
  const bits = [
    bit(parts.fin ?? true),
    bit(parts.rsv1),
    bit(parts.rsv2),
    bit(parts.rsv3),
    binary(BigInt(parts.opcode), 4),
    bit(parts.key !== undefined),
    binary(seven, 7),
    binary(length, lengthBytes * 8),
    ...(parts.key ?? []).map((byte) => binary(BigInt(byte), 8)),
  ];
  const { key } = parts;
  const masked = key === undefined ? payload : payload.map((byte, i) => byte ^ key[i % 4]!);
  return joined(bytesOfBits(bits.join("")), masked);
}

/** `"1 000 0001  0 0000101"` as bytes; whatever is not a 0 or a 1 labels and is left out. */
export function bytesOfBits(drawing: string): Uint8Array {
  const bits = drawing.replaceAll(/[^01]/g, "");
  if (bits.length % 8 !== 0) throw new Error(`${bits.length} bits are no whole bytes`);
  return Uint8Array.from(bits.match(/.{8}/g) ?? [], (byte) => Number.parseInt(byte, 2));
}

export function hex(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/[^0-9a-f]/gi, ""), "hex"));
}

export function utf8(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text));
}

export function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts));
}

/** The body of a Close frame. */
export function closeBody(code: number, reason: string | Uint8Array = ""): Uint8Array {
  const tail = typeof reason === "string" ? utf8(reason) : reason;
  return joined(Uint8Array.of(code >> 8, code & 0xff), tail);
}

/** A frame as it was read back from output. */
export interface ReadFrame {
  readonly fin: boolean;
  readonly rsv: number;
  readonly opcode: number;
  readonly masked: boolean;
  readonly key: number;
  readonly payload: Uint8Array;
}

/** Reads whole frames, naively, and undoes their masking. */
export function readFrames(bytes: Uint8Array): ReadFrame[] {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const frames: ReadFrame[] = [];
  for (let at = 0; at < bytes.length; ) {
    const first = view.getUint8(at);
    const second = view.getUint8(at + 1);
    at += 2;
    let length = second & 0x7f;
    if (length === 126) {
      length = view.getUint16(at);
      at += 2;
    } else if (length === 127) {
      length = Number(view.getBigUint64(at));
      at += 8;
    }
    const masked = second >= 0x80;
    const key = masked ? view.getUint32(at, true) : 0;
    if (masked) at += 4;
    if (at + length > bytes.length) throw new Error("a frame is cut short");
    const payload = bytes.slice(at, at + length).map((b, i) => b ^ ((key >>> ((i % 4) * 8)) & 255));
    frames.push({
      fin: first >= 0x80,
      rsv: (first >> 4) & 7,
      opcode: first & 15,
      masked,
      key,
      payload,
    });
    at += length;
  }
  return frames;
}

function bit(value: boolean | undefined): string {
  return value ? "1" : "0";
}

function binary(value: bigint, width: number): string {
  return width === 0 ? "" : value.toString(2).padStart(width, "0");
}
