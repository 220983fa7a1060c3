import { describe, expect, test } from "vitest";
import { payloadOnTheLine } from "../../../../web/pages/wire/frame.js";
import { fieldsOf } from "../../../../web/pages/wire/frame-fields.js";
import { everything, matches } from "../../../../web/pages/wire/frame-filter.js";
import { frameOf, packetFrame } from "./frame-making.js";

const key = [1, 2, 3, 4];
const welcome = {
  type: "welcome",
  answer: "resumed",
  session: "a".repeat(22),
  link: 2,
  received: 5,
  position: 7,
  limits: {
    messageBytes: 1,
    batchBytes: 1,
    batchPackets: 1,
    logBytes: 1,
    logEntries: 1,
    sessionMs: 1,
    heartbeatMs: 1,
    ackEntries: 1,
    ackMs: 1,
    requests: 1,
    streams: 1,
    streamItems: 1,
    pollMs: 1,
  },
} as const;

describe("what is in a frame", () => {
  test.each([
    [packetFrame({ type: "event", name: "chat.said", data: 1 }), "event", "chat.said"],
    [packetFrame({ type: "request", id: 3, name: "who" }), "request", "who"],
    [packetFrame({ type: "reply", id: 3 }), "reply", "to request 3"],
    [packetFrame({ type: "ack", count: 9 }), "ack", "9 received"],
    [packetFrame(welcome), "welcome", "resumed"],
    [packetFrame({ type: "hello", version: 1, link: 1 }), "hello", "a new session"],
    [packetFrame({ type: "bye", code: 4002, reason: "later" }), "bye", "4002 later"],
    [packetFrame({ type: "data", stream: 1 }), "data", "stream 1"],
    [frameOf("tide", { first: 0x89 }), "ping", "tide"],
    [frameOf(Uint8Array.of(0x03, 0xe8, 0x62, 0x79, 0x65), { first: 0x88 }), "close", "1000 bye"],
    [frameOf("no packet"), "text", "no packet"],
    [frameOf(Uint8Array.of(0xff, 0x41), { first: 0x82 }), "binary", "·A"],
  ])("%#", (frame, kind, summary) => {
    expect(frame.kind).toBe(kind);
    expect(frame.summary).toBe(summary);
  });

  test("of a packet that is not here whole only the type is known", () => {
    const frame = frameOf('{"type":"event","na', { length: 300, packet: "event" });
    expect(frame).toMatchObject({ kind: "event", packet: undefined, missing: 281 });
  });

  test("a compressed payload is not taken for a packet", () => {
    const inflated = new TextEncoder().encode("Tea? Tea? Tea?");
    const frame = frameOf(Uint8Array.of(1, 2, 3), { first: 0xc1, inflated, inflatedLength: 14 });
    expect(frame).toMatchObject({ packet: undefined, kind: "text", summary: "Tea? Tea? Tea?" });
    expect(matches(frame, { ...everything, text: "tea" })).toBe(true);
  });

  test("§5.3 the payload on the line is masked by the key", () => {
    const frame = frameOf(Uint8Array.of(0, 0, 0, 0, 0xff), { key, first: 0x82 });
    expect([...payloadOnTheLine(frame)]).toEqual([1, 2, 3, 4, 0xfe]);
    expect([...payloadOnTheLine(frameOf("A"))]).toEqual([0x41]);
  });
});

describe("the fields of RFC 6455 §5.2", () => {
  test("all bits of header and payload, in their order", () => {
    const frame = frameOf("Hi", { key });
    const fields = fieldsOf(frame);
    expect(fields.map(({ name }) => name)).toEqual([
      "FIN",
      "RSV1",
      "RSV2",
      "RSV3",
      "Opcode",
      "MASK",
      "Payload length",
      "Masking key",
      "Payload",
    ]);
    const bits = fields.map((field) => field.bits).join("");
    const bytes = [...frame.item.header, ...payloadOnTheLine(frame)];
    expect(bits).toBe(bytes.map((byte) => byte.toString(2).padStart(8, "0")).join(""));
  });

  test("a longer length has a field of its own; of a long payload the beginning is drawn", () => {
    const fields = fieldsOf(frameOf("x".repeat(300)));
    expect(fields.find(({ name }) => name.startsWith("Extended"))).toMatchObject({
      bits: "0000000100101100",
      value: "300",
    });
    expect(fields.at(-1)).toMatchObject({ name: "Payload, first 8 bytes" });
    expect(fields.at(-1)?.bits).toHaveLength(64);
  });

  test("RSV1, a first fragment and a reserved opcode are told", () => {
    const said = (first: number) =>
      fieldsOf(frameOf("", { first }))
        .map(({ meaning }) => meaning)
        .join(" ");
    expect(said(0xc1)).toContain("permessage-deflate");
    expect(said(0x01)).toContain("More frames of this message follow");
    expect(said(0x80)).toContain("The last frame of its message");
    expect(said(0x83)).toContain("no meaning yet");
  });
});

describe("filter", () => {
  const up = packetFrame({ type: "event", name: "chat.say", data: "Tea?" }, { key });
  const down = packetFrame({ type: "ack", count: 4 });
  const ping = frameOf("tide", { first: 0x89 });

  test.each([
    ["everything", everything, [true, true, true]],
    ["direction", { ...everything, direction: "up" }, [true, false, false]],
    ["data frames", { ...everything, kind: "data" }, [true, true, false]],
    ["control frames", { ...everything, kind: "control" }, [false, false, true]],
    ["a type of packet", { ...everything, kind: "ack" }, [false, true, false]],
    ["an opcode", { ...everything, kind: "ping" }, [false, false, true]],
    ["text, in any case", { ...everything, text: "tEA" }, [true, false, false]],
    ["several", { direction: "down", kind: "data", text: "tide" }, [false, false, false]],
  ] as const)("by %s", (_, filter, expected) => {
    expect([up, down, ping].map((frame) => matches(frame, filter))).toEqual(expected);
  });
});
