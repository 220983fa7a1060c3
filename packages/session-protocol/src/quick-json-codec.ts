// The JSON codec for an end that serves many (PROTOCOL.md §3.3): the same texts and packets as
// `jsonCodec`, quicker for the packets that come most.
//
// Theory. An event, request or reply is a short head in one of few spellings, and its data; an
// acknowledgement is a number. A head that is recognised, character by character, need not be parsed:
// if the text between it and its end is JSON by itself, the whole is JSON and has exactly the fields of
// the head. What is not recognised is left to `jsonCodec`, which also finds the faults. So both answer
// the same to every text.

import type { Codec, Encoded } from "./codec.js";
import type { Fault } from "./fault.js";
import { jsonCodec, utf8Length } from "./json-codec.js";
import { depthMax, headNamesMax, nameMax } from "./limits.js";
import type { Ack, Batch, Event, Packet, Request } from "./packet.js";
import { isTooDeep } from "./packet-text.js";
import { needsWrapping } from "./plain-data.js";

/**
 * `jsonCodec` with a memory for the names that are in use: for servers. The two are different objects,
 * so that an `Entry` of one is converted for a link of the other: a program uses one of them.
 */
export const quickJsonCodec: Codec = {
  ...jsonCodec,
  encode: (packet) => writeKnown(packet) ?? jsonCodec.encode(packet),
  decode,
  size: (message) => (message === measured ? measuredBytes : sizeOf(message)),
};

const eventHead = '{"type":"event","name":"';
const requestHead = '{"type":"request","id":';
const ackHead = '{"type":"ack","count":';
const nameHead = ',"name":"';
const dataHead = '","data":';
const volatileHead = '","volatile":true,"data":';
const timeoutHead = ',"timeoutMs":';
/** Where a packet's type begins, if it is the first field. */
const typeAt = '{"type":"'.length;
const letterA = 0x61;
const letterB = 0x62;
const letterE = 0x65;
const letterR = 0x72;
const quote = 0x22;
const closingBrace = 0x7d;
const digit0 = 0x30;
const digit9 = 0x39;

