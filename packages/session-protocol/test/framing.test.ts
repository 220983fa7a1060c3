import {
  type Encoded,
  frame,
  isFault,
  LengthReader,
  LineReader,
  type SseEvent,
  SseReader,
  splitBody,
  sseData,
  sseId,
} from "@tidewire/session-protocol";
import { Random } from "@tidewire/session-protocol/testing";
import { expect, test } from "vitest";

/** Cuts: whole, byte by byte, then at random. */
function* cuts<Piece extends Encoded>(whole: Piece): Generator<Piece[]> {
  const cut = (from: number, to: number): Piece =>
    (typeof whole === "string" ? whole.slice(from, to) : whole.subarray(from, to)) as Piece;
  yield [whole];
  yield Array.from({ length: whole.length }, (_, index) => cut(index, index + 1));
  const random = new Random(3);
  for (let round = 0; round < 50; round += 1) {
    const pieces: Piece[] = [];
    for (let at = 0; at < whole.length; ) {
      const next = at + 1 + random.below(12);
      pieces.push(cut(at, next));
      at = next;
    }
    yield pieces;
  }
}

const lines = ['{"type":"ping","id":1}', '"é\ud83d\ude00"', "x".repeat(40)];
const padded = `${" ".repeat(300)}\n${lines.map(frame).join("")}\n \n`;

test("§10.2 lines are read the same, however they are cut, and padding is nothing", () => {
  for (const pieces of cuts(padded)) {
    const reader = new LineReader(40);
    const found: string[] = [];
    for (const piece of pieces) {
      expect(reader.push(piece, (line) => found.push(line))).toBeUndefined();
    }
    expect(found).toEqual(lines);
  }
  expect(splitBody(padded, 6)).toEqual(lines);
});

test("§10.2 frames are read the same, however they are cut, and empty ones are nothing", () => {
  const messages = [Uint8Array.from([1]), new Uint8Array(3000).fill(7), Uint8Array.from([2, 3])];
  const framed = [new Uint8Array(0), ...messages, new Uint8Array(0)].map(
    (message) => frame(message) as Uint8Array,
  );
  const whole = Uint8Array.from(framed.flatMap((part) => [...part]));
  for (const pieces of cuts(whole)) {
    const reader = new LengthReader(3000);
    const found: Uint8Array[] = [];
    for (const piece of pieces) reader.push(piece, (message) => found.push(message));
    expect(found).toEqual(messages);
  }
  expect(splitBody(whole, 5)).toEqual(messages);
});

test("§9 a message of messageBytes is taken, one more is refused, for good", () => {
  const line = new LineReader(5);
  expect(line.push("12345\n", () => {})).toBeUndefined();
  expect(line.push("123456", () => {})).toMatchObject({ closeCode: 4413 });
  expect(line.push("\n1\n", () => expect.unreachable())).toMatchObject({ closeCode: 4413 });
  const length = new LengthReader(5);
  expect(length.push(frame(new Uint8Array(5)) as Uint8Array, () => {})).toBeUndefined();
  const claim = Uint8Array.from([255, 255, 255, 255]);
  expect(length.push(claim, () => {})).toMatchObject({ closeCode: 4413 });
  const sse = new SseReader(5);
  expect(sse.push("data: 12345\n\n", () => {})).toBeUndefined();
  expect(sse.push("data: 123456\n\n", () => {})).toMatchObject({ closeCode: 4413 });
  const many = new SseReader(5);
  expect(many.push("data:\n".repeat(10), () => {})).toMatchObject({ closeCode: 4413 });
});

test("§10.2 a body is counted before it is split, blank lines and frames included", () => {
  const count = (body: Encoded, max: number): unknown => {
    const answer = splitBody(body, max);
    return isFault(answer) ? answer.closeCode : answer.length;
  };
  expect(count("\n".repeat(3), 3)).toBe(0);
  expect(count("\n".repeat(4), 3)).toBe(4413);
  expect(count("1\n2\n3", 3)).toBe(3);
  expect(count("1\n2\n3\n4", 3)).toBe(4413);
  expect(count("1\n2\n3\n4\n", 3)).toBe(4413);
  expect(count("", 3)).toBe(0);
  expect(count("\n".repeat(5_000_000), 512)).toBe(4413);
  expect(count(new Uint8Array(12), 3)).toBe(0);
  expect(count(new Uint8Array(16), 3)).toBe(4413);
  expect(count(Uint8Array.from([0, 0, 0, 2, 1]), 3)).toBe(4400);
  expect(count(Uint8Array.from([0, 0]), 3)).toBe(4400);
});

test("§10.3 SSE is read the same, however it is cut", () => {
  const whole =
    `\ufeff:${" ".repeat(100)}\n\n${sseData('{"a":1}')}${sseId(1)}${sseData("b\u2028c")}` +
    "id: 2\r\ndata: x\r\ndata:y\r\n\r\nevent: no\rretry: 5\rdata\r\r:\n\nid:3\n\n";
  const wanted: SseEvent[] = [
    { data: '{"a":1}', id: "" },
    { data: "b\u2028c", id: "1" },
    { data: "x\ny", id: "2" },
    { data: "", id: "2" },
  ];
  for (const pieces of cuts(whole)) {
    const reader = new SseReader(1000);
    const found: SseEvent[] = [];
    for (const piece of pieces) reader.push(piece, (event) => found.push(event));
    expect(found).toEqual(wanted);
  }
});

test("§10.3 no value can forge a line", () => {
  for (const text of ["a\nid: 9\n\ndata: b", "a\r\nevent: x", "a\r\rdata: c", "\n\n\n"]) {
    const found: SseEvent[] = [];
    new SseReader(1000).push(`${sseId(4)}${sseData(text)}`, (event) => found.push(event));
    expect(found).toEqual([{ data: text.replaceAll(/\r\n|\r/g, "\n"), id: "4" }]);
  }
});
