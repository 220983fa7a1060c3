// The codecs of a link. The binary one is always here; the JSON codec comes with the second chunk.

import { type Codec, createBinaryCodec } from "@tidewire/session-protocol";

export const binaryCodec: Codec = createBinaryCodec(utf8());

/** The subprotocol of the JSON codec (PROTOCOL.md §10.1), known before the codec is here. */
export const jsonSubprotocol = "tidewire.v1.json";

function utf8(): Parameters<typeof createBinaryCodec>[0] {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return { encode: (text) => encoder.encode(text), decode: (bytes) => decoder.decode(bytes) };
}
