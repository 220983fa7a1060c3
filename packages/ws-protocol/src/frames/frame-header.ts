/**
 * The header of a frame (RFC 6455 §5.2), read from chunks that are cut anywhere and written into
 * memory that the caller provides.
 *
 *      0               1               2..9                  then
 *     +-+-+-+-+-------+-+-------------+---------------------+--------------------+
 *     |F|R|R|R| opcode|M| length 7    | length 16 or 64     | masking key 32     |
 *     |I|S|S|S|  (4)  |A|             | if 7 bits say 126   | if MASK            |
 *     |N|V|V|V|       |S|             | or 127              |                    |
 *     | |1|2|3|       |K|             |                     |                    |
 *     +-+-+-+-+-------+-+-------------+---------------------+--------------------+
 */
import { createFault, type Fault } from "../faults.js";
import { CONTROL_BYTES_MAX } from "../limits.js";
import { isControl, Opcode } from "./opcode.js";

/** Two bytes, eight of length, four of key. */
export const HEADER_BYTES_MAX = 14;

export const HeaderStatus = { incomplete: 0, ready: 1, faulty: 2 } as const;
export type HeaderStatus = (typeof HeaderStatus)[keyof typeof HeaderStatus];

/** What a reader must know about its end of the connection. */
export interface FrameRules {
  /** RFC 6455 §5.1: true at a server (clients mask), false at a client (servers do not). */
  readonly masked: boolean;
  /** Whether an extension that defines RSV1 was negotiated (RFC 7692 §6). */
  readonly rsv1Allowed: boolean;
  /** Payload bytes of one frame at most. */
  readonly frameBytesMax: number;
}

/**
 * Reads one header after the other; the fields describe the latest one. Rules that concern a single
 * frame are judged here, those about the sequence of frames by the reader of messages.
 */
export class FrameHeaderReader {
  status: HeaderStatus = HeaderStatus.incomplete;
  fin = false;
  rsv1 = false;
  opcode = 0;
  length = 0;
  /** The masking key, its first byte lowest; 0 when the frame is not masked. */
  key = 0;
  /** Set when `status` is `faulty`. */
  fault: Fault | undefined;

  readonly #rules: FrameRules;
  // A header that crosses a chunk border is collected here; made on the first such occasion.
  #partial: Uint8Array | undefined;
  #partialLength = 0;

  constructor(rules: FrameRules) {
    this.#rules = rules;
  }

  /** Whether the beginning of a header was read, and its end not yet. */
  get begun(): boolean {
    return this.#partialLength > 0;
  }

  /** Forgets the header that was begun, and a fault. */
  reset(): void {
    this.#partialLength = 0;
    this.fault = undefined;
    this.status = HeaderStatus.incomplete;
  }

