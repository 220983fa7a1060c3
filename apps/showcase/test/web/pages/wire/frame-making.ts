// Frames as the server reports them, made by hand.
import { jsonCodec, type Packet } from "@tidewire/session-protocol";
import type { FrameItem } from "../../../../shared/wire/contract.js";
import { type Frame, readFrame } from "../../../../web/pages/wire/frame.js";

let made = 0;

export interface Given extends Partial<FrameItem> {
  readonly first?: number;
  readonly key?: readonly number[];
  /** Of the whole payload, when only its beginning is reported. */
  readonly length?: number;
}

export function frameOf(payload: string | Uint8Array, given: Given = {}): Frame {
  const { first = 0x81, key = [], length, ...item } = given;
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const size = length ?? bytes.length;
  const mask = key.length > 0 ? 0x80 : 0;
  const long = size < 126 ? [size | mask] : [126 | mask, size >> 8, size & 0xff];
  made += 1;
  const frame = readFrame({
    type: "frame",
    link: 1,
    number: made,
    at: 1_700_000_000_000,
    direction: key.length > 0 ? "up" : "down",
    header: Uint8Array.from([first, ...long, ...key]),
    payload: bytes,
    ...item,
  });
  if (frame === undefined) throw new Error("This is no frame.");
  return frame;
}

export function packetFrame(packet: Packet, given: Given = {}): Frame {
  return frameOf(String(jsonCodec.encode(packet)), { packet: packet.type, ...given });
}
