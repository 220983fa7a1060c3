import {
  createQuickBinaryCodec,
  frame,
  jsonCodec,
  type Packet,
  utf8Length,
} from "@tidewire/session-protocol";
import { Random } from "@tidewire/session-protocol/testing";
import { describe, expect, test } from "vitest";
import { samples } from "./samples.js";
import { binaryCodec } from "./simulator/binary.js";

const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
const quick = createQuickBinaryCodec({
  encode: (text) => encoder.encode(text),
  encodeInto: (text, into) => encoder.encodeInto(text, into),
  decode: (bytes) => decoder.decode(bytes),
});

const datas = ["plain", "é\ud83d\ude00\ud800", "", null, [1, { a: "x" }], { $binary: "AAAA" }];
const bytes = [Uint8Array.of(), Uint8Array.of(1, 2, 255), { a: [Uint8Array.of(7)] }];

const packets: readonly Packet[] = [
  ...samples,
  ...[...datas, ...bytes].flatMap((data, id): Packet[] => [
    { type: "event", name: "x", data },
    { type: "event", name: "x", data, volatile: true },
    { type: "request", id, name: "ümlaut", data, timeoutMs: 5 },
    { type: "reply", id, data },
  ]),
  { type: "ack", count: 3 },
  { type: "ack", count: 3, position: 4 },
  { type: "batch", session: "s".repeat(22), secret: "k".repeat(43), link: 1, received: 2 },
];

/** The second time a name is known, which is when the quicker way is taken. */
function decodeTwice(message: Uint8Array): unknown {
  const first = quick.decode(message);
  expect(quick.decode(message)).toEqual(first);
  return first;
}

describe("the quick binary codec", () => {
  test("§3.4 writes and reads every packet as the binary codec does", () => {
    for (const packet of packets) {
      const message = binaryCodec.encode(packet) as Uint8Array;
      expect(decodeTwice(message)).toEqual(binaryCodec.decode(message));
      expect(binaryCodec.decode(quick.encode(packet))).toEqual(binaryCodec.decode(message));
      expect(quick.size(quick.encode(packet))).toBe(message.length);
    }
  });

  test("§10.2 frames a text as the packet of it would be, or leaves it alone", () => {
    for (const packet of packets) {
      const text = String(jsonCodec.encode(packet));
      const framed = quick.frameText(text, utf8Length(text));
      if (text.includes('$binary"')) expect(framed).toBeUndefined();
      else expect(framed).toEqual(frame(binaryCodec.encode(packet)));
    }
  });

  test("§3.6 random damage is judged as by the binary codec", () => {
    const random = new Random(3);
    const messages = packets.map((packet) => binaryCodec.encode(packet) as Uint8Array);
    expect(quick.decode("text")).toEqual(binaryCodec.decode("text"));
    for (let i = 0; i < 20_000; i += 1) {
      const message = random.pick(messages).slice(0, random.chance(0.2) ? random.below(60) : 9_999);
      for (let damage = random.below(3); damage > 0 && message.length > 0; damage -= 1) {
        message[random.below(message.length)] = random.below(256);
      }
      expect(quick.decode(message), String(message)).toEqual(binaryCodec.decode(message));
    }
  });
});
