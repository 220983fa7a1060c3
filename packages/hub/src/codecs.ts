// The codecs of a hub's links (PROTOCOL.md §3), and its entries framed for bodies in each of them.

import {
  type Codec,
  createQuickBinaryCodec,
  type Encoded,
  type Entry,
  frame,
  quickJsonCodec,
} from "@tidewire/session-protocol";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

const binaryCodec = createQuickBinaryCodec({
  encode: (text) => encoder.encode(text),
  encodeInto: (text, into) => encoder.encodeInto(text, into),
  decode: (bytes) => decoder.decode(bytes),
});

/** JSON first. */
export const codecs: readonly Codec[] = [quickJsonCodec, binaryCodec];

/** How far the client has come, as a body has it. */
export function frameAck(count: number, codec: Codec): Encoded {
  return frame(codec.encode({ type: "ack", count }));
}

/** An entry as a body has it (§10.2). */
export function frameEntry(entry: Entry, codec: Codec): Encoded {
  // What programs send is made as text; a link's own packets are made for its codec.
  if (codec !== binaryCodec || !(entry.counted || entry.type === "event")) {
    return frame(entry.encoded(codec));
  }
  const text = String(entry.encoded(quickJsonCodec));
  return binaryCodec.frameText(text, entry.size) ?? frame(entry.encoded(codec));
}
