// The binary codec (PROTOCOL.md §3.4): the packet's JSON text, then its byte strings as they are.

import type { Codec, Encoded } from "./codec.js";
import { type Fault, fault, isFault } from "./fault.js";
import { blocksMax } from "./limits.js";
import type { Packet } from "./packet.js";
import { parse, stringify } from "./packet-text.js";
import { DataError } from "./plain-data.js";

/** The platform's UTF-8. `decode` throws on bytes that are not UTF-8 (`fatal`). */
export interface Utf8 {
  encode(text: string): Uint8Array;
  decode(bytes: Uint8Array): string;
}

/**
 * The binary codec on a platform's UTF-8, such as `{ encode: (t) => encoder.encode(t), decode: (b) =>
 * decoder.decode(b) }`. Decoded byte strings are views on the message, not copies.
 */
export function createBinaryCodec(utf8: Utf8): Codec {
  return {
    subprotocol: "tidewire.v1.binary",
    contentType: "application/octet-stream",
    binary: true,
    encode: (packet) => encode(packet, utf8),
    decode: (message) => decode(message, utf8),
    size: (message) => message.length,
  };
}

function encode(packet: Packet, utf8: Utf8): Uint8Array {
  const blocks: Uint8Array[] = [];
  const text = stringify(packet, (bytes) => blocks.push(bytes) - 1);
  if (blocks.length > blocksMax) {
    throw new DataError("data", `${blocks.length} byte strings`, `At most ${blocksMax}.`);
  }
  blocks.unshift(utf8.encode(text));
  const message = new Uint8Array(blocks.reduce((sum, block) => sum + 4 + block.length, 0));
  let at = 0;
  for (const block of blocks) {
    writeLength(message, at, block.length);
    message.set(block, at + 4);
    at += 4 + block.length;
  }
  return message;
}

function decode(message: Encoded, utf8: Utf8): Packet | Fault {
  if (typeof message === "string") return fault("syntax", "3.6", "text on a binary link");
  const blocks: (Uint8Array | undefined)[] = [];
  for (let at = 0; at < message.length; ) {
    // The claimed length is compared with what is there before anything is made (§12.4).
    const end = at + 4 + (at + 4 > message.length ? 0 : readLength(message, at));
    if (end > message.length || blocks.length > blocksMax) {
      return fault("binary", "3.4", "a block's length is false, or there are too many blocks");
    }
    blocks.push(message.subarray(at + 4, end));
    at = end;
  }
  const first = blocks.shift();
  if (first === undefined) return fault("binary", "3.4", "the message is empty");
  let text: string;
  try {
    text = utf8.decode(first);
  } catch {
    return fault("syntax", "3.6", "the packet is not UTF-8");
  }
  let used = 0;
  const packet = parse(text, (wrapped) => {
    const index = Number.isInteger(wrapped) ? (wrapped as number) : -1;
    const block = blocks[index];
    if (block === undefined) return undefined;
    used += 1;
    // A block is handed out once: a second reference finds nothing.
    blocks[index] = undefined;
    return block;
  });
  if (!isFault(packet) && used !== blocks.length) {
    return fault("binary", "3.4", "a byte block is not referred to");
  }
  return packet;
}

export function readLength(bytes: Uint8Array, at: number): number {
  return bytes[at]! * 0x1000000 + ((bytes[at + 1]! << 16) | (bytes[at + 2]! << 8) | bytes[at + 3]!);
}

export function writeLength(bytes: Uint8Array, at: number, length: number): void {
  bytes[at] = length >>> 24;
  bytes[at + 1] = length >>> 16;
  bytes[at + 2] = length >>> 8;
  bytes[at + 3] = length;
}
