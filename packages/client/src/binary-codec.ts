// The binary codec on the platform's UTF-8: in the second chunk, since a hub chooses JSON for a WebSocket.

import { type Codec, createBinaryCodec } from "@tidewire/session-protocol";

export const binaryCodec: Codec = createBinaryCodec(utf8());

function utf8(): Parameters<typeof createBinaryCodec>[0] {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return { encode: (text) => encoder.encode(text), decode: (bytes) => decoder.decode(bytes) };
}