  /**
   * Reads from `chunk[start..end)`, where `start < end`, and returns the position behind what was
   * consumed. An incomplete header consumes everything and is continued by the next call.
   */
  read(chunk: Uint8Array, start: number, end: number): number {
    if (this.#partialLength > 0) return this.#readPartial(chunk, start, end);
    const second = start + 1 < end ? chunk[start + 1]! : 0;
    const size = headerSize(second);
    if (start + size > end || start + 1 >= end) {
      // RFC 6455 §7.1.7: fail as early as the bytes show the fault.
      if (start + 1 >= end ? this.#judgeFirst(chunk[start]!) : this.#judgeTwo(chunk, start)) {
        this.#keepPartial(chunk, start, end);
      }
      return end;
    }
    if (this.#judgeTwo(chunk, start)) this.#readRest(chunk, start, size);
    return start + size;
  }

  #readPartial(chunk: Uint8Array, start: number, end: number): number {
    const partial = this.#partial!;
    let position = start;
    while (position < end) {
      partial[this.#partialLength++] = chunk[position++]!;
      if (this.#partialLength === 2 && !this.#judgeTwo(partial, 0)) break;
      if (this.#partialLength < 2) continue;
      const size = headerSize(partial[1]!);
      if (this.#partialLength === size) {
        this.#partialLength = 0;
        this.#readRest(partial, 0, size);
        return position;
      }
    }
    return position;
  }

  #keepPartial(chunk: Uint8Array, start: number, end: number): void {
    this.#partial ??= new Uint8Array(HEADER_BYTES_MAX);
    for (let position = start; position < end; position++) {
      this.#partial[this.#partialLength++] = chunk[position]!;
    }
    this.status = HeaderStatus.incomplete;
  }

  #judgeFirst(first: number): boolean {
    // RFC 6455 §5.2: RSV bits are zero unless an extension defines them.
    const rsv = first & 0x70;
    if (rsv !== 0 && (rsv !== 0x40 || !this.#rules.rsv1Allowed)) return this.#fail("reserved-bits");
    const opcode = first & 0x0f;
    // RFC 6455 §5.2: an unknown opcode fails the connection.
    if ((opcode & 0x7) > 2) return this.#fail("reserved-opcode");
    if (isControl(opcode)) {
      // RFC 6455 §5.5: control frames are not fragmented.
      if ((first & 0x80) === 0) return this.#fail("control-fragmented");
      // RFC 7692 §6.1: RSV1 belongs to the first frame of a data message.
      if (rsv !== 0) return this.#fail("reserved-bits");
    } else if (opcode === Opcode.continuation && rsv !== 0) {
      return this.#fail("reserved-bits");
    }
    return true;
  }

  #judgeTwo(bytes: Uint8Array, at: number): boolean {
    const first = bytes[at]!;
    const second = bytes[at + 1]!;
    // The usual first bytes need no closer look: text, binary or continuation without RSV.
    if ((first & 0x7f) > 2 && !this.#judgeFirst(first)) return false;
    // RFC 6455 §5.1: a client masks every frame, a server none; a breach fails the connection.
    if ((second & 0x80) === 0) {
      if (this.#rules.masked) return this.#fail("mask-missing");
    } else if (!this.#rules.masked) {
      return this.#fail("mask-unexpected");
    }
    // RFC 6455 §5.5: a control frame has a payload of 125 bytes or less.
    if (isControl(first) && (second & 0x7f) > CONTROL_BYTES_MAX)
      return this.#fail("control-too-long");
    return true;
  }

  #readRest(bytes: Uint8Array, at: number, size: number): void {
    const first = bytes[at]!;
    this.fin = first >= 0x80;
    this.rsv1 = (first & 0x40) !== 0;
    this.opcode = first & 0x0f;
    this.key = 0;
    this.status = HeaderStatus.ready;

    let length = bytes[at + 1]! & 0x7f;
    if (length === 126) {
      length = (bytes[at + 2]! << 8) | bytes[at + 3]!;
      if (length < 126) this.#fail("length-not-minimal");
    } else if (length === 127) {
      length = this.#readLongLength(bytes, at + 2);
    }
    this.length = length;
    if (length > this.#rules.frameBytesMax && this.status === HeaderStatus.ready) {
      const { frameBytesMax } = this.#rules;
      this.#fail("frame-too-big", `frame of ${length} bytes, the limit is ${frameBytesMax}`);
    }
    if (this.#rules.masked) {
      const key = at + size - 4;
      this.key =
        bytes[key]! | (bytes[key + 1]! << 8) | (bytes[key + 2]! << 16) | (bytes[key + 3]! << 24);
    }
  }

  #readLongLength(bytes: Uint8Array, at: number): number {
    const high =
      bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
    const low =
      bytes[at + 4]! * 0x1000000 +
      ((bytes[at + 5]! << 16) | (bytes[at + 6]! << 8) | bytes[at + 7]!);
    // RFC 6455 §5.2: the most significant bit must be 0, and the shortest form must be used.
    if (high >= 0x80000000) this.#fail("length-overflow");
    else if (high === 0 && low <= 0xffff) this.#fail("length-not-minimal");
    // Above 2^53 the sum is inexact, and far above any limit that can be set but `Infinity`.
    else if (high > 0x1fffff) this.#fail("frame-too-big", "frame of 2^53 bytes or more");
    return high * 0x100000000 + low;
  }

  #fail(code: Fault["code"], detail?: string): false {
    this.fault = createFault(code, detail);
    this.status = HeaderStatus.faulty;
    return false;
  }
}

/** How many bytes a header takes for `length` bytes of payload. */
export function frameHeaderSize(length: number, masked: boolean): number {
  return (length < 126 ? 2 : length < 0x10000 ? 4 : 10) + (masked ? 4 : 0);
}

/**
 * Writes a header at `at` and returns the position behind it; of a masked frame that is where the
 * caller puts the key (RFC 6455 §5.3).
 *
 * @param first FIN, RSV bits and opcode.
 */
export function writeFrameHeader(
  bytes: Uint8Array,
  at: number,
  first: number,
  length: number,
  masked: boolean,
): number {
  const mask = masked ? 0x80 : 0;
  bytes[at] = first;
  if (length < 126) {
    bytes[at + 1] = mask | length;
    return at + 2;
  }
  if (length < 0x10000) {
    bytes[at + 1] = mask | 126;
    bytes[at + 2] = length >>> 8;
    bytes[at + 3] = length;
    return at + 4;
  }
  bytes[at + 1] = mask | 127;
  const high = Math.floor(length / 0x100000000);
  bytes[at + 2] = high >>> 24;
  bytes[at + 3] = high >>> 16;
  bytes[at + 4] = high >>> 8;
  bytes[at + 5] = high;
  bytes[at + 6] = length >>> 24;
  bytes[at + 7] = length >>> 16;
  bytes[at + 8] = length >>> 8;
  bytes[at + 9] = length;
  return at + 10;
}

/** Writes a masking key, its low byte first, and returns the position behind it. */
export function writeMaskingKey(bytes: Uint8Array, at: number, key: number): number {
  bytes[at] = key;
  bytes[at + 1] = key >>> 8;
  bytes[at + 2] = key >>> 16;
  bytes[at + 3] = key >>> 24;
  return at + 4;
}

function headerSize(second: number): number {
  const length = second & 0x7f;
  return (length < 126 ? 2 : length === 126 ? 4 : 10) + (second >= 0x80 ? 4 : 0);
}
