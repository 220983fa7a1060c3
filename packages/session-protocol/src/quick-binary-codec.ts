// The binary codec for an end that serves many (PROTOCOL.md §3.4): the same messages and packets as
// `createBinaryCodec`, quicker for packets without byte strings. Such a message is a length and a text,
// and the text is that of the JSON codec.

import { createBinaryCodec, readLength, type Utf8, writeLength } from "./binary-codec.js";
import type { Codec, Encoded } from "./codec.js";
import { learnName, quickJsonCodec, readKnown, writeKnown } from "./quick-json-codec.js";

/** The platform's UTF-8, which also writes into memory that is there: a `TextEncoder` does. */
export interface Utf8Writer extends Utf8 {
  encodeInto(text: string, into: Uint8Array): unknown;
}

export interface QuickBinaryCodec extends Codec {
  /**
   * The message of a packet's JSON text, framed for a body (§10.2), without making a packet of it. `bytes`
   * are those of the text in UTF-8. Undefined when the text may hold byte strings.
   */
  frameText(text: string, bytes: number): Uint8Array | undefined;
}

/** As `createBinaryCodec`, for servers: it shares the memory of `quickJsonCodec` for names. */
export function createQuickBinaryCodec(utf8: Utf8Writer): QuickBinaryCodec {
  const codec = createBinaryCodec(utf8);
  const block = (text: string, bytes: number, frameBytes: number): Uint8Array => {
    const message = new Uint8Array(frameBytes + 4 + bytes);
    writeLength(message, frameBytes, bytes);
    utf8.encodeInto(text, message.subarray(frameBytes + 4));
    return message;
  };
  return {
    ...codec,
    encode(packet) {
      const text = writeKnown(packet);
      return text === undefined ? codec.encode(packet) : block(text, quickJsonCodec.size(text), 0);
    },
    decode(message) {
      const text = onlyText(message, utf8);
      return (text === undefined ? undefined : readKnown(text)) ?? learnName(codec.decode(message));
    },
    frameText(text, bytes) {
      if (text.includes('$binary"')) return undefined;
      const message = block(text, bytes, 4);
      writeLength(message, 0, bytes + 4);
      return message;
    },
  };
}

/** The text of a message that has no block behind it. */
function onlyText(message: Encoded, utf8: Utf8): string | undefined {
  if (typeof message === "string" || message.length < 4) return undefined;
  if (readLength(message, 0) !== message.length - 4) return undefined;
  try {
    return utf8.decode(message.subarray(4));
  } catch {
    return undefined;
  }
}
