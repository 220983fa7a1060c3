/**
 * Messages in, bytes out: frames, masks and compresses what one connection sends, in order
 * (RFC 6455 §5.2–5.4; RFC 7692 §6.1). Small frames are encoded straight into the arena.
 *
 * While a message is being compressed elsewhere, whatever is written after it waits; pings and
 * pongs, which may stand between the frames of a message, do not.
 */
import { ARENA_FRAME_BYTES_MAX, type Arena, type ByteRange } from "../bytes/arena.js";
import { maskInto } from "../bytes/mask.js";
import { OutputQueue } from "../bytes/output-queue.js";
import { advanceUtf8, UTF8_COMPLETE, UTF8_INVALID } from "../bytes/utf8.js";
import {
  type Deflated,
  type DeflateSession,
  isDeflateFault,
  SEND_PLAIN,
} from "../deflate/deflate-port.js";
import type { Fault } from "../faults.js";
import {
  frameHeaderSize,
  HEADER_BYTES_MAX,
  writeFrameHeader,
  writeMaskingKey,
} from "../frames/frame-header.js";
import { Opcode } from "../frames/opcode.js";
import type { Platform } from "../platform.js";
import type { PreparedMessage } from "./prepared-message.js";

const NOT_UTF8 = "the bytes given for a text message are not valid UTF-8";

const FIN = 0x80;
const RSV1 = 0x40;
/** Up to here a loop over the characters is faster than a call into the platform. */
const LOOP_CHARACTERS_MAX = 48;
/** Unmasked bytes from here on are sent from where they lie instead of being copied. */
const ZERO_COPY_FROM_BYTES = ARENA_FRAME_BYTES_MAX - HEADER_BYTES_MAX;

/** Where a short text is encoded to be compressed on the spot, by whichever connection. */
let scratch: Uint8Array | undefined;

export interface MessageWriterOptions {
  readonly platform: Platform;
  readonly arena: Arena;
  /** RFC 6455 §5.1: true at a client. */
  readonly masked: boolean;
  readonly deflate?: DeflateSession | undefined;
}

export class MessageWriter {
  readonly output: OutputQueue;
  /** Called when output appeared other than during a call of the owner. */
  onOutput: (() => void) | undefined;
  /** Called when a message could not be compressed; nothing more will be written. */
  onFault: ((fault: Fault) => void) | undefined;
  /** Whether a Close frame waits behind a message that is being compressed, or was dropped so. */
  closeWaiting = false;

  readonly #platform: Platform;
  readonly #arena: Arena;
  readonly #masked: boolean;
  readonly #deflate: DeflateSession | undefined;

  #deflating = false;
  #waiting: (() => void)[] | undefined;
  #waitingBytes = 0;

  // The message being sent in fragments.
  #open: "text" | "binary" | undefined;
  #openCompressed = false;
  #openSurrogate = "";
  #openUtf8 = UTF8_COMPLETE;
  /** The message was to be compressed, but its first part went as it was: so do the others. */
  #restPlain = false;

  constructor(options: MessageWriterOptions) {
    this.#platform = options.platform;
    this.#arena = options.arena;
    this.#masked = options.masked;
    this.#deflate = options.deflate;
    this.output = new OutputQueue(options.arena);
  }

  /** Bytes that nobody has taken yet, those that wait for compression included. */
  get queuedBytes(): number {
    return this.output.byteLength + this.#waitingBytes;
  }

  /** Whether nothing that it has written matters to what comes, so that another may have it. */
  get atRest(): boolean {
    return this.#deflate === undefined && this.#open === undefined && this.output.byteLength === 0;
  }

  /** Whether a message has been begun with `writeFragment` and not ended. */
  get midMessage(): boolean {
    return this.#open !== undefined;
  }

