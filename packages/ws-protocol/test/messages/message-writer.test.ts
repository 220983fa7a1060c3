import { describe, expect, test } from "vitest";
import { Arena } from "../../src/bytes/arena.js";
import type { MessageDeflater } from "../../src/deflate/deflate-port.js";
import { createFault } from "../../src/faults.js";
import { Opcode } from "../../src/frames/opcode.js";
import { MessageWriter } from "../../src/messages/message-writer.js";
import {
  type PreparedMessage,
  prepareForTurn,
  prepareMessage,
} from "../../src/messages/prepared-message.js";
import { describeFrame } from "../support/connections.js";
import { deflated } from "../support/deflated.js";
import {
  closeBody,
  hex,
  joined,
  type ReadFrame,
  ROLES,
  readFrames,
  utf8,
} from "../support/frames.js";
import { createPlatform } from "../support/node-platform.js";
import { forSeeds, Random } from "../support/random.js";
import { createReader } from "../support/readers.js";
import { type Recorded, toHex } from "../support/recorder.js";
import { createDeflate, Pending, type TestDeflate, ZlibInflater } from "../support/zlib-ports.js";

type Role = (typeof ROLES)[number];

function createWriter(role: Role, deflate?: TestDeflate) {
  const random = new Random(7);
  const platform = createPlatform(() => random.word());
  const arena = new Arena(platform);
  const writer = new MessageWriter({ platform, arena, masked: role === "client", deflate });
  const takeBytes = () => {
    const output = writer.output.take();
    return new Uint8Array(Buffer.concat(output === undefined ? [] : [output].flat()));
  };
  const takeFrames = () => readFrames(takeBytes());
  return { writer, platform, arena, takeBytes, takeFrames };
}

/** What the other end reads, with an inflater of its own. */
function readBack(role: Role, bytes: Uint8Array): readonly Recorded[] {
  const peer = role === "client" ? "server" : "client";
  const { reader, consumer } = createReader(peer, {
    inflater: () => new ZlibInflater(),
    limits: { messageBytesMax: 2 ** 30 },
  });
  reader.receive(bytes.slice());
  return consumer.events;
}

const text = (value: string) => ({ type: "text", text: value }) as const;
const shape = ({ fin, rsv, opcode }: ReadFrame) => ({ fin, rsv, opcode });

