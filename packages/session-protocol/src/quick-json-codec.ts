// The JSON codec for an end that serves many (PROTOCOL.md §3.3): the same texts and packets as
// `jsonCodec`, quicker for the packets that come most.
//
// Theory. An event, request or reply is a short head in one of few spellings, and its data. A head
// that is recognised, character by character, need not be parsed: if the text between it and its end
// is JSON by itself, the whole is JSON and has exactly the fields of the head. What is not recognised
// is left to `jsonCodec`, which also finds the faults. So both answer the same to every text.

import type { Codec, Encoded } from "./codec.js";
import { type Fault, isFault } from "./fault.js";
import { jsonCodec, utf8Length } from "./json-codec.js";
import { depthMax, headNamesMax, nameMax } from "./limits.js";
import type { Event, Packet, Request } from "./packet.js";
import { isTooDeep } from "./packet-text.js";
import { needsWrapping } from "./plain-data.js";

/**
 * `jsonCodec` with a memory for the names that are in use: for servers. The two are different objects,
 * so that an `Entry` of one is converted for a link of the other: a program uses one of them.
 */
export const quickJsonCodec: Codec = {
  ...jsonCodec,
  encode,
  decode,
  size: (message) => (message === measured ? measuredBytes : sizeOf(message)),
};

const eventHead = '{"type":"event","name":"';
const requestHead = '{"type":"request","id":';
const nameHead = ',"name":"';
const dataHead = '","data":';
const volatileHead = '","volatile":true,"data":';
const timeoutHead = ',"timeoutMs":';
const quote = 0x22;
const closingBrace = 0x7d;
const digit0 = 0x30;
const digit9 = 0x39;

