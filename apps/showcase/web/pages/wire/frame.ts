// A frame as the page shows it: the report's bytes, read.
import { createBinaryCodec, isFault, jsonCodec, type Packet } from "@tidewire/session-protocol";
import type { FrameItem } from "../../../shared/wire/contract.js";
import {
  applyMask,
  type FrameHeader,
  isControlOpcode,
  opcodeName,
  readHeader,
} from "../../../shared/wire/frame-header.js";

export interface Frame {
  readonly item: FrameItem;
  readonly header: FrameHeader;
  /** The name of its opcode. */
  readonly opcode: string;
  readonly isControl: boolean;
  /** Undefined when there is none in it, or when not all of it is here. */
  readonly packet: Packet | undefined;
  /** The packet's type, or the opcode's name: what it can be filtered by. */
  readonly kind: string;
  /** What is in it, in a few words. */
  readonly summary: string;
  /** Bytes that were left out at the end of the payload. */
  readonly missing: number;
}

const encoder = new TextEncoder();
const strictDecoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const looseDecoder = new TextDecoder();
const binaryCodec = createBinaryCodec({
  encode: (text) => encoder.encode(text),
  decode: (bytes) => strictDecoder.decode(bytes),
});

/** Undefined for a report without a whole header, which the server does not make. */
export function readFrame(item: FrameItem): Frame | undefined {
  const header = readHeader(item.header);
  if (header === undefined) return undefined;
  const opcode = opcodeName(header.opcode);
  const missing = header.length - item.payload.length;
  // The server knows which line it is: not every one carries packets.
  const isPacket = item.packet !== undefined && missing === 0;
  const packet = isPacket ? readPacketOf(header, item.payload) : undefined;
  return {
    item,
    header,
    opcode,
    isControl: isControlOpcode(header.opcode),
    packet,
    kind: item.packet ?? opcode,
    summary: summarize(item, header, packet),
    missing,
  };
}

/** The payload as it was on the line. Masked secrets are masked there as well. */
export function payloadOnTheLine({ item, header }: Frame): Uint8Array {
  return applyMask(item.payload, header.maskingKey);
}

export function textOf(bytes: Uint8Array): string {
  return looseDecoder.decode(bytes);
}

function readPacketOf({ fin, opcode }: FrameHeader, payload: Uint8Array): Packet | undefined {
  if (!fin || opcode < 1 || opcode > 2) return undefined;
  try {
    const packet =
      opcode === 1 ? jsonCodec.decode(strictDecoder.decode(payload)) : binaryCodec.decode(payload);
    return isFault(packet) ? undefined : packet;
  } catch {
    return undefined; // Text that is not UTF-8.
  }
}

function summarize(item: FrameItem, header: FrameHeader, packet: Packet | undefined): string {
  if (packet === undefined) return summarizeBytes(item, header);
  switch (packet.type) {
    case "event":
    case "request":
    case "open":
      return packet.name;
    case "reply":
    case "abort":
      return `to request ${packet.id}`;
    case "failure":
    case "cancel":
      return packet.code;
    case "ack":
      return `${packet.count} received`;
    case "welcome":
      return packet.answer;
    case "hello":
      return packet.session === undefined ? "a new session" : "continue a session";
    case "bye":
      return `${packet.code} ${packet.reason}`;
    case "ping":
    case "pong":
      return `number ${packet.id}`;
    case "data":
    case "credit":
    case "end":
      return `stream ${packet.stream}`;
    default:
      return "";
  }
}

function summarizeBytes(item: FrameItem, header: FrameHeader): string {
  if (header.opcode === 0x8 && item.payload.length >= 2) {
    const [high = 0, low = 0] = item.payload;
    return `${high * 256 + low} ${textOf(item.payload.subarray(2))}`;
  }
  return textOf((item.inflated ?? item.payload).subarray(0, 40)).replace(/[^\x20-\x7e]/g, "·");
}