  /** Writes a whole text message. */
  writeText(text: string, compress: boolean): void {
    if (this.#deflating) this.#deferText(text, compress);
    else if (compress && this.#isWorthDeflating(text.length)) {
      this.#deflateText(text);
    } else this.#writeTextFrame(FIN | Opcode.text, text);
  }

  /** Writes a whole message of bytes; text has been checked to be UTF-8. */
  writeBytes(opcode: Opcode, bytes: Uint8Array, compress: boolean): void {
    if (this.#deflating) this.#deferBytes(opcode, this.#own(bytes), compress);
    else if (compress && this.#isWorthDeflating(bytes.length)) {
      // Whoever compresses later must find what was sent, not what the caller put there since.
      this.#deflatePart(FIN | RSV1 | opcode, this.#own(bytes), true);
    } else this.#writeFrame(FIN | opcode, bytes);
  }

  /** Writes a message that was framed for many. */
  writePrepared(message: PreparedMessage): void {
    if (this.#deflating) {
      // What was prepared for the turn does not outlive it.
      this.#deferPrepared({ ...message, plain: this.#ownRange(message.plain) });
      return;
    }
    if (this.#masked) {
      const { bytes, end } = message.plain;
      const opcode = message.isBinary ? Opcode.binary : Opcode.text;
      this.#writeFrame(FIN | opcode, bytes.subarray(end - message.payloadBytes, end));
      return;
    }
    const deflate = this.#deflate;
    const { compressed } = message;
    if (compressed !== undefined && deflate?.deflater !== undefined) {
      if (message.windowBits <= deflate.windowBits) {
        // Later messages must not refer to history that lies before this one.
        deflate.deflater.reset();
        this.output.append(compressed.bytes, compressed.start, compressed.end);
        return;
      }
    }
    const { bytes, start, end } = message.plain;
    this.output.framingBytes += end - start - message.payloadBytes;
    this.output.append(bytes, start, end);
  }

  /**
   * Writes the next part of a message as one frame (RFC 6455 §5.4).
   *
   * @throws {TypeError} when bytes of a text are not UTF-8, or the type is not that of the first
   *   part; nothing of this part was written.
   */
  writeFragment(
    data: string | Uint8Array,
    type: "text" | "binary",
    last: boolean,
    compress: boolean,
  ): void {
    const first = this.#open === undefined;
    if (first) {
      this.#openCompressed = compress && this.#deflate?.deflater !== undefined;
      this.#openSurrogate = "";
      this.#openUtf8 = UTF8_COMPLETE;
    } else if (this.#open !== type) {
      throw new TypeError(`this message was begun as ${this.#open}: send its parts as such`);
    }
    let bytes: Uint8Array;
    if (typeof data === "string") bytes = this.#encodePart(data, last);
    else {
      bytes = this.#openCompressed ? this.#own(data) : data;
      if (type === "text" || this.#openSurrogate !== "") this.#checkPart(bytes, last);
    }
    this.#open = last ? undefined : type;
    // RFC 7692 §6.1: RSV1 is set on the first frame of a compressed message only.
    const rsv1 = first && this.#openCompressed ? RSV1 : 0;
    const bits = (last ? FIN : 0) | rsv1 | (first ? Opcode[type] : Opcode.continuation);
    this.#writePart(bits, bytes, this.#openCompressed, last);
  }

  /** Writes a ping or pong at once; it may stand inside a fragmented message (§5.4). */
  writeControl(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void {
    this.#writeSmall(FIN | opcode, bytes, start, end);
  }

  /** Writes a Close frame behind everything that was written before. */
  writeClose(payload: Uint8Array): void {
    this.closeWaiting = this.#deflating;
    if (this.#deflating) this.#deferClose(payload);
    else this.#writeSmall(FIN | Opcode.close, payload, 0, payload.length);
  }

  /** Forgets what waits behind a message that is being compressed; its turn never comes. */
  drop(): void {
    this.#waiting = undefined;
    this.#waitingBytes = 0;
    this.#deflating = false;
    this.#open = undefined;
  }

  #isWorthDeflating(length: number): boolean {
    const deflate = this.#deflate;
    return deflate?.deflater !== undefined && length >= deflate.thresholdBytes;
  }

  #writeTextFrame(first: number, text: string): void {
    const units = text.length;
    const bound = units * 3 + HEADER_BYTES_MAX;
    if (bound > ARENA_FRAME_BYTES_MAX) {
      this.#writeLarge(first, this.#platform.utf8Length(text), text);
      return;
    }
    const arena = this.#arena;
    arena.reserve(bound);
    const { bytes, position: start } = arena;
    // Placed as if it were ASCII, which has one byte per character; moved if it was not.
    const expected = start + frameHeaderSize(units, this.#masked);
    const length = this.#encodeAt(text, bytes, expected);
    const at = start + frameHeaderSize(length, this.#masked);
    if (at !== expected) bytes.copyWithin(at, expected, expected + length);
    this.#finish(bytes, start, first, length);
  }

  #encodeAt(text: string, bytes: Uint8Array, at: number): number {
    const units = text.length;
    if (units > LOOP_CHARACTERS_MAX) return this.#platform.encodeUtf8(text, bytes, at);
    let i = 0;
    // Four at a time: one question for all of them.
    for (const last = units - 3; i < last; i += 4) {
      const u0 = text.charCodeAt(i);
      const u1 = text.charCodeAt(i + 1);
      const u2 = text.charCodeAt(i + 2);
      const u3 = text.charCodeAt(i + 3);
      if ((u0 | u1 | u2 | u3) >= 0x80) return this.#platform.encodeUtf8(text, bytes, at);
      const to = at + i;
      bytes[to] = u0;
      bytes[to + 1] = u1;
      bytes[to + 2] = u2;
      bytes[to + 3] = u3;
    }
    for (; i < units; i++) {
      const unit = text.charCodeAt(i);
      if (unit >= 0x80) return this.#platform.encodeUtf8(text, bytes, at);
      bytes[at + i] = unit;
    }
    return units;
  }

  /** Writes the header of a frame whose payload is in place in the arena, and masks it. */
  #finish(bytes: Uint8Array, start: number, first: number, length: number): void {
    let at = writeFrameHeader(bytes, start, first, length, this.#masked);
    if (this.#masked) {
      const key = this.#platform.randomWord();
      at = writeMaskingKey(bytes, at, key);
      maskInto(this.#platform, bytes, at, at + length, bytes, at, key);
    }
    this.#arena.position = at + length;
    this.output.framingBytes += at - start;
    this.output.append(bytes, start, at + length);
  }

  #writeFrame(first: number, payload: Uint8Array): void {
    if (payload.length <= ZERO_COPY_FROM_BYTES) {
      this.#writeSmall(first, payload, 0, payload.length);
    } else if (this.#masked) {
      this.#writeLarge(first, payload.length, payload);
    } else {
      this.#arena.reserve(HEADER_BYTES_MAX);
      const { bytes, position: start } = this.#arena;
      this.#arena.position = writeFrameHeader(bytes, start, first, payload.length, false);
      this.output.framingBytes += this.#arena.position - start;
      this.output.append(bytes, start, this.#arena.position);
      this.output.append(payload, 0, payload.length);
    }
  }

  #writeSmall(first: number, payload: Uint8Array, from: number, to: number): void {
    const length = to - from;
    this.#arena.reserve(length + HEADER_BYTES_MAX);
    const { bytes, position: start } = this.#arena;
    let at = start + frameHeaderSize(length, this.#masked);
    if (length <= LOOP_CHARACTERS_MAX) {
      for (let i = from; i < to; i++) bytes[at++] = payload[i]!;
    } else {
      bytes.set(from === 0 && to === payload.length ? payload : payload.subarray(from, to), at);
    }
    this.#finish(bytes, start, first, length);
  }

  #writeLarge(first: number, length: number, payload: string | Uint8Array): void {
    const platform = this.#platform;
    const bytes = this.#arena.takeLarge(frameHeaderSize(length, this.#masked) + length);
    let at = writeFrameHeader(bytes, 0, first, length, this.#masked);
    const key = this.#masked ? platform.randomWord() : 0;
    if (this.#masked) at = writeMaskingKey(bytes, at, key);
    const end = at + length;
    if (typeof payload === "string") {
      if (length === payload.length) platform.encodeAscii(payload, bytes, at);
      else platform.encodeUtf8(payload, bytes, at);
      if (this.#masked) maskInto(platform, bytes, at, end, bytes, at, key);
    } else maskInto(platform, payload, 0, length, bytes, at, key);
    this.output.framingBytes += at;
    this.output.append(bytes, 0, end);
  }

  #writePart(bits: number, bytes: Uint8Array, compressed: boolean, last: boolean): void {
    if (this.#deflating) this.#deferPart(bits, this.#own(bytes), compressed, last);
    else if (compressed && !this.#restPlain) this.#deflatePart(bits, bytes, last);
    else {
      if (last) this.#restPlain = false;
      this.#writeFrame(bits, bytes);
    }
  }

  #deflateText(text: string): void {
    const bits = FIN | RSV1 | Opcode.text;
    if (text.length * 3 > ZERO_COPY_FROM_BYTES) {
      this.#deflatePart(bits, this.#encode(text), true);
      return;
    }
    scratch ??= this.#platform.allocate(ZERO_COPY_FROM_BYTES);
    const length = this.#platform.encodeUtf8(text, scratch, 0);
    this.#deflatePart(bits, scratch.subarray(0, length), true);
    // Whoever compresses it later still needs it.
    if (this.#deflating) scratch = undefined;
  }

  #deflatePart(bits: number, bytes: Uint8Array, last: boolean): void {
    let answered = false;
    const result = this.#deflate!.deflater!.deflate(bytes, last, (later) => {
      if (answered || !this.#deflating) return;
      answered = true;
      this.#deflating = false;
      this.#waitingBytes -= bytes.length;
      this.#takeDeflated(bits, later, true);
      this.#writeWaiting();
      this.onOutput?.();
    });
    if (result === undefined) {
      this.#deflating = true;
      this.#waitingBytes += bytes.length;
    } else if (result === SEND_PLAIN) {
      this.#restPlain = !last;
      this.#writeFrame(bits & ~RSV1, bytes);
    } else this.#takeDeflated(bits, result, false);
  }

  /** @param ours whether the memory of the result is ours, to send from. */
  #takeDeflated(bits: number, result: Deflated, ours: boolean): void {
    if (isDeflateFault(result)) {
      this.drop();
      this.onFault?.(result);
    } else if (ours || result.length <= ZERO_COPY_FROM_BYTES) this.#writeFrame(bits, result);
    else this.#writeLarge(bits, result.length, result);
  }

  // What waits is a closure. Each is made in a function of its own: a function that contains one
  // pays for it on every call.

  #deferText(text: string, compress: boolean): void {
    this.#wait(this.#platform.utf8Length(text), () => this.writeText(text, compress));
  }

  #deferBytes(opcode: Opcode, bytes: Uint8Array, compress: boolean): void {
    this.#wait(bytes.length, () => this.writeBytes(opcode, bytes, compress));
  }

  #deferPrepared(message: PreparedMessage): void {
    this.#wait(message.payloadBytes, () => this.writePrepared(message));
  }

  #deferPart(bits: number, bytes: Uint8Array, compressed: boolean, last: boolean): void {
    this.#wait(bytes.length, () => this.#writePart(bits, bytes, compressed, last));
  }

  #deferClose(payload: Uint8Array): void {
    this.#wait(0, () => this.writeClose(payload));
  }