/** A JSON string's inside that means itself. */
const isLiteral = /^[^"\\\u0000-\u001f]*$/;
/** The same, of one byte per character. */
const isPlain = /^[ !#-[\]-~]*$/;
const isWide = /[^\u0000-\u007f]/;

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

/** Names that were read, by their spelling: these are checked, and nothing of a message hangs on them. */
const namesRead = new Map<string, string>();

function decode(message: Encoded): Packet | Fault {
  if (typeof message === "string") {
    const packet = message.startsWith(eventHead)
      ? readEvent(message)
      : message.startsWith(requestHead)
        ? readRequest(message)
        : undefined;
    if (packet !== undefined) return packet;
  }
  const packet = jsonCodec.decode(message);
  if (!isFault(packet) && (packet.type === "event" || packet.type === "request")) {
    const { name } = packet;
    if (isLiteral.test(name)) remember(namesRead, name, name);
  }
  return packet;
}

function readEvent(text: string): Event | undefined {
  const nameEnd = text.indexOf('"', eventHead.length);
  const name = readName(text, eventHead.length, nameEnd);
  if (name === undefined) return undefined;
  const end = text.length - 1;
  if (text.startsWith(dataHead, nameEnd)) {
    const data = readData(text, nameEnd + dataHead.length, end);
    return data === undefined ? undefined : { type: "event", name, data };
  }
  if (!text.startsWith(volatileHead, nameEnd)) return undefined;
  const data = readData(text, nameEnd + volatileHead.length, end);
  return data === undefined ? undefined : { type: "event", name, data, volatile: true };
}

function readRequest(text: string): Request | undefined {
  const idEnd = text.indexOf(",", requestHead.length);
  const id = readInteger(text, requestHead.length, idEnd);
  if (id === undefined || !text.startsWith(nameHead, idEnd)) return undefined;
  const nameStart = idEnd + nameHead.length;
  const nameEnd = text.indexOf('"', nameStart);
  const name = readName(text, nameStart, nameEnd);
  if (name === undefined || !text.startsWith(dataHead, nameEnd)) return undefined;
  const from = nameEnd + dataHead.length;
  const end = text.length - 1;
  // A time out stands at the end, where it can be found without knowing where the data ends.
  const tail = text.indexOf(timeoutHead, Math.max(from, end - timeoutHead.length - digitsMax));
  const timeoutMs = tail < 0 ? undefined : readInteger(text, tail + timeoutHead.length, end);
  const data = readData(text, from, end, timeoutMs === undefined ? end : tail);
  if (data === undefined) return undefined;
  return timeoutMs === undefined
    ? { type: "request", id, name, data }
    : { type: "request", id, name, data, timeoutMs };
}

/** The name between two quotes, if it was read before. */
function readName(text: string, start: number, end: number): string | undefined {
  return end < 0 || end - start > nameMax ? undefined : namesRead.get(text.slice(start, end));
}

/** The value of the data, in a text whose packet ends at `end`; undefined when it needs `jsonCodec`. */
function readData(text: string, start: number, end: number, dataEnd: number = end): unknown {
  if (text.charCodeAt(end) !== closingBrace) return undefined;
  if (text.charCodeAt(start) === quote && start + 1 < dataEnd) {
    const inside = text.slice(start + 1, dataEnd - 1);
    if (text.charCodeAt(dataEnd - 1) === quote && isLiteral.test(inside)) return inside;
  }
  const json = text.slice(start, dataEnd);
  const mayBeDeep = json.length >= depthMax;
  if ((mayBeDeep && isTooDeep(text)) || json.includes('$binary"')) return undefined;
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
}

const digitsMax = 15;

/** Up to 15 digits, as JSON writes a number: every such number is exact. */
function readInteger(text: string, start: number, end: number): number | undefined {
  const length = end - start;
  if (length < 1 || length > digitsMax) return undefined;
  if (length > 1 && text.charCodeAt(start) === digit0) return undefined;
  let value = 0;
  for (let i = start; i < end; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < digit0 || unit > digit9) return undefined;
    value = value * 10 + unit - digit0;
  }
  return value;
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

/** Heads of events that were written, without what closes them, by name. */
const headsWritten = new Map<string, string>();

/** The text that was encoded last, and its bytes: `size` is asked next, and need not count. */
let measured = "";
let measuredBytes = 0;

function encode(packet: Packet): Encoded {
  const { type } = packet;
  if (type === "event") {
    const { room, epoch, offset } = packet;
    if (room === undefined && epoch === undefined && offset === undefined) {
      const head = headsWritten.get(packet.name) ?? headOf(packet.name);
      const tail = packet.volatile === true ? ',"volatile":true}' : "}";
      const text = head === undefined ? undefined : write(head, packet.data, tail);
      if (text !== undefined) return text;
    }
  } else if (type === "reply") {
    const text = write(`{"type":"reply","id":${packet.id}`, packet.data, "}");
    if (text !== undefined) return text;
  }
  return jsonCodec.encode(packet);
}

function headOf(name: string): string | undefined {
  const head = `{"type":"event","name":${JSON.stringify(name)}`;
  if (name.length > nameMax || isWide.test(head)) return undefined;
  remember(headsWritten, name, head);
  return head;
}

/** `head` and `tail` have one byte per character. Undefined for data with byte strings. */
function write(head: string, data: unknown, tail: string): string | undefined {
  if (data === undefined) return measure(head + tail, 0);
  if (typeof data === "string" && isPlain.test(data)) {
    return measure(`${head},"data":"${data}"${tail}`, 0);
  }
  if (needsWrapping(data)) return undefined;
  const json = JSON.stringify(data);
  return measure(
    `${head},"data":${json}${tail}`,
    isWide.test(json) ? utf8Length(json) - json.length : 0,
  );
}

function measure(text: string, moreBytes: number): string {
  measured = text;
  measuredBytes = text.length + moreBytes;
  return text;
}

function sizeOf(message: Encoded): number {
  return typeof message === "string" && isWide.test(message) ? utf8Length(message) : message.length;
}

// ── Both ─────────────────────────────────────────────────────────────────────────────────────────

/** Whoever sends ever new names empties the memory, and what it held is learnt anew. */
function remember(memory: Map<string, string>, name: string, value: string): void {
  if (memory.size >= headNamesMax) memory.clear();
  memory.set(name, value);
}