describe.each(ROLES)("writing at a %s", (role) => {
  const LENGTHS = [0, 1, 47, 48, 49, 125, 126, 127, 5456, 5457, 16_369, 16_370, 16_371];

  test("§5.2 texts of every length and width become one frame in the fewest bytes", () => {
    for (const length of [...LENGTHS, 65_535, 65_536]) {
      for (const character of ["a", "é", "€"]) {
        const { writer, takeBytes } = createWriter(role);
        const value = character.repeat(length);
        writer.writeText(value, true);
        const bytes = takeBytes();
        const payload = utf8(value).length;
        const header = payload < 126 ? 2 : payload < 65_536 ? 4 : 10;
        expect(bytes).toHaveLength(header + (role === "client" ? 4 : 0) + payload);
        expect(readBack(role, bytes)).toEqual([text(value)]);
      }
    }
  });

  test("§5.6 bytes of every length are sent exactly, of every kind of view", () => {
    const memory = new Random(3).bytes(70_000);
    for (const length of [...LENGTHS, 65_535, 65_536]) {
      const { writer, takeBytes } = createWriter(role);
      const view = memory.subarray(3, 3 + length);
      const copy = view.slice();
      writer.writeBytes(Opcode.binary, view, true);
      expect(writer.queuedBytes).toBe(writer.output.byteLength);
      expect(readBack(role, takeBytes())).toEqual([{ type: "binary", hex: toHex(copy) }]);
      expect(Buffer.compare(view, copy), "the caller's bytes are not masked").toBe(0);
    }
  });

  test("§5.6 lone surrogates in a text are sent as U+FFFD", () => {
    const { writer, takeBytes } = createWriter(role);
    writer.writeText("a\ud800b", true);
    expect(readBack(role, takeBytes())).toEqual([text("a\ufffdb")]);
  });

  test("what is written in a turn leaves as one chunk", () => {
    const { writer } = createWriter(role);
    writer.writeText("hello", true);
    writer.writeControl(Opcode.ping, hex("0102"), 0, 2);
    writer.writeBytes(Opcode.binary, new Uint8Array(1000), true);
    writer.writeClose(closeBody(1000));
    expect(writer.output.take()).toBeInstanceOf(Uint8Array);
  });

  test("framingBytes counts the headers of all frames", () => {
    const { writer, takeBytes } = createWriter(role);
    let payload = 0;
    for (const length of [0, 5, 200, 20_000, 70_000]) {
      writer.writeBytes(Opcode.binary, new Uint8Array(length), false);
      writer.writeText("x".repeat(length), false);
      payload += 2 * length;
    }
    expect(writer.output.framingBytes).toBe(takeBytes().length - payload);
  });

  test("§5.4 the parts of a message carry its opcode in the first frame and FIN in the last", () => {
    const { writer, takeFrames } = createWriter(role);
    writer.writeFragment("a", "text", false, true);
    expect(writer.midMessage).toBe(true);
    writer.writeControl(Opcode.ping, hex(""), 0, 0);
    writer.writeFragment(utf8("b"), "text", false, true);
    writer.writeFragment("", "text", true, true);
    expect(writer.midMessage).toBe(false);
    writer.writeFragment(hex("01"), "binary", true, true);
    expect(takeFrames().map(shape)).toEqual([
      { fin: false, rsv: 0, opcode: 1 },
      { fin: true, rsv: 0, opcode: 9 },
      { fin: false, rsv: 0, opcode: 0 },
      { fin: true, rsv: 0, opcode: 0 },
      { fin: true, rsv: 0, opcode: 2 },
    ]);
  });

  test("§5.6 a surrogate pair that two parts share arrives as one character", () => {
    for (const compress of [false, true]) {
      const { writer, takeBytes } = createWriter(role, createDeflate());
      for (const part of ["a\ud83d", "\ude00b", "\ud83d", "", "\ude00"]) {
        writer.writeFragment(part, "text", false, compress);
      }
      writer.writeFragment("\ud83d", "text", true, compress);
      expect(readBack(role, takeBytes())).toEqual([text("a😀b😀\ufffd")]);
    }
  });

  test("§5.6 bytes given as parts of a text must be UTF-8 as a whole, or nothing of the part is written", () => {
    const { writer, takeBytes } = createWriter(role);
    writer.writeFragment(hex("61 e2 82"), "text", false, true);
    expect(() => writer.writeFragment(hex("ff"), "text", false, true)).toThrow(TypeError);
    expect(() => writer.writeFragment("x", "text", false, true)).toThrow(TypeError);
    expect(() => writer.writeFragment(hex(""), "text", true, true)).toThrow(TypeError);
    writer.writeFragment(hex("ac 62"), "text", true, true);
    expect(readBack(role, takeBytes())).toEqual([text("a€b")]);
    writer.writeFragment("\ud83d", "text", false, true);
    expect(() => writer.writeFragment(hex("61"), "text", true, true)).toThrow(TypeError);
  });

  test("§5.4 all parts of a message have one type", () => {
    const { writer } = createWriter(role);
    writer.writeFragment("a", "text", false, true);
    expect(() => writer.writeFragment(hex("ff"), "binary", true, true)).toThrow(
      new TypeError("this message was begun as text: send its parts as such"),
    );
  });

  describe("compressed", () => {
    test("RFC 7692 §6.1 RSV1 is set on the first frame of a compressed message only", () => {
      const { writer, takeBytes } = createWriter(role, createDeflate());
      writer.writeText("hello hello hello", true);
      writer.writeFragment("one ", "text", false, true);
      writer.writeFragment("two", "text", true, true);
      writer.writeText("plain", false);
      const bytes = takeBytes();
      expect(readFrames(bytes).map(shape)).toEqual([
        { fin: true, rsv: 4, opcode: 1 },
        { fin: false, rsv: 4, opcode: 1 },
        { fin: true, rsv: 0, opcode: 0 },
        { fin: true, rsv: 0, opcode: 1 },
      ]);
      const expected = ["hello hello hello", "one two", "plain"].map(text);
      expect(readBack(role, bytes)).toEqual(expected);
    });

    test("RFC 7692 §6 a message of thresholdBytes is compressed, one byte less is not", () => {
      const { writer, takeFrames } = createWriter(role, createDeflate({ thresholdBytes: 100 }));
      for (const length of [99, 100]) {
        writer.writeText("x".repeat(length), true);
        writer.writeBytes(Opcode.binary, new Uint8Array(length), true);
      }
      expect(takeFrames().map(({ rsv }) => rsv)).toEqual([0, 0, 4, 4]);
    });

    test("a fault of the deflater is reported and nothing more is written", () => {
      for (const later of [false, true]) {
        const pending = new Pending();
        const fault = createFault("deflate-unavailable");
        const deflater: MessageDeflater = {
          deflate(_data, _last, done) {
            if (!later) return fault;
            pending.later(() => done(fault));
            return undefined;
          },
          reset() {},
          close() {},
        };
        const deflate = { ...createDeflate(), deflater } as unknown as TestDeflate;
        const { writer, takeFrames } = createWriter(role, deflate);
        const faults: string[] = [];
        writer.onFault = ({ code }) => faults.push(code);
        writer.writeText("lost", true);
        if (later) writer.writeText("behind it", true);
        pending.run();
        expect(faults).toEqual(["deflate-unavailable"]);
        expect(takeFrames()).toEqual([]);
        expect(writer.queuedBytes).toBe(0);
      }
    });
  });

  describe("compressed elsewhere", () => {
    function later() {
      const pending = new Pending();
      const deflate = createDeflate({ later: pending.later, thresholdBytes: 4 });
      const set = createWriter(role, deflate);
      return { ...set, pending, deflate };
    }

    test("later messages and the Close keep their order, pings and pongs do not wait", () => {
      const { writer, takeBytes, pending } = later();
      let outputs = 0;
      writer.onOutput = () => outputs++;
      writer.writeText("first message", true);
      writer.writeText("2", true);
      writer.writeBytes(Opcode.binary, utf8("third message"), true);
      writer.writeControl(Opcode.ping, hex("01"), 0, 1);
      writer.writeText("4", false);
      writer.writeClose(closeBody(1000));
      expect(writer.closeWaiting).toBe(true);
      expect(writer.queuedBytes).toBe(13 + 1 + 13 + 1 + writer.output.byteLength);
      expect(readBack(role, takeBytes())).toEqual([{ type: "ping", hex: "01" }]);
      pending.run();
      expect(outputs).toBe(2);
      expect(writer.closeWaiting).toBe(false);
      expect(readBack(role, takeBytes())).toEqual([
        text("first message"),
        text("2"),
        { type: "binary", hex: toHex(utf8("third message")) },
        text("4"),
        { type: "close", hex: "03e8" },
      ]);
      expect(writer.queuedBytes).toBe(0);
    });

    test("§5.4 messages in parts that wait behind each other keep their own opcodes and compression", () => {
      const { writer, takeBytes, pending } = later();
      writer.writeFragment("one ", "text", false, true);
      writer.writeFragment("two", "text", true, true);
      writer.writeFragment(hex("01"), "binary", false, false);
      writer.writeFragment(hex("02"), "binary", true, false);
      writer.writeFragment("three ", "text", false, true);
      writer.writeFragment("four", "text", true, true);
      pending.run();
      expect(readBack(role, takeBytes())).toEqual([
        text("one two"),
        { type: "binary", hex: "0102" },
        text("three four"),
      ]);
    });

    test("what the caller does with its bytes after sending them does not show", () => {
      const { writer, takeBytes, pending } = later();
      const bytes = utf8("reused buffer");
      writer.writeBytes(Opcode.binary, bytes, true);
      bytes.fill(1);
      writer.writeBytes(Opcode.binary, bytes, false);
      bytes.fill(2);
      writer.writeFragment(bytes, "binary", true, true);
      bytes.fill(3);
      pending.run();
      expect(readBack(role, takeBytes())).toEqual([
        { type: "binary", hex: toHex(utf8("reused buffer")) },
        { type: "binary", hex: "01".repeat(13) },
        { type: "binary", hex: "02".repeat(13) },
      ]);
    });

    test("a message prepared for the turn keeps its bytes while it waits", () => {
      const { writer, takeBytes, pending, platform, arena } = later();
      writer.writeText("first message", true);
      const message = prepareForTurn("prepared", platform, arena);
      writer.writePrepared(message);
      arena.recycle();
      arena.bytes.fill(0);
      pending.run();
      expect(readBack(role, takeBytes())).toEqual([text("first message"), text("prepared")]);
    });

    test("a fault lets nothing out that waits behind it", () => {
      const { writer, takeFrames, pending, deflate } = later();
      writer.writeText("first message", true);
      let calls = 0;
      deflate.deflater.deflate = () => {
        calls++;
        return createFault("deflate-unavailable");
      };
      writer.writeText("second message", true);
      writer.writeText("third message", false);
      writer.writeClose(closeBody(1000));
      pending.run();
      expect(calls).toBe(1);
      expect(takeFrames()).toHaveLength(1);
      expect(writer.closeWaiting).toBe(true);
    });

    test("random messages of all kinds arrive in order", () => {
      forSeeds(30, (random) => {
        const { writer, takeBytes, pending } = later();
        const expected: Recorded[] = [];
        const parts: Uint8Array[] = [];
        for (let n = 0; n < 60; n++) {
          const value = random.text(random.below(40));
          const compress = random.chance(0.6);
          const kind = random.below(3);
          if (kind === 0) writer.writeText(value, compress);
          else if (kind === 1) writer.writeBytes(Opcode.binary, utf8(value), compress);
          else {
            const cut = random.below(value.length + 1);
            writer.writeFragment(value.slice(0, cut), "text", false, compress);
            writer.writeFragment(value.slice(cut), "text", true, compress);
          }
          expected.push(kind === 1 ? { type: "binary", hex: toHex(utf8(value)) } : text(value));
          if (random.chance(0.4)) pending.run(random.below(5));
          if (random.chance(0.3)) parts.push(takeBytes());
        }
        pending.run();
        expect(readBack(role, joined(...parts, takeBytes()))).toEqual(expected);
        expect(writer.queuedBytes).toBe(0);
      });
    });
  });
});

