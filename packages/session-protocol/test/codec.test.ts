import {
  type Codec,
  DataError,
  decodeBase64,
  Entry,
  encodeBase64,
  encodeId,
  equalSecrets,
  isFault,
  jsonCodec,
  quickJsonCodec,
  utf8Length,
} from "@tidewire/session-protocol";
import { Random } from "@tidewire/session-protocol/testing";
import { describe, expect, test } from "vitest";
import { samples } from "./samples.js";
import { binaryCodec } from "./simulator/binary.js";

const event = (data: unknown): { type: "event"; name: string; data: unknown } => ({
  type: "event",
  name: "x",
  data,
});

const values: readonly unknown[] = [
  null,
  0,
  -1.5,
  "",
  "é\ud83d\ude00\u2028\r\n",
  [],
  {},
  new Uint8Array(0),
  Uint8Array.from([0, 255, 1]),
  { file: Uint8Array.from([1, 2]), more: [Uint8Array.from([3]), { deep: Uint8Array.from([4]) }] },
  { $binary: "AAAA" },
  { $$binary: { $binary: 0 } },
  { $binary: Uint8Array.from([9]) },
  { $binary: 1, other: 2 },
];

describe.each([
  ["§3.3 the JSON codec", jsonCodec],
  ["§3.3 the quick JSON codec", quickJsonCodec],
  ["§3.4 the binary codec", binaryCodec],
] as const)("%s", (_title, codec: Codec) => {
  test("reads what it wrote, for every packet and value", () => {
    for (const packet of samples) expect(codec.decode(codec.encode(packet))).toEqual(packet);
    for (const value of values) {
      const decoded = codec.decode(codec.encode(event(value))) as { data: unknown };
      expect(decoded.data).toEqual(value);
    }
  });

  test("§12.5 a key __proto__ stays a key, beside byte strings too", () => {
    const value: object = JSON.parse('{"__proto__":{"x":1},"constructor":2,"bytes":0}');
    Object.assign(value, { bytes: Uint8Array.from([1]) });
    const { data } = codec.decode(codec.encode(event(value))) as { data: object };
    expect(Object.keys(data)).toEqual(["__proto__", "constructor", "bytes"]);
    expect(Object.getPrototypeOf(data)).toBe(Object.prototype);
    expect((data as { x?: unknown }).x).toBeUndefined();
  });

  test("§3.5 refuses what the protocol has no word for, and names the place", () => {
    const cases: [unknown, string][] = [
      [{ at: new Date(0) }, "data.at"],
      [{ items: [{ n: 1n }] }, "data.items[0].n"],
      [[Number.NaN], "data[0]"],
      [Number.POSITIVE_INFINITY, "data"],
      [new Map(), "data"],
      [{ "odd key": new Set() }, 'data["odd key"]'],
      [{ f: () => 0 }, "data.f"],
      [[undefined], "data[0]"],
      [Symbol("s"), "data"],
      [new Uint16Array(1), "data"],
      [new ArrayBuffer(1), "data"],
      [new (class Point {})(), "data"],
    ];
    for (const [value, path] of cases) {
      const attempt = (): unknown => codec.encode(event(value));
      expect(attempt).toThrow(DataError);
      try {
        attempt();
      } catch (error) {
        expect((error as DataError).path).toBe(path);
      }
    }
    expect(() => codec.encode(event([undefined]))).toThrow(
      "data[0] cannot be sent: it is of type undefined. Send null or a string instead.",
    );
    const cycle: { self?: unknown } = {};
    cycle.self = cycle;
    expect(() => codec.encode(event(cycle))).toThrow(/cycle/);
  });

  test("§3.6 the deepest data that can be sent can be read, and one level more cannot", () => {
    const nest = (levels: number): unknown => {
      let value: unknown = 1;
      for (let i = 0; i < levels; i += 1) value = [value];
      return value;
    };
    expect(isFault(codec.decode(codec.encode(event(nest(63)))))).toBe(false);
    expect(() => codec.encode(event(nest(64)))).toThrow(DataError);
  });

  test("an entry is encoded when it is made, and converts to the other codec once", () => {
    const data = { text: "before", bytes: Uint8Array.from([1, 2, 3]) };
    const entry = new Entry(event(data), codec);
    data.text = "after";
    const other = codec === jsonCodec ? binaryCodec : jsonCodec;
    const converted = other.decode(entry.encoded(other)) as { data: unknown };
    expect(converted.data).toEqual({ text: "before", bytes: Uint8Array.from([1, 2, 3]) });
    expect(entry.encoded(other)).toBe(entry.encoded(other));
    expect(entry.encoded(codec)).toBe(entry.encoded(codec));
  });

  test("random damage is a fault or a packet, and never throws", () => {
    const random = new Random(1);
    for (let i = 0; i < 5000; i += 1) {
      const good = codec.encode(event(random.pick(values)));
      const at = random.below(good.length);
      const answer =
        typeof good === "string"
          ? codec.decode(
              good.slice(0, at) + String.fromCharCode(random.below(256)) + good.slice(at + 1),
            )
          : codec.decode(good.map((byte, index) => (index === at ? random.below(256) : byte)));
      expect(typeof answer.type).toBe("string");
    }
  });
});

