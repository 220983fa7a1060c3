/**
 * Cuts the head of an HTTP/1.1 message into its first line and its header lines, from bytes that
 * arrive in pieces of any size.
 *
 *     start line → LF ─┬→ name → value → LF ─┐
 *                      │↖────────────────────┘
 *                      └→ (CR at once) → LF → complete
 *
 * Each byte is looked at once, when it arrives. A head in one piece is read in place; a head in
 * several is gathered in a buffer that never exceeds `headBytesMax`. Stricter than RFC 9112 §2.2,
 * which lets a recipient take a bare LF for a line end: two parties that disagree about where a line
 * ends are how requests are smuggled.
 */
import { CLASSES, FIELD_VALUE, REQUEST_LINE, TOKEN } from "./characters.js";
import { createHandshakeFault, type HandshakeFault } from "./handshake-faults.js";
import type { HandshakeLimits } from "./handshake-limits.js";
import { HeaderLines } from "./header-lines.js";
import type { DecodeLatin1 } from "./latin1.js";

const START_LINE = 0;
const START_LINE_LF = 1;
const NAME = 2;
const VALUE = 3;
const VALUE_LF = 4;
const FINAL_LF = 5;
type State =
  | typeof START_LINE
  | typeof START_LINE_LF
  | typeof NAME
  | typeof VALUE
  | typeof VALUE_LF
  | typeof FINAL_LF;

const TAB = 0x09;
const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;
const CRLF_LENGTH = 2;

/** A buffer this small holds most heads that come in pieces without growing. */
const FIRST_CAPACITY = 1024;

/** The parts of a complete head, still to be judged. */
export interface ScannedHead {
  readonly type: "head";
  readonly startLine: string;
  readonly headers: HeaderLines;
}

export type ScanResult = { readonly type: "incomplete" } | ScannedHead | HandshakeFault;

const INCOMPLETE: ScanResult = { type: "incomplete" };
const NO_BYTES = new Uint8Array(0);

export class HeadScanner {
  readonly #limits: HandshakeLimits;
  readonly #startLineClass: number;
  readonly #decodeLatin1: DecodeLatin1;

  /** What is being scanned: the caller's bytes, or our buffer of all bytes so far. */
  #bytes: Uint8Array = NO_BYTES;
  #end = 0;
  /** Bytes in our own buffer; 0 as long as nothing had to be kept. */
  #kept = 0;

  #state: State = START_LINE;
  #position = 0;
  #headStart = 0;
  #lineStart = 0;
  #startLineEnd = 0;
  #lineCount = 0;
  /** Lines of the heads before this one. */
  #linesBefore = 0;

  constructor(limits: HandshakeLimits, startLineIsRequest: boolean, decodeLatin1: DecodeLatin1) {
    this.#limits = limits;
    this.#startLineClass = startLineIsRequest ? REQUEST_LINE : FIELD_VALUE;
    this.#decodeLatin1 = decodeLatin1;
  }

  /** How many of the bytes of the last `receive` belong to the head, once it is complete. */
  get consumed(): number {
    return this.#position - this.#kept;
  }

  /** All bytes that were scanned, in the buffer of the caller if they came in one piece. */
  get scanned(): Uint8Array {
    return this.#bytes.subarray(0, this.#position);
  }

