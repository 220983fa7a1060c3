// The JSON codec (PROTOCOL.md §3.3).

import { decodeBase64, encodeBase64 } from "./base64.js";
import type { Codec } from "./codec.js";
import { fault } from "./fault.js";
import { parse, stringify } from "./packet-text.js";

/** Packets as JSON text, byte strings in base64 (`{"$binary": …}`). */
export const jsonCodec: Codec = {
  subprotocol: "tidewire.v1.json",
  contentType: "application/x-ndjson",
  binary: false,
  encode: (packet) => stringify(packet, encodeBase64),
  decode(message) {
    if (typeof message !== "string") return fault("syntax", "3.6", "bytes on a text link");
    return parse(message, (wrapped) =>
      typeof wrapped === "string" ? decodeBase64(wrapped) : undefined,
    );
  },
  size: (message) => (typeof message === "string" ? utf8Length(message) : message.length),
};

/** Bytes of the text in UTF-8; a lone surrogate counts as its replacement does. */
export function utf8Length(text: string): number {
  let bytes = text.length;
  for (let i = 0; i < text.length; i += 1) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80) continue;
    bytes += unit < 0x800 ? 1 : 2;
    if (unit >= 0xd800 && unit < 0xdc00) {
      const next = text.charCodeAt(i + 1);
      // A pair is four bytes, and two units of them are counted already.
      if (next >= 0xdc00 && next < 0xe000) i += 1;
    }
  }
  return bytes;
}