test("§5.1 a client masks every frame, a server masks none", () => {
  for (const role of ROLES) {
    const { writer, takeFrames, platform } = createWriter(role);
    writer.writeText("x", true);
    writer.writeText("x".repeat(20_000), true);
    writer.writeBytes(Opcode.binary, new Uint8Array(20_000), true);
    writer.writeFragment("x", "text", false, true);
    writer.writeControl(Opcode.ping, hex("00"), 0, 1);
    writer.writeFragment("x", "text", true, true);
    writer.writePrepared(prepareMessage("x", platform));
    writer.writePrepared(prepareMessage(new Uint8Array(20_000), platform));
    writer.writeClose(closeBody(1000));
    const frames = takeFrames();
    expect(frames).toHaveLength(9);
    for (const { masked } of frames) expect(masked).toBe(role === "client");
  }
});

test("§5.3 a client takes a fresh random masking key for every frame", () => {
  const { writer, takeFrames } = createWriter("client");
  const random = new Random(7);
  for (let n = 0; n < 20; n++) writer.writeText(`${n}`, true);
  expect(takeFrames().map(({ key }) => key)).toEqual(
    Array.from({ length: 20 }, () => random.word()),
  );
});

describe("prepared messages", () => {
  const VALUES = [
    "",
    "hello",
    "é".repeat(100),
    "x".repeat(70_000),
    hex("ff00"),
    new Uint8Array(20_000),
  ];

  test.each(ROLES)("a prepared message reads at a peer of a %s as if it was sent alone", (role) => {
    for (const value of VALUES) {
      const { writer, takeBytes, platform, arena } = createWriter(role);
      writer.writePrepared(prepareMessage(value, platform));
      writer.writePrepared(prepareForTurn(value, platform, arena));
      const event = typeof value === "string" ? text(value) : { type: "binary", hex: toHex(value) };
      expect(readBack(role, takeBytes())).toEqual([event, event]);
    }
  });

  test("what is broadcast in one turn lies side by side, and its receivers share the bytes", () => {
    const platform = createPlatform();
    const arena = new Arena(platform);
    const writers = Array.from(
      { length: 50 },
      () => new MessageWriter({ platform, arena, masked: false }),
    );
    const before = platform.allocatedBytes;
    for (let n = 0; n < 20; n++) {
      const message = prepareForTurn(`message ${n}`, platform, arena);
      for (const writer of writers) writer.writePrepared(message);
    }
    const outputs = writers.map((writer) => writer.output.take());
    expect(new Set(outputs).size).toBe(1);
    expect(readBack("server", (outputs[0] as Uint8Array).slice())).toHaveLength(20);
    expect(platform.allocatedBytes).toBe(before);
  });

  test("RFC 7692 §7.1.1 a compressed prepared message among others with context takeover is read by the peer", () => {
    for (const pending of [undefined, new Pending()]) {
      const deflate = createDeflate({ later: pending?.later });
      const { writer, takeBytes, platform } = createWriter("server", deflate);
      const message = prepareCompressed("prepared prepared prepared", platform, 15);
      const expected: Recorded[] = [];
      for (let n = 0; n < 5; n++) {
        writer.writeText("a message with history", true);
        writer.writePrepared(message);
        expected.push(text("a message with history"), text("prepared prepared prepared"));
      }
      pending?.run();
      expect(deflate.deflater.resets).toBe(5);
      const bytes = takeBytes();
      expect(readFrames(bytes).every(({ rsv }) => rsv === 4)).toBe(true);
      expect(readBack("server", bytes)).toEqual(expected);
    }
  });

  test("RFC 7692 §7.1.2 a prepared message that refers back over more than the window is sent plain", () => {
    for (const [windowBits, rsv] of [
      [9, 4],
      [10, 4],
      [11, 0],
    ] as const) {
      const { writer, takeFrames, platform } = createWriter(
        "server",
        createDeflate({ windowBits: 10 }),
      );
      writer.writePrepared(prepareCompressed("prepared", platform, windowBits));
      expect(takeFrames().map((frame) => frame.rsv)).toEqual([rsv]);
    }
  });

  test("§5.8 a prepared message goes plain to a connection that did not negotiate compression", () => {
    const { writer, takeFrames, platform } = createWriter("server");
    writer.writePrepared(prepareCompressed("prepared", platform, 9));
    expect(takeFrames().map(describeFrame)).toEqual(['text "prepared"']);
  });
});

function prepareCompressed(
  value: string,
  platform: ReturnType<typeof createPlatform>,
  windowBits: number,
): PreparedMessage {
  return prepareMessage(value, platform, { bytes: deflated(utf8(value)), windowBits });
}
