// The binary codec on Node's UTF-8, for tests.

import { type Codec, createBinaryCodec } from "@tidewire/session-protocol";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

export const binaryCodec: Codec = createBinaryCodec({
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
});
