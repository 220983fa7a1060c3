// Several packets in one HTTP body (PROTOCOL.md §10.2): lines for text, lengths for bytes.

import { readLength, writeLength } from "./binary-codec.js";
import type { Encoded } from "./codec.js";
import { type Fault, fault } from "./fault.js";

/** One message with its frame around it, to be written to a stream, a poll or a POST body. */
export function frame(message: Encoded): Encoded {
  if (typeof message === "string") return `${message}\n`;
  const framed = new Uint8Array(message.length + 4);
  writeLength(framed, 0, message.length);
  framed.set(message, 4);
  return framed;
}

/**
 * The messages of a complete body. It is counted before it is split: lines or frames above
 * `packetsMax`, blank ones included, are refused with 4413 and nothing is allocated for them.
 */
export function splitBody(body: Encoded, packetsMax: number): Encoded[] | Fault {
  return typeof body === "string" ? splitLines(body, packetsMax) : splitFrames(body, packetsMax);
}

function splitLines(body: string, packetsMax: number): Encoded[] | Fault {
  // As most polls are.
  if (body.indexOf("\n") === body.length - 1 && !isBlank(body)) return [body.slice(0, -1)];
  let lines = 0;
  for (let at = body.indexOf("\n"); at >= 0; at = body.indexOf("\n", at + 1)) {
    lines += 1;
    if (lines > packetsMax) return tooMany(packetsMax);
  }
  if (!body.endsWith("\n")) {
    if (body !== "" && lines === packetsMax) return tooMany(packetsMax);
  }
  return body.split("\n").filter((line) => !isBlank(line));
}

function splitFrames(body: Uint8Array, packetsMax: number): Encoded[] | Fault {
  const messages: Uint8Array[] = [];
  let frames = 0;
  for (let at = 0; at < body.length; ) {
    const end = at + 4 + (at + 4 > body.length ? 0 : readLength(body, at));
    if (end > body.length) return fault("binary", "10.2", "a frame's length is more than the body");
    frames += 1;
    if (frames > packetsMax) return tooMany(packetsMax);
    if (end > at + 4) messages.push(body.subarray(at + 4, end));
    at = end;
  }
  return messages;
}

/** Reads a framed response as it arrives, in chunks cut anywhere. */
export interface FrameReader<Chunk extends Encoded> {
  /** Hands each complete message to `onMessage`; answers a fault for one above the limit, for good. */
  push(chunk: Chunk, onMessage: (message: Chunk) => void): Fault | undefined;
}

/** For the JSON codec. `messageMax` is in characters; padding lines cost nothing. */
export class LineReader implements FrameReader<string> {
  readonly #messageMax: number;
  #parts: string[] = [];
  #length = 0;
  #fault: Fault | undefined;

  constructor(messageMax: number) {
    this.#messageMax = messageMax;
  }

  push(chunk: string, onMessage: (message: string) => void): Fault | undefined {
    let at = 0;
    while (this.#fault === undefined && at < chunk.length) {
      const end = chunk.indexOf("\n", at);
      if (end < 0) {
        this.#take(chunk.slice(at));
        break;
      }
      this.#take(chunk.slice(at, end));
      at = end + 1;
      if (this.#fault !== undefined) break;
      const line = this.#parts.length === 1 ? this.#parts[0]! : this.#parts.join("");
      this.#parts = [];
      this.#length = 0;
      if (line !== "") onMessage(line);
    }
    return this.#fault;
  }

  #take(part: string): void {
    // Padding may come in any number of pieces: what is blank at the front of a line is not kept.
    if (this.#length === 0) part = part.trimStart();
    if (part === "") return;
    this.#length += part.length;
    if (this.#length > this.#messageMax) this.#fault = tooLarge(this.#messageMax);
    else this.#parts.push(part);
    // A million one-character pieces would cost more than their text.
    if (this.#parts.length > piecesMax) this.#parts = [this.#parts.join("")];
  }
}

/** For the binary codec. `messageMax` is in bytes, and is checked before memory is taken. */
export class LengthReader implements FrameReader<Uint8Array> {
  readonly #messageMax: number;
  readonly #head = new Uint8Array(4);
  #headLength = 0;
  #message: Uint8Array | undefined;
  #length = 0;
  #wanted = 0;
  #fault: Fault | undefined;

  constructor(messageMax: number) {
    this.#messageMax = messageMax;
  }

  push(chunk: Uint8Array, onMessage: (message: Uint8Array) => void): Fault | undefined {
    let at = 0;
    while (this.#fault === undefined && at < chunk.length) {
      if (this.#headLength < 4) {
        this.#head[this.#headLength++] = chunk[at++]!;
        if (this.#headLength === 4) this.#begin();
        continue;
      }
      const part = chunk.subarray(at, at + this.#wanted - this.#length);
      at += part.length;
      this.#append(part);
      if (this.#length === this.#wanted) onMessage(this.#finish());
    }
    return this.#fault;
  }

  #begin(): void {
    this.#wanted = readLength(this.#head, 0);
    this.#length = 0;
    this.#message = undefined;
    if (this.#wanted === 0) this.#headLength = 0;
    if (this.#wanted > this.#messageMax) this.#fault = tooLarge(this.#messageMax);
  }

  /** Grows with what has arrived, not with what was claimed (§12.4). */
  #append(part: Uint8Array): void {
    const needed = this.#length + part.length;
    const room = this.#message?.length ?? 0;
    if (needed > room) {
      const grown = new Uint8Array(Math.min(this.#wanted, Math.max(needed, room * 2, 1024)));
      if (this.#message !== undefined) grown.set(this.#message.subarray(0, this.#length));
      this.#message = grown;
    }
    this.#message!.set(part, this.#length);
    this.#length = needed;
  }

  #finish(): Uint8Array {
    const message = this.#message!.subarray(0, this.#length);
    this.#message = undefined;
    this.#headLength = 0;
    return message;
  }
}

const piecesMax = 1024;

function isBlank(line: string): boolean {
  return line.charCodeAt(0) !== 0x7b && line.trim() === "";
}

function tooMany(packetsMax: number): Fault {
  return fault("too-large", "10.2", `more than ${packetsMax} packets in one body`, 4413);
}

function tooLarge(messageMax: number): Fault {
  return fault("too-large", "9", `a message above ${messageMax}`, 4413);
}
