/**
 * Bytes in, messages out: reads frames from chunks that are cut anywhere, unmasks them in place,
 * and assembles, inflates and decodes messages (RFC 6455 §5.4, §5.6, §8.1; RFC 7692 §6.2).
 *
 * The reader is either `flowing`, `held` (the consumer paused it, or a message is being inflated
 * elsewhere) or `ended`. Held, it keeps what is left of the chunk and goes on where it stopped.
 */
import { maskInto, NON_ASCII, rotateMask } from "../bytes/mask.js";
import { decodeShortText, SHORT_TEXT_BYTES_MAX } from "../bytes/short-text.js";
import { advanceUtf8, lastUtf8Border, UTF8_COMPLETE, UTF8_INVALID } from "../bytes/utf8.js";
import { type Deflated, isDeflateFault, type MessageInflater } from "../deflate/deflate-port.js";
import { createFault, type Fault, type FaultCode } from "../faults.js";
import { FrameHeaderReader, type FrameRules, HeaderStatus } from "../frames/frame-header.js";
import { isControl, Opcode } from "../frames/opcode.js";
import { CONTROL_BYTES_MAX, type Limits } from "../limits.js";
import type { Platform } from "../platform.js";
import { MessageAssembly } from "./message-assembly.js";

/** Whoever takes what was read. Called while `receive` runs, in the order of the wire. */
export interface MessageConsumer {
  /** A whole message. Bytes belong to the consumer from now on. */
  onMessage(data: string | Uint8Array, isBinary: boolean): void;
  /**
   * A part of a message whose delivery is streamed; `piece` is a view that is valid only during the
   * call, and may be empty when `last`. The pieces of a text are not cut at character borders.
   */
  onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void;
  /** A control frame; `bytes[start..end)` is valid only during the call. */
  onControl(opcode: Opcode, bytes: Uint8Array, start: number, end: number): void;
  /** The peer broke a rule; nothing more will be read. */
  onFault(fault: Fault): void;
}

export interface MessageReaderOptions {
  readonly platform: Platform;
  readonly limits: Limits;
  /** True at a server. */
  readonly masked: boolean;
  readonly inflater?: MessageInflater | undefined;
  /** Deliver text as bytes (valid UTF-8) instead of as a string. Default false. */
  readonly textAsBytes?: boolean | undefined;
}

/** Shorter binary messages are copied out of the chunk, so that they do not keep all of it alive. */
const COPY_BYTES_MAX = 4096;
/** A view is made for short text when this much of a chunk is still to be read: some five messages. */
const VIEW_FROM_BYTES = 128;
/** Text from here on is made a string of without unmasking it where it lies, if the platform can. */
const DECODE_MASKED_FROM_BYTES = 64;
/** Text from here on is validated by the platform's vectorised check. */
const BULK_UTF8_FROM_BYTES = 64;

/** Those of the connection before, which most connections of an endpoint share. */
let latestRules: FrameRules | undefined;

function frameRulesOf({ limits, masked, inflater }: MessageReaderOptions): FrameRules {
  const rsv1Allowed = inflater !== undefined;
  const frameBytesMax = Math.min(limits.frameBytesMax, limits.messageBytesMax);
  const latest = latestRules;
  if (
    latest?.masked === masked &&
    latest.rsv1Allowed === rsv1Allowed &&
    latest.frameBytesMax === frameBytesMax
  ) {
    return latest;
  }
  latestRules = { masked, rsv1Allowed, frameBytesMax };
  return latestRules;
}

export class MessageReader {
  /** Deliver messages in pieces as they arrive; takes effect with the next message. */
  streamed = false;
  /** Called when a message that was inflated elsewhere has been delivered. */
  onReleased: (() => void) | undefined;

  readonly #platform: Platform;
  readonly #limits: Limits;
  readonly #inflater: MessageInflater | undefined;
  #consumer: MessageConsumer;
  readonly #header: FrameHeaderReader;
  readonly #textAsBytes: boolean;

  #ended = false;
  #pausedByUser = false;
  #inflating = false;
  #running = false;
  /** Whether the input being read is only lent, so that what is kept of it has to be a copy. */
  #lent = false;
  /** What was left of the input when the reader was held. */
  #rest: Uint8Array | undefined;

  // The frame being read.
  #remaining = 0;
  #inPayload = false;
  #key = 0;
  #control: Uint8Array | undefined;
  #controlLength = 0;

  // The message being read; opcode 0 stands for none.
  #opcode: number = Opcode.continuation;
  #compressed = false;
  #streaming = false;
  #pieceSeen = false;
  #pieces = 0;
  #wireBytes = 0;
  #inflatedBytes = 0;
  #utf8 = UTF8_COMPLETE;
  #nonAscii = false;
  #assembly: MessageAssembly | undefined;