test("§3.6 depth of 100,000 is a fault before the parser runs", () => {
  const head = '{"type":"event","name":"x","data":';
  for (const open of ["[", '{"a":', '{"$binary":', '[{"a":']) {
    expect(jsonCodec.decode(head + open.repeat(100_000))).toMatchObject({ code: "depth" });
  }
  // Brackets within a string are text.
  const text = `${head}${JSON.stringify('["\\'.repeat(10_000))}}`;
  expect(isFault(jsonCodec.decode(text))).toBe(false);
});

test("§3.6 text on a binary link and bytes on a text link are refused", () => {
  expect(jsonCodec.decode(new Uint8Array(1))).toMatchObject({ code: "syntax", closeCode: 4400 });
  expect(binaryCodec.decode("{}")).toMatchObject({ code: "syntax", closeCode: 4400 });
});

test("§3.3 a wrapper without valid base64 is a fault", () => {
  for (const wrapped of ["1", '"A"', '"AAA"', '"AA-_"', '"AB=="', '"A==="', "null", "[]", "{}"]) {
    const text = `{"type":"event","name":"x","data":{"$binary":${wrapped}}}`;
    expect(jsonCodec.decode(text), wrapped).toMatchObject({ type: "fault", code: "binary" });
  }
});

function binaryMessage(text: string, ...blocks: Uint8Array[]): Uint8Array {
  const parts = [new TextEncoder().encode(text), ...blocks];
  return Uint8Array.from(parts.flatMap((part) => [0, 0, 0, part.length, ...part]));
}

test("§3.4 an index must be a whole number of a block that nobody else refers to", () => {
  const text = (index: string): string =>
    `{"type":"event","name":"x","data":[{"$binary":${index}}]}`;
  const block = Uint8Array.from([1]);
  expect(isFault(binaryCodec.decode(binaryMessage(text("0"), block)))).toBe(false);
  for (const index of ["-1", "1", "1e9", "0.5", '"length"', '"__proto__"', "{}", "null", '"0"']) {
    expect(isFault(binaryCodec.decode(binaryMessage(text(index), block))), index).toBe(true);
  }
  const twice = '{"type":"event","name":"x","data":[{"$binary":0},{"$binary":0}]}';
  expect(isFault(binaryCodec.decode(binaryMessage(twice, block)))).toBe(true);
  const none = '{"type":"ping","id":1}';
  expect(isFault(binaryCodec.decode(binaryMessage(none, block)))).toBe(true);
});

test("§12.4 lengths that claim more than is there take no memory", () => {
  for (const claimed of [
    [255, 255, 255, 255],
    [0, 0, 0, 2, 123],
    [0, 0, 1],
  ]) {
    expect(binaryCodec.decode(Uint8Array.from(claimed))).toMatchObject({ code: "binary" });
  }
  expect(isFault(binaryCodec.decode(new Uint8Array(4 * 300)))).toBe(true);
  expect(isFault(binaryCodec.decode(new Uint8Array(0)))).toBe(true);
  expect(isFault(binaryCodec.decode(Uint8Array.from([0, 0, 0, 1, 0xff])))).toBe(true);
});

test("base64 agrees with Node's for every length, and ids are base64url", () => {
  for (let length = 0; length < 100; length += 1) {
    const bytes = Uint8Array.from({ length }, (_, index) => (index * 37 + length) & 255);
    const text = Buffer.from(bytes).toString("base64");
    expect(encodeBase64(bytes)).toBe(text);
    expect(decodeBase64(text)).toEqual(bytes);
    expect(encodeId(bytes)).toBe(Buffer.from(bytes).toString("base64url"));
  }
});

test("equalSecrets compares whole strings", () => {
  expect(equalSecrets("abc", "abc")).toBe(true);
  for (const other of ["abd", "ab", "abca", "abcabc", ""]) {
    expect(equalSecrets("abc", other), other).toBe(false);
    expect(equalSecrets(other, "abc"), other).toBe(false);
  }
});

test("utf8Length counts the bytes that UTF-8 takes", () => {
  for (const text of [
    "",
    "abc",
    "é",
    "€",
    "\ud83d\ude00x",
    "\ud83d",
    "\ude00\ud83d",
    "a\u07ff\u0800",
  ]) {
    expect(utf8Length(text), JSON.stringify(text)).toBe(Buffer.byteLength(text));
  }
});
