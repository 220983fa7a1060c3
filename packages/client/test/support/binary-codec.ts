// The binary codec of a server, on the runtime's UTF-8.

import { type Codec, createBinaryCodec } from "@tidewire/session-protocol";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
export const binaryCodec: Codec = createBinaryCodec({
  encode: (text) => encoder.encode(text),
  decode: (bytes) => decoder.decode(bytes),
});