  constructor(options: MessageReaderOptions, consumer: MessageConsumer) {
    this.#platform = options.platform;
    this.#limits = options.limits;
    this.#inflater = options.inflater;
    this.#textAsBytes = options.textAsBytes ?? false;
    this.#consumer = consumer;
    this.#header = new FrameHeaderReader(frameRulesOf(options));
  }

  /** Whether input would only be kept: the caller should stop reading from its socket. */
  get held(): boolean {
    return this.#pausedByUser || this.#inflating;
  }

  /** Whether nothing that it has read matters to what comes, so that another connection may have it. */
  get atRest(): boolean {
    if (this.#running || this.held || this.#inflater !== undefined) return false;
    if (this.#ended) return true;
    return (
      !this.#inPayload &&
      this.#opcode === Opcode.continuation &&
      this.#rest === undefined &&
      !this.streamed &&
      !this.#header.begun
    );
  }

  /** Reads for `consumer` from now on; the reader was `atRest`. */
  begin(consumer: MessageConsumer): void {
    this.#consumer = consumer;
    if (this.#ended) this.#reset();
  }

  /** Its connection is done with it and must not be kept by it. */
  leave(): void {
    this.#consumer = NOBODY;
  }

  /** Whether something that has arrived is still to be delivered. */
  get pending(): boolean {
    if (this.#ended) return false;
    return this.#inflating || (this.#pausedByUser && this.#rest !== undefined);
  }

  /**
   * Reads `chunk`, which is changed in place.
   *
   * @param lent whether its memory is the caller's again afterwards; else it belongs to the reader.
   */
  receive(chunk: Uint8Array, lent = false): void {
    if (this.#ended) return;
    if (this.held || this.#running) {
      this.#keep(chunk, 0, lent);
      return;
    }
    if (this.#rest === undefined) this.#run(chunk, lent);
    else this.#keep(chunk, 0, lent); // A consumer threw, and what was behind its message is still here.
    if (this.#rest !== undefined) this.#continue();
  }

  /** Stops delivery after the current message. */
  pause(): void {
    this.#pausedByUser = true;
  }

  resume(): void {
    if (!this.#pausedByUser) return;
    this.#pausedByUser = false;
    this.#continue();
  }

  /** Reads no more: whatever arrives from now on is discarded. */
  end(): void {
    this.#ended = true;
    this.#rest = undefined;
    this.#assembly?.release();
    this.#assembly = undefined;
    this.#control = undefined;
  }

  /** Forgets where reading ended, which may have been anywhere. */
  #reset(): void {
    this.#ended = false;
    this.streamed = false;
    this.#inPayload = false;
    this.#opcode = Opcode.continuation;
    this.#header.reset();
  }

  #continue(): void {
    if (this.#running) return;
    while (this.#rest !== undefined && !this.held && !this.#ended) {
      const rest = this.#rest;
      this.#rest = undefined;
      this.#run(rest, false);
    }
  }

  #keep(chunk: Uint8Array, from: number, lent: boolean): void {
    const added = chunk.length - from;
    if (added === 0) return;
    const kept = this.#rest;
    if (kept === undefined) {
      if (lent) this.#rest = this.#platform.copy(chunk, from, chunk.length);
      else this.#rest = from === 0 ? chunk : chunk.subarray(from);
      return;
    }
    const joined = this.#platform.allocate(kept.length + added);
    joined.set(kept);
    joined.set(from === 0 ? chunk : chunk.subarray(from), kept.length);
    this.#rest = joined;
  }

  #run(chunk: Uint8Array, lent: boolean): void {
    this.#lent = lent;
    const header = this.#header;
    const end = chunk.length;
    // Always behind what is being delivered, so that a consumer that throws loses nothing.
    let at = 0;
    // For short text, once there is some.
    let view: DataView | undefined;
    this.#running = true;
    try {
      while (at < end) {
        if (!this.#inPayload) {
          at = header.read(chunk, at, end);
          if (header.status !== HeaderStatus.ready) {
            if (header.status === HeaderStatus.faulty) this.#failWith(header.fault!);
            break;
          }
          const start = at;
          const stop = at + header.length;
          // The common case by far: a whole message in one frame, all of it in this chunk.
          if (
            header.fin &&
            this.#opcode === Opcode.continuation &&
            (header.opcode === Opcode.text || header.opcode === Opcode.binary) &&
            !header.rsv1 &&
            stop <= end &&
            !this.streamed
          ) {
            at = stop;
            if (header.length <= SHORT_TEXT_BYTES_MAX) view ??= viewOfMany(chunk, at);
            this.#deliverInPlace(chunk, start, stop, view);
          } else {
            if (!this.#beginFrame()) break;
            at = Math.min(stop, end);
            this.#readPayload(chunk, start, at);
          }
        } else {
          const start = at;
          at = Math.min(start + this.#remaining, end);
          this.#readPayload(chunk, start, at);
        }
        if (this.#pausedByUser || this.#inflating || this.#ended) break;
      }
    } finally {
      this.#running = false;
      if (at < end && !this.#ended) this.#keepAhead(chunk, at);
    }
  }

  /** Puts what is left of `chunk` before whatever was received while it was read. */
  #keepAhead(chunk: Uint8Array, from: number): void {
    const later = this.#rest;
    this.#rest = undefined;
    this.#keep(chunk, from, this.#lent);
    if (later !== undefined) this.#keep(later, 0, false);
  }

  #deliverInPlace(chunk: Uint8Array, start: number, end: number, view: DataView | undefined): void {
    const header = this.#header;
    if (header.opcode === Opcode.text && !this.#textAsBytes) {
      const { key } = header;
      const short = view && decodeShortText(view, start, header.length, key);
      const text = short ?? this.#decodeMasked(chunk, start, end, key);
      if (text !== undefined) {
        this.#consumer.onMessage(text, false);
        return;
      }
    }
    const seen = this.#unmask(chunk, start, end, header.key);
    if (header.opcode === Opcode.binary) {
      this.#consumer.onMessage(this.#own(chunk, start, end), true);
      return;
    }
    const ascii = (seen & NON_ASCII) === 0;
    if (!ascii && !this.#isValidText(chunk, start, end)) return;
    if (this.#textAsBytes) this.#consumer.onMessage(this.#own(chunk, start, end), false);
    else this.#consumer.onMessage(this.#decode(chunk, start, end, ascii), false);
  }

  /** The text that lies there masked, if it is ASCII and can be had without unmasking it there. */
  #decodeMasked(chunk: Uint8Array, start: number, end: number, key: number): string | undefined {
    // What is lent lies where it is unmasked most easily.
    if (end - start < DECODE_MASKED_FROM_BYTES || key === 0 || this.#lent) return undefined;
    return this.#platform.decodeMasked?.(chunk, start, end, key);
  }

  #isValidText(bytes: Uint8Array, start: number, end: number): boolean {
    const valid =
      end - start < BULK_UTF8_FROM_BYTES
        ? advanceUtf8(UTF8_COMPLETE, bytes, start, end) === UTF8_COMPLETE
        : this.#platform.isUtf8(bytes.subarray(start, end));
    if (!valid) this.#fail("text-not-utf8");
    return valid;
  }

  /** Delivers the message that is `bytes[0..length)`, where `assembly` collected it if one did. */
  #deliverWhole(
    bytes: Uint8Array,
    length: number,
    ascii: boolean,
    assembly?: MessageAssembly,
  ): void {
    const isBinary = this.#opcode === Opcode.binary;
    this.#opcode = Opcode.continuation;
    if (isBinary || this.#textAsBytes) {
      this.#consumer.onMessage(assembly?.take() ?? bytes, isBinary);
      return;
    }
    const { textBytesMax = Number.POSITIVE_INFINITY } = this.#platform;
    if (length > textBytesMax) {
      this.#fail("message-too-big", `text of over ${textBytesMax} bytes, more than a string holds`);
      return;
    }
    const text = this.#decode(bytes, 0, length, ascii);
    assembly?.release();
    this.#consumer.onMessage(text, false);
  }

  #decode(bytes: Uint8Array, start: number, end: number, ascii: boolean): string {
    return ascii
      ? this.#platform.decodeAscii(bytes, start, end)
      : this.#platform.decodeUtf8(bytes, start, end);
  }

  #own(chunk: Uint8Array, start: number, end: number): Uint8Array {
    return this.#lent || end - start <= COPY_BYTES_MAX
      ? this.#platform.copy(chunk, start, end)
      : chunk.subarray(start, end);
  }

  /** Judges a frame's place in the sequence (RFC 6455 §5.4) and its size in the message. */
  #beginFrame(): boolean {
    const header = this.#header;
    this.#remaining = header.length;
    this.#key = header.key;
    this.#inPayload = true;
    if (isControl(header.opcode)) {
      this.#controlLength = 0;
      return true;
    }
    if (header.opcode === Opcode.continuation) {
      if (this.#opcode === Opcode.continuation) return this.#fail("continuation-unexpected");
    } else {
      if (this.#opcode !== Opcode.continuation) return this.#fail("continuation-expected");
      this.#beginMessage();
    }
    return this.#countPiece(header.length, header.fin);
  }

  #beginMessage(): void {
    this.#opcode = this.#header.opcode;
    this.#compressed = this.#header.rsv1;
    this.#streaming = this.streamed;
    this.#pieceSeen = false;
    this.#pieces = 0;
    this.#wireBytes = 0;
    this.#inflatedBytes = 0;
    this.#utf8 = UTF8_COMPLETE;
    this.#nonAscii = false;
  }

  #countPiece(length: number, fin: boolean): boolean {
    const { messageBytesMax, messagePiecesMax } = this.#limits;
    this.#wireBytes += length;
    if (this.#wireBytes > messageBytesMax) {
      return this.#fail(
        "message-too-big",
        `message of over ${messageBytesMax} bytes (messageBytesMax)`,
      );
    }
    if (!this.#streaming || (length === 0 && !fin)) this.#pieces++;
    if (this.#pieces > messagePiecesMax) {
      return this.#fail(
        "too-many-pieces",
        `message of over ${messagePiecesMax} fragments (messagePiecesMax)`,
      );
    }
    return true;
  }

  /** Reads what `chunk` holds of the frame's payload: `chunk[start..end)`. */
  #readPayload(chunk: Uint8Array, start: number, end: number): void {
    const count = end - start;
    const key = this.#key;
    this.#key = rotateMask(key, count);
    this.#remaining -= count;
    const complete = this.#remaining === 0;
    if (complete) this.#inPayload = false;
    const control = isControl(this.#header.opcode);
    if (!control && !this.#compressed && !this.#streaming) {
      this.#assemble(chunk, start, end, key, complete);
      return;
    }
    const ascii = (this.#unmask(chunk, start, end, key) & NON_ASCII) === 0;
    if (control) this.#readControl(chunk, start, end, complete);
    else this.#readData(chunk, start, end, complete && this.#header.fin, ascii);
  }

  /**
   * `applyMask` that leaves long payloads without a mask alone and then knows nothing of their bytes;
   * of short ones it learns in passing whether they are ASCII.
   */
  #unmask(bytes: Uint8Array, start: number, end: number, key: number): number {
    if (key === 0 && end - start > BULK_UTF8_FROM_BYTES) return -1;
    return maskInto(this.#platform, bytes, start, end, bytes, start, key);
  }

  /** A part of a message that is neither compressed nor streamed: unmasked where it is collected. */
  #assemble(chunk: Uint8Array, start: number, end: number, key: number, complete: boolean): void {
    const { fin } = this.#header;
    const last = complete && fin;
    this.#assembly ??= new MessageAssembly(this.#platform);
    const assembly = this.#assembly;
    const at = assembly.length;
    if (at === 0) assembly.mayBorrow = this.#opcode === Opcode.text && !this.#textAsBytes;
    const announced = at + end - start + this.#remaining;
    let seen = -1;
    if (key === 0) assembly.append(chunk, start, end, announced, fin);
    else seen = assembly.appendMasked(chunk, start, end, announced, fin, key);
    const ascii = (seen & NON_ASCII) === 0;
    if (
      this.#opcode === Opcode.text &&
      !this.#checkText(assembly.bytes, at, assembly.length, last, ascii)
    ) {
      return;
    }
    if (last) this.#deliverWhole(assembly.bytes, assembly.length, !this.#nonAscii, assembly);
  }

  #readControl(chunk: Uint8Array, start: number, end: number, complete: boolean): void {
    const opcode = this.#header.opcode as Opcode;
    if (complete && this.#controlLength === 0) {
      this.#consumer.onControl(opcode, chunk, start, end);
      return;
    }
    this.#control ??= new Uint8Array(CONTROL_BYTES_MAX);
    for (let from = start; from < end; from++) {
      this.#control[this.#controlLength++] = chunk[from]!;
    }
    if (complete) this.#consumer.onControl(opcode, this.#control, 0, this.#controlLength);
  }

  /** A part of a message that is compressed, or streamed. */
  #readData(chunk: Uint8Array, start: number, end: number, last: boolean, ascii: boolean): void {
    if (this.#compressed) this.#readCompressed(chunk, start, end, last);
    else if (this.#opcode !== Opcode.text || this.#checkText(chunk, start, end, last, ascii)) {
      this.#deliverPiece(chunk, start, end, last);
    }
  }

  /** RFC 6455 §8.1: text that is not UTF-8 fails the connection, as soon as its bytes show it. */
  #checkText(
    bytes: Uint8Array,
    start: number,
    end: number,
    last: boolean,
    ascii: boolean,
  ): boolean {
    if (!ascii || this.#utf8 !== UTF8_COMPLETE) {
      this.#nonAscii = true;
      this.#utf8 = this.#advanceText(bytes, start, end);
    }
    const wrong = this.#utf8 === UTF8_INVALID || (last && this.#utf8 !== UTF8_COMPLETE);
    return wrong ? this.#fail("text-not-utf8") : true;
  }

  #advanceText(bytes: Uint8Array, start: number, end: number): number {
    if (end - start < BULK_UTF8_FROM_BYTES) return advanceUtf8(this.#utf8, bytes, start, end);
    let state = this.#utf8;
    let from = start;
    while (state !== UTF8_COMPLETE && state !== UTF8_INVALID && from < end) {
      state = advanceUtf8(state, bytes, from, ++from);
    }
    if (state !== UTF8_COMPLETE) return state;
    const border = lastUtf8Border(bytes, from, end);
    if (!this.#platform.isUtf8(bytes.subarray(from, border))) return UTF8_INVALID;
    return advanceUtf8(UTF8_COMPLETE, bytes, border, end);
  }

  #deliverPiece(bytes: Uint8Array, start: number, end: number, last: boolean): void {
    if (start === end && !last) return;
    const isBinary = this.#opcode === Opcode.binary;
    const first = !this.#pieceSeen;
    this.#pieceSeen = true;
    if (last) this.#opcode = Opcode.continuation;
    this.#consumer.onPiece(bytes.subarray(start, end), isBinary, first, last);
  }

  /** RFC 7692 §6.2 and §7.2.2: a compressed message is inflated, then treated as any other. */
  #readCompressed(chunk: Uint8Array, start: number, end: number, last: boolean): void {
    if (this.#streaming) {
      if (start < end || last) this.#inflate(this.#own(chunk, start, end), last);
      return;
    }
    const collected = this.#assembly?.length ?? 0;
    if (last && collected === 0) {
      // Inflated elsewhere it is needed longer than this call.
      this.#inflate(this.#lent ? this.#own(chunk, start, end) : chunk.subarray(start, end), true);
      return;
    }
    this.#assembly ??= new MessageAssembly(this.#platform);
    const announced = collected + end - start + this.#remaining;
    this.#assembly.append(chunk, start, end, announced, this.#header.fin);
    if (last) this.#inflate(this.#assembly.take(), true);
  }