  #wait(bytes: number, write: () => void): void {
    this.#waiting ??= [];
    this.#waiting.push(() => {
      this.#waitingBytes -= bytes;
      write();
    });
    this.#waitingBytes += bytes;
  }

  #writeWaiting(): void {
    // What is written may be compressed elsewhere again, or fail and drop the rest.
    while (this.#waiting !== undefined && !this.#deflating) {
      const write = this.#waiting.shift();
      if (write === undefined) this.#waiting = undefined;
      else write();
    }
  }

  #encode(text: string): Uint8Array {
    const bytes = this.#platform.allocate(this.#platform.utf8Length(text));
    this.#platform.encodeUtf8(text, bytes, 0);
    return bytes;
  }

  /** A surrogate pair that two parts share is sent with the second. */
  #encodePart(part: string, last: boolean): Uint8Array {
    // A character that was begun in bytes cannot be ended in a string.
    if (this.#openUtf8 !== UTF8_COMPLETE) throw new TypeError(NOT_UTF8);
    let text = this.#openSurrogate + part;
    this.#openSurrogate = "";
    const final = text.charCodeAt(text.length - 1);
    if (!last && final >= 0xd800 && final < 0xdc00) {
      this.#openSurrogate = text.slice(-1);
      text = text.slice(0, -1);
    }
    return this.#encode(text);
  }

  #checkPart(bytes: Uint8Array, last: boolean): void {
    const state = advanceUtf8(this.#openUtf8, bytes, 0, bytes.length);
    const broken = state === UTF8_INVALID || (last && state !== UTF8_COMPLETE);
    if (broken || this.#openSurrogate !== "") {
      throw new TypeError(NOT_UTF8);
    }
    this.#openUtf8 = state;
  }

  #own(bytes: Uint8Array): Uint8Array {
    return bytes.length <= ZERO_COPY_FROM_BYTES
      ? this.#platform.copy(bytes, 0, bytes.length)
      : bytes;
  }

  #ownRange({ bytes, start, end }: ByteRange): ByteRange {
    if (bytes !== this.#arena.bytes) return { bytes, start, end };
    return { bytes: this.#platform.copy(bytes, start, end), start: 0, end: end - start };
  }
}