/** What does not mean itself inside a JSON string. */
const special = /["\\\u0000-\u001f]/;
/** That, and what has more than one byte. */
const specialOrWide = /[^ !#-[\]-~]/;
const wide = /[^\u0000-\u007f]/;
/** From so many characters on the engine's parser finds the end of a string sooner than a search. */
const longText = 256;

// ── Reading ──────────────────────────────────────────────────────────────────────────────────────

/** Names that were read, by their spelling: these are checked, and nothing of a message hangs on them. */
const namesRead = new Map<string, string>();

function decode(message: Encoded): Packet | Fault {
  const known = typeof message === "string" ? readKnown(message) : undefined;
  return known ?? learnName(jsonCodec.decode(message));
}

/** Remembers the name of a packet that was read at length. */
export function learnName(packet: Packet | Fault): Packet | Fault {
  if (packet.type === "event" || packet.type === "request") {
    const { name } = packet;
    if (!special.test(name)) remember(namesRead, name, name);
  }
  return packet;
}

/** The packet of a text that is recognised: it holds no byte strings. */
export function readKnown(text: string): Packet | undefined {
  switch (text.charCodeAt(typeAt)) {
    case letterE:
      return readEvent(text);
    case letterR:
      return readRequest(text);
    case letterA:
      return readAck(text);
    case letterB:
      return readBatch(text);
    default:
      return undefined;
  }
}

/** In the order of §4.2, as clients of ours write it. Integers have up to 15 digits: such are exact. */
const batchPattern = new RegExp(
  String.raw`^\{"type":"batch","session":"([\w-]{22,128})","secret":"([\w-]{22,128})",` +
    String.raw`"link":([1-9]\d{0,14})(?:,"position":(0|[1-9]\d{0,14}))?` +
    String.raw`(?:,"received":(0|[1-9]\d{0,14}))?(?:,"waitMs":(0|[1-9]\d{0,14}))?\}$`,
);

// What was read last is looked for first: packets of one name often come in a row.
let eventStart = "?";
let eventName = "";
let requestMiddle = "?";
let requestName = "";

function readEvent(text: string): Event | undefined {
  const end = text.length - 1;
  if (!text.startsWith(eventStart)) {
    const nameEnd = text.indexOf('"', eventHead.length);
    const name = readName(text, eventHead.length, nameEnd);
    if (name === undefined || !text.startsWith(eventHead)) return undefined;
    if (text.startsWith(volatileHead, nameEnd)) {
      const data = readData(text, nameEnd + volatileHead.length, end, end);
      return data === undefined ? undefined : { type: "event", name, data, volatile: true };
    }
    if (!text.startsWith(dataHead, nameEnd)) return undefined;
    eventStart = eventHead + name + dataHead;
    eventName = name;
  }
  const data = readData(text, eventStart.length, end, end);
  return data === undefined ? undefined : { type: "event", name: eventName, data };
}

function readRequest(text: string): Request | undefined {
  if (!text.startsWith(requestHead)) return undefined;
  const idEnd = text.indexOf(",", requestHead.length);
  const id = readInteger(text, requestHead.length, idEnd);
  if (id === undefined) return undefined;
  if (!text.startsWith(requestMiddle, idEnd)) {
    const nameStart = idEnd + nameHead.length;
    const nameEnd = text.indexOf('"', nameStart);
    const name = readName(text, nameStart, nameEnd);
    if (name === undefined || !text.startsWith(nameHead, idEnd)) return undefined;
    if (!text.startsWith(dataHead, nameEnd)) return undefined;
    requestMiddle = nameHead + name + dataHead;
    requestName = name;
  }
  const name = requestName;
  const from = idEnd + requestMiddle.length;
  const end = text.length - 1;
  // A time out stands at the end, where it can be found without knowing where the data ends.
  const tail = isDigit(text.charCodeAt(end - 1))
    ? text.indexOf(timeoutHead, Math.max(from, end - timeoutHead.length - digitsMax))
    : -1;
  const timeoutMs = tail < 0 ? undefined : readInteger(text, tail + timeoutHead.length, end);
  const data = readData(text, from, timeoutMs === undefined ? end : tail, end);
  if (data === undefined) return undefined;
  return timeoutMs === undefined
    ? { type: "request", id, name, data }
    : { type: "request", id, name, data, timeoutMs };
}

function readAck(text: string): Ack | undefined {
  const end = text.length - 1;
  if (!text.startsWith(ackHead) || text.charCodeAt(end) !== closingBrace) return undefined;
  const count = readInteger(text, ackHead.length, end);
  return count === undefined ? undefined : { type: "ack", count };
}

function readBatch(text: string): Batch | undefined {
  const found = batchPattern.exec(text);
  if (found === null) return undefined;
  const [, session, secret, link, position, received, waitMs] = found;
  const batch: { -readonly [Name in keyof Batch]: Batch[Name] } = {
    type: "batch",
    session: session!,
    secret: secret!,
    link: Number(link),
  };
  if (position !== undefined) batch.position = Number(position);
  if (received !== undefined) batch.received = Number(received);
  if (waitMs !== undefined) batch.waitMs = Number(waitMs);
  return batch;
}

/** The name between two quotes, if it was read before. */
function readName(text: string, start: number, end: number): string | undefined {
  return end < 0 || end - start > nameMax ? undefined : namesRead.get(text.slice(start, end));
}

/** The value of the data, in a text whose packet ends at `end`; undefined when it needs `jsonCodec`. */
function readData(text: string, start: number, dataEnd: number, end: number): unknown {
  if (text.charCodeAt(end) !== closingBrace) return undefined;
  const length = dataEnd - start;
  if (length > 1 && length < longText && text.charCodeAt(start) === quote) {
    const inside = text.slice(start + 1, dataEnd - 1);
    if (text.charCodeAt(dataEnd - 1) === quote && !special.test(inside)) return inside;
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
    if (!isDigit(unit)) return undefined;
    value = value * 10 + unit - digit0;
  }
  return value;
}

function isDigit(unit: number): boolean {
  return unit >= digit0 && unit <= digit9;
}

// ── Writing ──────────────────────────────────────────────────────────────────────────────────────

/** How a packet begins, of one byte per character: up to its data, and up to the text of data that is a string. */
interface Head {
  readonly bare: string;
  readonly quoted: string;
}

/** Heads of events that were written, by name. */
const headsWritten = new Map<string, Head>();

/** The text that was encoded last, and its bytes: `size` is asked next, and need not count. */
let measured = "";
let measuredBytes = 0;

/** The text of a packet of the kinds that come most; undefined for others, and for byte strings. */
export function writeKnown(packet: Packet): string | undefined {
  const { type } = packet;
  if (type === "event") {
    const { room, epoch, offset } = packet;
    if (room === undefined && epoch === undefined && offset === undefined) {
      const head = headsWritten.get(packet.name) ?? headOf(packet.name);
      const isVolatile = packet.volatile === true;
      return head && write(head.bare, head.quoted, packet.data, isVolatile);
    }
  } else if (type === "reply") {
    return write(`{"type":"reply","id":${packet.id}`, undefined, packet.data, false);
  } else if (type === "ack" && packet.position === undefined) {
    return measure(`${ackHead}${packet.count}}`, 0);
  }
  return undefined;
}

function headOf(name: string): Head | undefined {
  const bare = `{"type":"event","name":${JSON.stringify(name)}`;
  if (name.length > nameMax || wide.test(bare)) return undefined;
  const head = { bare, quoted: `${bare},"data":"` };
  remember(headsWritten, name, head);
  return head;
}

/** Undefined for data with byte strings. */
function write(
  bare: string,
  quoted: string | undefined,
  data: unknown,
  isVolatile: boolean,
): string | undefined {
  if (typeof data === "string" && !specialOrWide.test(data)) {
    const start = quoted ?? `${bare},"data":"`;
    return measure(start + data + (isVolatile ? '","volatile":true}' : '"}'), 0);
  }
  const tail = isVolatile ? ',"volatile":true}' : "}";
  if (data === undefined) return measure(bare + tail, 0);
  if (needsWrapping(data)) return undefined;
  const json = JSON.stringify(data);
  const moreBytes = wide.test(json) ? utf8Length(json) - json.length : 0;
  return measure(`${bare},"data":${json}${tail}`, moreBytes);
}

function measure(text: string, moreBytes: number): string {
  measured = text;
  measuredBytes = text.length + moreBytes;
  return text;
}

function sizeOf(message: Encoded): number {
  return typeof message === "string" && wide.test(message) ? utf8Length(message) : message.length;
}

// ── Both ─────────────────────────────────────────────────────────────────────────────────────────

/** Whoever sends ever new names empties the memory, and what it held is learnt anew. */
function remember<Value>(memory: Map<string, Value>, name: string, value: Value): void {
  if (memory.size >= headNamesMax) memory.clear();
  memory.set(name, value);
}
