// The fields of a frame in the order of RFC 6455 §5.2, with their bits and what they mean here.
import type { FrameHeader } from "../../../shared/wire/frame-header.js";
import { type Frame, payloadOnTheLine } from "./frame.js";
import { hexOf } from "./hex.js";

export interface FrameField {
  /** Which colour. */
  readonly kind: "fin" | "rsv" | "opcode" | "mask" | "length" | "key" | "payload";
  readonly name: string;
  /** Fits over a single bit. */
  readonly shortName: string;
  readonly bits: string;
  /** The value as one writes it. */
  readonly value: string;
  readonly meaning: string;
}

/** Bytes of the payload that are drawn as bits. */
const payloadBytesDrawn = 8;

export function fieldsOf(frame: Frame): FrameField[] {
  const { item, header, opcode, packet } = frame;
  const [first = 0, second = 0] = item.header;
  const bit = (byte: number, mask: number): string => (byte & mask ? "1" : "0");
  const fields: FrameField[] = [
    {
      kind: "fin",
      name: "FIN",
      shortName: "FIN",
      bits: bit(first, 0x80),
      value: bit(first, 0x80),
      meaning: explainFin(header),
    },
    ...[header.rsv1, header.rsv2, header.rsv3].map((isSet, at): FrameField => {
      const number = at + 1;
      return {
        kind: "rsv",
        name: `RSV${number}`,
        shortName: `R${number}`,
        bits: isSet ? "1" : "0",
        value: isSet ? "1" : "0",
        meaning: explainReserved(number, isSet),
      };
    }),
    {
      kind: "opcode",
      name: "Opcode",
      shortName: "opcode",
      bits: (first & 0x0f).toString(2).padStart(4, "0"),
      value: `0x${(first & 0x0f).toString(16)}`,
      meaning: explainOpcode(opcode, packet?.type),
    },
    {
      kind: "mask",
      name: "MASK",
      shortName: "M",
      bits: bit(second, 0x80),
      value: bit(second, 0x80),
      meaning: header.masked
        ? "Masked, as every frame of a client has to be (§5.1)."
        : "Not masked: a server must not (§5.1).",
    },
    {
      kind: "length",
      name: "Payload length",
      shortName: "length",
      bits: (second & 0x7f).toString(2).padStart(7, "0"),
      value: String(header.length7),
      meaning: explainLength(header.length7, header.length),
    },
  ];
  const lengthBytes = header.lengthBits === 7 ? 0 : header.lengthBits / 8;
  if (lengthBytes > 0) {
    fields.push({
      kind: "length",
      name: `Extended payload length, ${header.lengthBits} bits`,
      shortName: "extended length",
      bits: bitsOf(item.header.subarray(2, 2 + lengthBytes)),
      value: header.length.toLocaleString("en"),
      meaning: `${header.length.toLocaleString("en")} bytes of payload, the most significant byte first.`,
    });
  }
  if (header.maskingKey !== undefined) {
    fields.push({
      kind: "key",
      name: "Masking key",
      shortName: "masking key",
      bits: bitsOf(header.maskingKey),
      value: hexOf(header.maskingKey),
      meaning: "Random for each frame. Byte i of the payload is combined (XOR) with byte i mod 4.",
    });
  }
  const payload = payloadOnTheLine(frame).subarray(0, payloadBytesDrawn);
  if (payload.length > 0) {
    const isAll = payload.length === header.length;
    fields.push({
      kind: "payload",
      name: isAll ? "Payload" : `Payload, first ${payload.length} bytes`,
      shortName: "payload",
      bits: bitsOf(payload),
      value: hexOf(payload),
      meaning: header.masked ? "As it was on the line: masked." : "As it was on the line.",
    });
  }
  return fields;
}

function explainFin({ fin, opcode }: FrameHeader): string {
  if (!fin) return "More frames of this message follow.";
  return opcode === 0 ? "The last frame of its message." : "The only frame of its message.";
}

function explainReserved(number: number, isSet: boolean): string {
  if (number === 1 && isSet) return "The message is compressed (permessage-deflate, RFC 7692 §6).";
  if (isSet) return "Set, though no extension that was agreed on uses it.";
  return number === 1 ? "Not compressed. An extension could use it." : "For extensions; unused.";
}

const opcodeMeanings: Readonly<Record<string, string>> = {
  continuation: "continues the message of the frames before.",
  text: "the payload is UTF-8.",
  binary: "the payload is bytes.",
  close: "the beginning or the answer of the closing handshake (§5.5.1).",
  ping: "asks for a sign of life (§5.5.2).",
  pong: "the sign of life, with the payload of the ping (§5.5.3).",
  reserved: "no meaning yet.",
};

function explainOpcode(name: string, packet: string | undefined): string {
  const meaning = `${name}: ${opcodeMeanings[name] ?? ""}`;
  return packet === undefined ? meaning : `${meaning} Here it carries one packet.`;
}

function explainLength(length7: number, length: number): string {
  if (length7 === 126) return "126 means: the length is in the next 16 bits.";
  if (length7 === 127) return "127 means: the length is in the next 64 bits.";
  return `${length} ${length === 1 ? "byte" : "bytes"} of payload. Up to 125 fit into these 7 bits.`;
}

function bitsOf(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(2).padStart(8, "0")).join("");
}