  receive(chunk: Uint8Array): ScanResult {
    if (this.#end === 0) {
      this.#bytes = chunk;
      this.#end = chunk.length;
      return this.resume();
    }
    // All of a buffer up to #end is scanned by now. What exceeds the limit is never looked at.
    this.#kept = this.#end;
    const length = Math.min(chunk.length, this.#limits.headBytesMax - this.#end);
    this.#reserve(this.#end + length);
    this.#bytes.set(length === chunk.length ? chunk : chunk.subarray(0, length), this.#end);
    this.#end += length;
    return this.resume();
  }

  /** Begins the next head after a complete one; the limits go on counting. */
  restart(): void {
    this.#state = START_LINE;
    this.#headStart = this.#position;
    this.#linesBefore = this.#lineCount;
    this.#lineStart = this.#position;
  }

  /** Forgets everything, to read the head of another connection. */
  reset(): void {
    this.#bytes = NO_BYTES;
    this.#end = 0;
    this.#kept = 0;
    this.#state = START_LINE;
    this.#position = 0;
    this.#headStart = 0;
    this.#lineStart = 0;
    this.#lineCount = 0;
    this.#linesBefore = 0;
  }

  /** Goes on with what has been received already. */
  resume(): ScanResult {
    const end = Math.min(this.#end, this.#limits.headBytesMax);
    const result = this.#scan(this.#bytes, end);
    if (result !== INCOMPLETE) return result;
    if (this.#position === this.#limits.headBytesMax) {
      return fault("head-too-long", `The head exceeds headBytesMax (${this.#position} bytes).`);
    }
    if (this.#kept === 0) this.#keep();
    return INCOMPLETE;
  }

  #scan(bytes: Uint8Array, end: number): ScanResult {
    while (this.#position < end) {
      const lineEnd = Math.min(end, this.#lineStart + this.#limits.lineBytesMax);
      let result: HandshakeFault | undefined;
      switch (this.#state) {
        case START_LINE:
          result = this.#scanStartLine(bytes, end, lineEnd);
          break;
        case NAME:
          result = this.#scanName(bytes, end, lineEnd);
          break;
        case VALUE:
          result = this.#scanValue(bytes, end, lineEnd);
          break;
        default:
          if (bytes[this.#position] !== LF) return this.#unexpected("a CR without LF");
          this.#position++;
          if (this.#state === FINAL_LF) return this.#complete(bytes);
          this.#lineStart = this.#position;
          this.#state = NAME;
      }
      if (result !== undefined) return result;
    }
    return INCOMPLETE;
  }

  #scanStartLine(bytes: Uint8Array, end: number, lineEnd: number): HandshakeFault | undefined {
    const stop = skipClass(bytes, this.#position, lineEnd, this.#startLineClass);
    this.#position = stop;
    if (stop === end) return undefined;
    if (bytes[stop] === CR) {
      if (stop === this.#lineStart) return fault("start-line-invalid", "The first line is empty.");
      this.#startLineEnd = stop;
      this.#position++;
      this.#state = START_LINE_LF;
      return undefined;
    }
    if (stop === this.#lineStart + this.#limits.lineBytesMax) {
      return fault(
        "start-line-too-long",
        `The first line exceeds lineBytesMax (${this.#limits.lineBytesMax} bytes). Shorten the URL.`,
      );
    }
    return fault(
      "start-line-invalid",
      `The first line has ${nameByte(bytes[stop]!)} at position ${stop - this.#lineStart}.`,
    );
  }

  #scanName(bytes: Uint8Array, end: number, lineEnd: number): HandshakeFault | undefined {
    if (this.#position === this.#lineStart) {
      if (bytes[this.#position] === CR) {
        this.#position++;
        this.#state = FINAL_LF;
        return undefined;
      }
      if (this.#lineCount === this.#limits.headerLinesMax) {
        return fault(
          "headers-too-many",
          `There are more header lines than headerLinesMax (${this.#lineCount}).`,
        );
      }
      this.#lineCount++;
    }
    const stop = skipClass(bytes, this.#position, lineEnd, TOKEN);
    this.#position = stop;
    if (stop === end) return undefined;
    if (stop === this.#lineStart + this.#limits.lineBytesMax) return this.#lineTooLong();
    if (bytes[stop] !== COLON) return this.#unexpected(explainNameByte(bytes[stop]!));
    if (stop === this.#lineStart) return this.#unexpected("no name");
    this.#position++;
    this.#state = VALUE;
    return undefined;
  }

  #scanValue(bytes: Uint8Array, end: number, lineEnd: number): HandshakeFault | undefined {
    const stop = skipClass(bytes, this.#position, lineEnd, FIELD_VALUE);
    this.#position = stop;
    if (stop === end) return undefined;
    if (bytes[stop] === CR) {
      this.#position++;
      this.#state = VALUE_LF;
      return undefined;
    }
    if (stop === this.#lineStart + this.#limits.lineBytesMax) return this.#lineTooLong();
    return this.#unexpected(nameByte(bytes[stop]!));
  }

  /** Every line has its colon and its CRLF by now, so the text can be cut at them. */
  #complete(bytes: Uint8Array): ScannedHead {
    const decode = this.#decodeLatin1;
    const text = decode(bytes, this.#headStart, this.#position);
    const startLineEnd = this.#startLineEnd - this.#headStart;
    const flat = new Array<string>(2 * (this.#lineCount - this.#linesBefore));
    let lineStart = startLineEnd + CRLF_LENGTH;
    for (let index = 0; index < flat.length; index += 2) {
      const colon = text.indexOf(":", lineStart);
      const lineEnd = text.indexOf("\r", colon);
      let valueStart = colon + 1;
      let valueEnd = lineEnd;
      // RFC 9112 §5.1: blanks around a value are not part of it.
      while (valueStart < valueEnd && isBlank(text.charCodeAt(valueStart))) valueStart++;
      while (valueEnd > valueStart && isBlank(text.charCodeAt(valueEnd - 1))) valueEnd--;
      flat[index] = text.slice(lineStart, colon);
      flat[index + 1] = text.slice(valueStart, valueEnd);
      lineStart = lineEnd + CRLF_LENGTH;
    }
    return {
      type: "head",
      startLine: text.slice(0, startLineEnd),
      headers: HeaderLines.fromRaw(flat),
    };
  }

  /** Copies the caller's bytes: they are only lent to us. */
  #keep(): void {
    const borrowed = this.#bytes;
    this.#bytes = new Uint8Array(Math.max(FIRST_CAPACITY, this.#end));
    this.#bytes.set(borrowed);
  }

  #reserve(length: number): void {
    if (length <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(length, this.#bytes.length * 2));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }

  #lineTooLong(): HandshakeFault {
    return fault(
      "header-too-long",
      `Header line ${this.#lineCount} exceeds lineBytesMax (${this.#limits.lineBytesMax} bytes).`,
    );
  }

  #unexpected(what: string): HandshakeFault {
    if (this.#state === START_LINE_LF)
      return fault("start-line-invalid", `The first line has ${what}.`);
    const position = this.#position - this.#lineStart;
    return fault(
      "header-invalid",
      this.#state === FINAL_LF
        ? `The end of the head has ${what}.`
        : `Header line ${this.#lineCount} has ${what} at position ${position}.`,
    );
  }
}

const fault = createHandshakeFault;

function skipClass(bytes: Uint8Array, position: number, end: number, classBit: number): number {
  while (position < end && (CLASSES[bytes[position]!]! & classBit) !== 0) position++;
  return position;
}

function isBlank(byte: number): boolean {
  return byte === SP || byte === TAB;
}

function explainNameByte(byte: number): string {
  return isBlank(byte) ? "whitespace in or before its name" : `${nameByte(byte)} in its name`;
}

function nameByte(byte: number): string {
  if (byte === LF) return "an LF without CR";
  return `the byte 0x${byte.toString(16).padStart(2, "0")}`;
}
