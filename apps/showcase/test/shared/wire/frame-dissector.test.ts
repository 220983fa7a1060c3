import { describe, expect, test } from "vitest";
import { FrameDissector, isWholeFrames } from "../../../shared/wire/frame-dissector.js";
import { applyMask, opcodeName, readHeader } from "../../../shared/wire/frame-header.js";

const key = [0x37, 0xfa, 0x21, 0x3d];

/** A frame by RFC 6455 §5.2, made without the code under test. */
function frame(
  first: number,
  payload: Uint8Array,
  { masked = false, lengthBytes = 0 }: { masked?: boolean; lengthBytes?: 0 | 2 | 8 } = {},
): Buffer {
  const form = lengthBytes === 0 ? payload.length : lengthBytes === 2 ? 126 : 127;
  const extended = Buffer.alloc(8);
  extended.writeBigUInt64BE(BigInt(payload.length));
  return Buffer.concat([
    Buffer.from([first, form | (masked ? 0x80 : 0)]),
    extended.subarray(8 - lengthBytes),
    Buffer.from(masked ? key : []),
    masked ? payload.map((byte, at) => byte ^ (key[at % 4] ?? 0)) : payload,
  ]);
}

const bytes = (length: number) => Uint8Array.from({ length }, (_, at) => (at * 7 + 3) & 0xff);

const forms = [
  { length: 0, lengthBytes: 0 },
  { length: 1, lengthBytes: 0 },
  { length: 125, lengthBytes: 0 },
  { length: 126, lengthBytes: 2 },
  { length: 65_535, lengthBytes: 2 },
  { length: 65_536, lengthBytes: 8 },
  // Longer than need be, which the inspector shows and does not judge.
  { length: 5, lengthBytes: 2 },
  { length: 5, lengthBytes: 8 },
] as const;

describe.each([false, true])("RFC 6455 §5.2, masked: %s", (masked) => {
  test.each(forms)("length $length in $lengthBytes more bytes", ({ length, lengthBytes }) => {
    const payload = bytes(length);
    const whole = frame(0x82, payload, { masked, lengthBytes });
    const [seen, ...others] = new FrameDissector(100_000).push(whole);
    expect(others).toEqual([]);
    expect(seen?.header).toMatchObject({
      fin: true,
      rsv1: false,
      rsv2: false,
      rsv3: false,
      opcode: 2,
      masked,
      length,
      lengthBits: lengthBytes === 0 ? 7 : lengthBytes * 8,
      length7: lengthBytes === 0 ? length : lengthBytes === 2 ? 126 : 127,
      size: whole.length - length,
    });
    expect(Buffer.from(seen?.bytes ?? [])).toEqual(whole.subarray(0, whole.length - length));
    const shown = applyMask(seen?.payload ?? new Uint8Array(), seen?.header.maskingKey);
    expect(Buffer.compare(shown, payload)).toBe(0);
    expect(seen?.header.maskingKey).toEqual(masked ? Uint8Array.from(key) : undefined);
  });
});

test.each([
  [0x00, { fin: false, opcode: 0 }, "continuation"],
  [0x81, { fin: true, opcode: 1 }, "text"],
  [0x02, { fin: false, opcode: 2 }, "binary"],
  [0x88, { fin: true, opcode: 8 }, "close"],
  [0x89, { fin: true, opcode: 9 }, "ping"],
  [0x8a, { fin: true, opcode: 10 }, "pong"],
  [0xc1, { rsv1: true, rsv2: false, rsv3: false }, "text"],
  [0xa3, { rsv1: false, rsv2: true, rsv3: false }, "reserved"],
  [0x9f, { rsv1: false, rsv2: false, rsv3: true }, "reserved"],
])("the first byte %i", (first, fields, name) => {
  const header = readHeader(frame(first, bytes(3)));
  expect(header).toMatchObject(fields);
  expect(opcodeName(header?.opcode ?? -1)).toBe(name);
});

describe("bytes that arrive in pieces", () => {
  const stream = Buffer.concat([
    frame(0x01, bytes(3), { masked: true }),
    frame(0x89, bytes(0), { masked: true }),
    frame(0x80, bytes(300), { masked: true, lengthBytes: 2 }),
    frame(0x82, bytes(66_000), { masked: true, lengthBytes: 8 }),
    frame(0x88, bytes(2)),
  ]);
  const whole = [...new FrameDissector(1_000).push(stream)];

  test("the whole at once", () => {
    expect(whole.map(({ header }) => header.opcode)).toEqual([1, 9, 0, 2, 8]);
  });

  test.each([1, 2, 3, 7, 13, 64, 1_000, 65_535])("in pieces of %i bytes", (size) => {
    const dissector = new FrameDissector(1_000);
    const seen = [];
    for (let at = 0; at < stream.length; at += size) {
      // As Node does, the buffer is used again.
      const piece = Buffer.from(stream.subarray(at, at + size));
      seen.push(...dissector.push(piece));
      piece.fill(0);
    }
    expect(seen).toEqual(whole);
    expect(dissector.isBetweenFrames).toBe(true);
  });

  test("a long payload is counted, and only its beginning kept", () => {
    expect(whole[3]?.header.length).toBe(66_000);
    expect(whole[3]?.payload).toHaveLength(1_000);
    expect(whole[4]?.header.opcode).toBe(8);
  });
});

describe("beginning in the middle", () => {
  const three = Buffer.concat([
    frame(0x82, bytes(20), { masked: true }),
    frame(0x8a, bytes(4), { masked: true }),
    frame(0x82, bytes(200), { masked: true, lengthBytes: 2 }),
  ]);

  test("whole frames are taken for that", () => {
    expect(isWholeFrames(three, true)).toBe(true);
    expect(isWholeFrames(three, false)).toBe(false);
    expect(isWholeFrames(frame(0x81, bytes(9)), false)).toBe(true);
  });

  test("no chunk that begins or ends within a frame is", () => {
    for (let at = 1; at < three.length; at += 1) {
      const isBorder = at === 26 || at === 36;
      expect(isWholeFrames(three.subarray(at), true), `from ${at}`).toBe(isBorder);
      expect(isWholeFrames(three.subarray(0, at), true), `to ${at}`).toBe(isBorder);
    }
  });
});
