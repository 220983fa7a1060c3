// Server-Sent Events as a carrier of packets (PROTOCOL.md §10.3), both ends of it.

import { type Fault, fault } from "./fault.js";

/**
 * The `data:` part of an event, the same for every receiver, with the blank line that ends it. JSON
 * text of this protocol holds no CR or LF; any other text is cut at them into further data lines,
 * so that no value can forge a field.
 */
export function sseData(text: string): string {
  return /[\r\n]/.test(text)
    ? `data: ${text.split(/\r\n|\r|\n/).join("\ndata: ")}\n\n`
    : `data: ${text}\n\n`;
}

/** The line before an entry's data: the count of the down log with it. */
export function sseId(count: number): string {
  return `id: ${count}\n`;
}

/** What a client found in an event stream. */
export interface SseEvent {
  readonly data: string;
  /** The last `id:` seen so far; "" when none was. */
  readonly id: string;
}

/**
 * Reads an event stream from text cut anywhere, as WHATWG HTML §9.2.6 says, without `event` and
 * `retry`, which this protocol does not use. `messageMax` bounds one event, in characters.
 */
export class SseReader {
  readonly #messageMax: number;
  #line = "";
  #data: string[] = [];
  #size = 0;
  #id = "";
  #atStart = true;
  #afterReturn = false;
  #fault: Fault | undefined;

  constructor(messageMax: number) {
    this.#messageMax = messageMax;
  }

  push(chunk: string, onEvent: (event: SseEvent) => void): Fault | undefined {
    if (this.#atStart && chunk !== "") {
      this.#atStart = false;
      if (chunk.charCodeAt(0) === 0xfeff) chunk = chunk.slice(1);
    }
    let at = 0;
    while (this.#fault === undefined && at < chunk.length) {
      if (this.#afterReturn) {
        this.#afterReturn = false;
        if (chunk.charCodeAt(at) === 0x0a) {
          at += 1;
          continue;
        }
      }
      const end = endOfLine(chunk, at);
      this.#keep(chunk.slice(at, end));
      at = end + 1;
      if (end === chunk.length) break;
      this.#afterReturn = chunk.charCodeAt(end) === 0x0d;
      const line = this.#line;
      this.#line = "";
      this.#readLine(line, onEvent);
    }
    return this.#fault;
  }

  #keep(part: string): void {
    // Of a comment only the colon matters: padding of any length costs nothing.
    if (this.#line.startsWith(":")) return;
    this.#line = this.#line === "" && part.startsWith(":") ? ":" : this.#line + part;
    // "data: " comes before the data.
    if (this.#size + this.#line.length > this.#messageMax + 6) {
      this.#fault = fault("too-large", "10.3", `an event above ${this.#messageMax}`, 4413);
    }
  }

  #readLine(line: string, onEvent: (event: SseEvent) => void): void {
    if (line === "") {
      const data = this.#data;
      this.#data = [];
      this.#size = 0;
      if (data.length > 0) onEvent({ data: data.join("\n"), id: this.#id });
      return;
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const raw = colon < 0 ? "" : line.slice(colon + 1);
    const value = raw.startsWith(" ") ? raw.slice(1) : raw;
    if (field === "data") {
      this.#data.push(value);
      this.#size += value.length + 1;
    } else if (field === "id" && !value.includes("\0")) this.#id = value;
  }
}

/** Where the line that begins at `start` ends; the chunk's length when it does not. */
function endOfLine(chunk: string, start: number): number {
  lineEnd.lastIndex = start;
  return lineEnd.exec(chunk)?.index ?? chunk.length;
}

const lineEnd = /[\r\n]/g;
