import { describe, expect, test } from "vitest";
import { deflated } from "../support/deflated.js";
import { frameTo, hex, joined, ROLES, utf8 } from "../support/frames.js";
import { forSeeds } from "../support/random.js";
import { createReader, faultEvent, readEveryWay } from "../support/readers.js";
import { toHex } from "../support/recorder.js";
import { Pending, ZlibInflater } from "../support/zlib-ports.js";

const text = (value: string) => ({ type: "text", text: value }) as const;
const inflater = () => new ZlibInflater();

describe.each(ROLES)("compressed messages at a %s", (role) => {
  const frame = (parts: Parameters<typeof frameTo>[1]) => frameTo(role, parts);
  const compressed = (payload: Uint8Array) => frame({ rsv1: true, opcode: 1, payload });
  const read = (frames: Uint8Array[], streamed = false) =>
    readEveryWay(role, frames, { inflater, streamed });

  describe("the examples of RFC 7692 §7.2.3", () => {
    test("RFC 7692 §7.2.3.1 a message compressed using one DEFLATE block", () => {
      expect(read([compressed(hex("f2 48 cd c9 c9 07 00"))])).toEqual([text("Hello")]);
    });

    test("RFC 7692 §7.2.3.1 the same message in two fragments", () => {
      const frames = [
        frame({ fin: false, rsv1: true, opcode: 1, payload: hex("f2 48 cd") }),
        frame({ opcode: 0, payload: hex("c9 c9 07 00") }),
      ];
      expect(read(frames)).toEqual([text("Hello")]);
    });

    test("RFC 7692 §7.2.3.2 messages that share the sliding window", () => {
      const frames = [
        compressed(hex("f2 48 cd c9 c9 07 00")),
        compressed(hex("f2 00 11 00 00")),
        compressed(hex("f2 48 cd c9 c9 07 00")),
      ];
      expect(read(frames)).toEqual([text("Hello"), text("Hello"), text("Hello")]);
    });

    test("RFC 7692 §7.2.3.3 a DEFLATE block without compression", () => {
      const payload = hex("00 05 00 fa ff 48 65 6c 6c 6f 00");
      expect(read([compressed(payload)])).toEqual([text("Hello")]);
    });

    test("RFC 7692 §7.2.3.4 a DEFLATE block with BFINAL set, and a message after it", () => {
      const payload = hex("f3 48 cd c9 c9 07 00 00");
      const frames = [compressed(payload), compressed(hex("f2 00 11 00 00"))];
      expect(read(frames)).toEqual([text("Hello"), text("Hello")]);
    });

    test("RFC 7692 §7.2.3.5 two DEFLATE blocks in one message", () => {
      const payload = hex("f2 48 05 00 00 00 ff ff ca c9 c9 07 00");
      expect(read([compressed(payload)])).toEqual([text("Hello")]);
    });

    test("RFC 7692 §7.2.3.6 an empty message is one empty block", () => {
      expect(read([compressed(hex("00"))])).toEqual([text("")]);
      expect(read([compressed(hex("02 00"))])).toEqual([text("")]);
    });
  });

  test("RFC 7692 §6 compressed and plain messages follow each other, with control frames among the fragments", () => {
    const payload = deflated(utf8("é".repeat(500)));
    const frames = [
      frame({ opcode: 1, payload: "plain" }),
      frame({ fin: false, rsv1: true, opcode: 1, payload: payload.slice(0, 3) }),
      frame({ opcode: 9 }),
      frame({ fin: false, opcode: 0 }),
      frame({ opcode: 0, payload: payload.slice(3) }),
      frame({ opcode: 1, payload: "plain" }),
    ];
    const expected = [
      text("plain"),
      { type: "ping", hex: "" },
      text("é".repeat(500)),
      text("plain"),
    ];
    expect(read(frames)).toEqual(expected);
  });

  test("RFC 7692 §6.1 RSV1 on a continuation or a control frame fails with 1002", () => {
    const begun = frame({ fin: false, rsv1: true, opcode: 1, payload: hex("f2 48") });
    const fault = [faultEvent("reserved-bits", 1002)];
    expect(read([begun, frame({ rsv1: true, opcode: 0 })])).toEqual(fault);
    for (const opcode of [8, 9, 10]) {
      expect(read([frame({ rsv1: true, opcode })])).toEqual(fault);
    }
  });

  test("§8.1 a compressed text that does not inflate to UTF-8 fails with 1007", () => {
    for (const bad of [[0xff], [0xc3], [0xed, 0xa0, 0x80]]) {
      for (const length of [0, 200]) {
        const payload = deflated(joined(utf8("a".repeat(length)), Uint8Array.from(bad)));
        const fault = faultEvent("text-not-utf8", 1007);
        expect(read([compressed(payload)]).at(-1)).toEqual(fault);
        expect(read([compressed(payload)], true).at(-1)).toEqual(fault);
      }
    }
  });

  test("RFC 7692 §7.2.2 corrupt compressed data fails with 1007 and crashes nothing (B8)", () => {
    const good = deflated(utf8("the quick brown fox jumps over the lazy dog ".repeat(20)));
    const result = read([frame({ rsv1: true, opcode: 2, payload: hex("ff ff ff ff") })]);
    expect(result).toEqual([faultEvent("deflate-invalid", 1007)]);
    forSeeds(100, (random) => {
      const payload = good.slice(0, random.below(good.length) + 1);
      for (let n = random.below(4); n > 0; n--)
        payload[random.below(payload.length)] = random.word();
      const { reader, consumer } = createReader(role, { inflater });
      reader.receive(frame({ rsv1: true, opcode: 2, payload }));
      expect(consumer.events).toHaveLength(1);
      for (const { code } of consumer.faults) expect(code).toBe("deflate-invalid");
    });
  });

  test("streamed compressed messages arrive as they were, byte by byte and in fragments", () => {
    forSeeds(5, (random) => {
      const data = utf8(random.text(300));
      const payload = deflated(data);
      const cut = random.below(payload.length);
      const frames = [
        frame({ fin: false, rsv1: true, opcode: 1, payload: payload.slice(0, cut) }),
        frame({ opcode: 0, payload: payload.slice(cut) }),
        frame({ opcode: 2, payload: "x" }),
      ];
      expect(read(frames, true)).toEqual([
        { type: "streamed", isBinary: false, hex: toHex(data), ended: true },
        { type: "streamed", isBinary: true, hex: "78", ended: true },
      ]);
    });
  });

  describe("inflated elsewhere", () => {
    function later(streamed = false) {
      const pending = new Pending();
      const set = createReader(role, {
        streamed,
        inflater: () => new ZlibInflater(pending.later),
      });
      return { ...set, pending };
    }
    const two = () =>
      joined(
        compressed(deflated(utf8("first"))),
        frame({ opcode: 9 }),
        frame({ opcode: 1, payload: "second" }),
        compressed(deflated(utf8("third"))),
      );

    test("neither the message nor what is behind it stays in memory that was lent", () => {
      const { reader, consumer, pending } = later();
      const chunk = two();
      reader.receive(chunk, true);
      chunk.fill(0xaa);
      pending.run();
      const all = [text("first"), { type: "ping", hex: "" }, text("second"), text("third")];
      expect(consumer.events).toEqual(all);
    });

    test("what is behind a message in the chunk waits for it, and keeps its order", () => {
      const { reader, consumer, pending } = later();
      let released = 0;
      reader.onReleased = () => released++;
      reader.receive(two());
      expect(reader.held).toBe(true);
      reader.receive(frame({ opcode: 1, payload: "fourth" }));
      expect(consumer.events).toEqual([]);
      pending.run(1);
      const first = [text("first"), { type: "ping", hex: "" }, text("second")];
      expect(consumer.events).toEqual(first);
      expect(reader.held).toBe(true);
      pending.run();
      expect(consumer.events).toEqual([...first, text("third"), text("fourth")]);
      expect(reader.held).toBe(false);
      expect(released).toBe(2);
    });

    test("a pause in the callback of an inflated message holds what is behind it", () => {
      const { reader, consumer, pending } = later();
      consumer.afterEvent = () => reader.pause();
      reader.receive(two());
      pending.run();
      expect(consumer.events).toEqual([text("first")]);
      reader.receive(frame({ opcode: 1, payload: "fourth" }));
      consumer.afterEvent = undefined;
      reader.resume();
      pending.run();
      expect(consumer.events.at(-1)).toEqual(text("fourth"));
      expect(consumer.events).toHaveLength(5);
    });

    test("a pause while a message is inflated does not stop it, resuming does not overtake it", () => {
      const { reader, consumer, pending } = later();
      reader.receive(two());
      reader.pause();
      reader.resume();
      expect(consumer.events).toEqual([]);
      reader.pause();
      pending.run();
      expect(consumer.events).toEqual([text("first")]);
      reader.resume();
      pending.run();
      expect(consumer.events.at(-1)).toEqual(text("third"));
    });

    test("§7.1.7 a message that is inflated after the reader ended is not delivered", () => {
      const { reader, consumer, pending } = later();
      reader.receive(two());
      reader.end();
      pending.run();
      expect(consumer.events).toEqual([]);
    });

    test("§7.1.7 after a fault in an inflated message nothing behind it is delivered", () => {
      const { reader, consumer, pending } = later();
      reader.receive(joined(compressed(hex("ff ff ff")), two()));
      pending.run();
      expect(consumer.events).toEqual([faultEvent("deflate-invalid", 1007)]);
    });

    test("a consumer that throws at an inflated message loses nothing that is behind it", () => {
      const { reader, consumer, pending } = later();
      reader.receive(two());
      consumer.afterEvent = (event) => {
        if (event.type === "text" && event.text === "first") throw new Error("from the consumer");
      };
      expect(() => pending.run()).toThrow("from the consumer");
      pending.run();
      expect(consumer.events.at(-1)).toEqual(text("third"));
      expect(reader.held).toBe(false);
    });

    test("random messages, cuts and delays give the same messages as at once", () => {
      forSeeds(20, (random) => {
        const { reader, consumer, pending } = later(random.chance(0.5));
        const values = Array.from({ length: 15 }, () => random.bytes(random.below(200)));
        let history: Uint8Array = new Uint8Array(0);
        const frames = values.map((value) => {
          if (random.chance(0.4)) return frame({ opcode: 2, payload: value });
          const payload = deflated(value, history.length > 0 ? history : undefined);
          history = joined(history, value).slice(-32_768);
          const cut = random.below(payload.length);
          return joined(
            frame({ fin: false, rsv1: true, opcode: 2, payload: payload.slice(0, cut) }),
            frame({ opcode: 0, payload: payload.slice(cut) }),
          );
        });
        const bytes = joined(...frames);
        for (let at = 0; at < bytes.length; ) {
          const size = 1 + random.below(100);
          reader.receive(bytes.slice(at, at + size));
          at += size;
          if (random.chance(0.4)) pending.run(random.below(4));
        }
        pending.run();
        const got = consumer.events.map((event) => ("hex" in event ? event.hex : "?"));
        expect(got).toEqual(values.map(toHex));
      });
    });
  });
});
