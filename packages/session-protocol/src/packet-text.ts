// The JSON text of a packet, which both codecs hold (PROTOCOL.md §3.3, §3.4).

import { type Fault, fault, isFault } from "./fault.js";
import { depthMax } from "./limits.js";
import type { Packet } from "./packet.js";
import { needsWrapping, unwrap, wrap } from "./plain-data.js";
import { readPacket } from "./read-packet.js";

/** The JSON text of a packet, byte strings wrapped as the codec wants them. */
export function stringify(packet: Packet, toWrapped: (bytes: Uint8Array) => unknown): string {
  const data = (packet as { data?: unknown }).data;
  if (data !== undefined && needsWrapping(data)) {
    return JSON.stringify({ ...packet, data: wrap(data, toWrapped) });
  }
  return JSON.stringify(packet);
}

/** The packet of a JSON text, or what is wrong with it. */
export function parse(
  text: string,
  toBytes: (wrapped: unknown) => Uint8Array | undefined,
): Packet | Fault {
  if (isTooDeep(text)) return fault("depth", "3.6", `nested deeper than ${depthMax} levels`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return fault("syntax", "3.6", "not valid JSON");
  }
  const packet = readPacket(value);
  // One search by the engine saves the walk for all packets without byte strings.
  if (isFault(packet) || !("data" in packet) || !text.includes('$binary"')) return packet;
  const unwrapped = unwrap(packet.data, toBytes);
  if (!unwrapped.valid) return fault("binary", "3.3", "a $binary wrapper without valid bytes");
  return { ...packet, data: unwrapped.value };
}

/** Counts brackets outside of strings before the parser builds anything (§3.6). */
export function isTooDeep(text: string): boolean {
  if (text.length <= depthMax) return false;
  let depth = 0;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit === 0x22) {
      i = endOfString(text, i);
      if (i < 0) return false;
    } else if (unit === 0x5b || unit === 0x7b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (unit === 0x5d || unit === 0x7d) depth -= 1;
  }
  return false;
}

/** Where the string that begins at `start` ends; -1 when it does not (the parser will say so). */
function endOfString(text: string, start: number): number {
  let end = start;
  for (;;) {
    end = text.indexOf('"', end + 1);
    if (end < 0) return -1;
    let slashes = 0;
    while (text.charCodeAt(end - 1 - slashes) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return end;
  }
}
