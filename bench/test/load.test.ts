import { describe, expect, test } from "vitest";
import { createFrame, headerBytes } from "../src/load/frame.js";
import { FrameReader } from "../src/load/frame-reader.js";
import { answerRequest, createRequest, readAnswer } from "../src/load/handshake.js";
import { AnswerReader, createRequests } from "../src/load/requests.js";
import { createPayload, createRecords } from "../src/payload.js";

describe("frames", () => {
  test.each([
    [0, 2],
    [125, 2],
    [126, 4],
    [65_535, 4],
    [65_536, 10],
  ])("§5.2 %i bytes of payload have a header of %i", (payload, header) => {
    const frame = createFrame(createPayload(payload), { opcode: 2, masked: false });
    expect(headerBytes(payload)).toBe(header);
    expect(frame.length).toBe(header + payload);
  });

  test("§5.3 unmasking gives the payload back", () => {
    const frame = createFrame(createPayload(20), { opcode: 1, masked: true });
    expect(frame[1]).toBe(0x80 | 20);
    const mask = frame.subarray(2, 6);
    const payload = frame.subarray(6).map((byte, index) => byte ^ mask[index & 3]!);
    expect(Buffer.from(payload)).toEqual(createPayload(20));
  });

  test("a reader finds the same frames however they are cut", () => {
    const sizes = [0, 1, 125, 126, 300, 65_536];
    const all = Buffer.concat(
      sizes.map((size) => createFrame(createPayload(size), { opcode: 2, masked: false })),
    );
    for (const step of [1, 7, 1000, all.length]) {
      const found: number[] = [];
      const reader = new FrameReader((_, __, start, end) => found.push(end - start));
      for (let at = 0; at < all.length; at += step) reader.receive(all.subarray(at, at + step));
      expect(found).toEqual(sizes);
    }
  });

  test("§5.1 a masked frame from a server is refused", () => {
    const reader = new FrameReader(() => {});
    const frame = createFrame(createPayload(3), { opcode: 1, masked: true });
    expect(() => reader.receive(frame)).toThrow("masked");
  });
});

describe("the handshake", () => {
  test("§1.3 the answer of the servers that do not read the protocol is the right one", () => {
    const request = createRequest({ path: "/", port: 80, deflate: "off" });
    expect(readAnswer(answerRequest(request))).toBe("");
  });

  test("another client's key is answered as the RFC says", () => {
    const answer = answerRequest("Sec-WebSocket-Key: NnRlZW4gYnl0ZXMgbG9uZw==\r\n\r\n");
    expect(answer).toContain("Sec-WebSocket-Accept: 5TJpAB7/UaAJe8PMrbF3FsUzmfU=\r\n");
  });

  test("a refusal and a wrong accept value are told apart", () => {
    expect(() => readAnswer("HTTP/1.1 503 Busy")).toThrow("503");
    const wrong = "HTTP/1.1 101 x\r\nSec-WebSocket-Accept: nonsense";
    expect(() => readAnswer(wrong)).toThrow("Sec-WebSocket-Accept");
  });
});

describe("requests", () => {
  test("records have exactly the length asked for, are JSON, and are the same in every run", () => {
    const records = createRecords(64, 1024);
    expect(records.every(({ length }) => length === 1024)).toBe(true);
    expect(records.map((record) => JSON.parse(record.toString()).sequence)).toEqual(
      records.map((_, index) => index),
    );
    expect(createRecords(64, 1024)).toEqual(records);
  });

  test.each(["per-message", "context"] as const)(
    "RFC 7692: compressed %s, the second turn can be repeated for ever",
    (deflate) => {
      const { first, again, expected } = createRequests(1, 1024, 1, deflate);
      const answers = new AnswerReader(deflate === "context");
      for (const turn of [first, again, again, again]) {
        for (const [index, frame] of turn.entries()) {
          expect(answers.read(frame[0]!, payloadOf(frame))).toEqual(expected[index]);
        }
      }
    },
  );

  test("a burst is one write of so many frames", () => {
    const { first, again } = createRequests(1, 20, 1000, "off");
    expect(again[0]!.length).toBe(1000 * first[0]!.length);
  });
});

/** Of a masked frame. */
function payloadOf(frame: Buffer): Buffer {
  const start = headerBytes(frame.length - 8 < 126 ? 0 : 126) + 4;
  const mask = frame.subarray(start - 4, start);
  return Buffer.from(frame.subarray(start).map((byte, index) => byte ^ mask[index & 3]!));
}