  #inflate(data: Uint8Array, last: boolean): void {
    const budget = this.#limits.inflatedBytesMax - this.#inflatedBytes;
    const result = this.#inflater!.inflate(data, last, budget, (later) => {
      if (this.#ended) return;
      this.#inflating = false;
      this.#running = true;
      try {
        this.#takeInflated(later, last, true);
      } finally {
        this.#running = false;
        this.#continue();
        this.onReleased?.();
      }
    });
    if (result === undefined) this.#inflating = true;
    else this.#takeInflated(result, last, false);
  }

  /** @param ours whether the memory of what was inflated is ours, to hand out. */
  #takeInflated(result: Deflated, last: boolean, ours: boolean): void {
    if (isDeflateFault(result)) {
      this.#failWith(result);
      return;
    }
    this.#inflatedBytes += result.length;
    const isText = this.#opcode === Opcode.text;
    const ascii = isText && this.#platform.isAscii?.(result) === true;
    if (isText && !this.#checkText(result, 0, result.length, last, ascii)) return;
    // Text is decoded before anybody can compress, or inflate, something else.
    const isDecoded = isText && !this.#streaming && !this.#textAsBytes;
    const bytes = ours || isDecoded ? result : this.#platform.copy(result, 0, result.length);
    if (this.#streaming) this.#deliverPiece(bytes, 0, bytes.length, last);
    else this.#deliverWhole(bytes, bytes.length, ascii);
  }

  #fail(code: FaultCode, detail?: string): false {
    return this.#failWith(createFault(code, detail));
  }

  #failWith(fault: Fault): false {
    this.end();
    this.#consumer.onFault(fault);
    return false;
  }
}

/** What is left of `chunk`, and what was before, as words; undefined where too little is left. */
function viewOfMany(chunk: Uint8Array, from: number): DataView | undefined {
  if (chunk.length - from < VIEW_FROM_BYTES) return undefined;
  return new DataView(chunk.buffer, chunk.byteOffset, chunk.length);
}

const NOBODY: MessageConsumer = {
  onMessage() {},
  onPiece() {},
  onControl() {},
  onFault() {},
};
