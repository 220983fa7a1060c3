import { describe, expect, test } from "vitest";
import { applyMask, NON_ASCII } from "../../src/bytes/mask.js";
import { cutAt } from "../support/cuts.js";
import { frameTo, hex, joined, KEY, ROLES, utf8 } from "../support/frames.js";
import { createPlatform } from "../support/node-platform.js";
import { forSeeds } from "../support/random.js";
import { createReader, faultEvent, readEveryWay } from "../support/readers.js";
import { toHex } from "../support/recorder.js";

const text = (value: string) => ({ type: "text", text: value }) as const;
const binary = (bytes: Uint8Array) => ({ type: "binary", hex: toHex(bytes) }) as const;

describe("the examples of §5.7", () => {
  const hello = [text("Hello")];

  test("§5.7 a single-frame unmasked text message", () => {
    expect(readEveryWay("client", [hex("81 05 48 65 6c 6c 6f")])).toEqual(hello);
  });

  test("§5.7 a single-frame masked text message", () => {
    const bytes = hex("81 85 37 fa 21 3d 7f 9f 4d 51 58");
    expect(readEveryWay("server", [bytes])).toEqual(hello);
  });

  test("§5.7 a fragmented unmasked text message", () => {
    const frames = [hex("01 03 48 65 6c"), hex("80 02 6c 6f")];
    expect(readEveryWay("client", frames)).toEqual(hello);
  });

  test("§5.7 an unmasked ping and the masked pong that answers it", () => {
    const payload = toHex(utf8("Hello"));
    const ping = hex("89 05 48 65 6c 6c 6f");
    expect(readEveryWay("client", [ping])).toEqual([{ type: "ping", hex: payload }]);
    const pong = hex("8a 85 37 fa 21 3d 7f 9f 4d 51 58");
    expect(readEveryWay("server", [pong])).toEqual([{ type: "pong", hex: payload }]);
  });

  test.each([
    { bytes: 256, header: "82 7e 01 00" },
    { bytes: 65_536, header: "82 7f 00 00 00 00 00 01 00 00" },
  ])("§5.7 $bytes bytes of binary in a single unmasked frame", ({ bytes, header }) => {
    const payload = Uint8Array.from({ length: bytes }, (_, i) => i * 7);
    expect(readEveryWay("client", [hex(header), payload])).toEqual([binary(payload)]);
  });
});

describe.each(ROLES)("messages at a %s", (role) => {
  const frame = (parts: Parameters<typeof frameTo>[1]) => frameTo(role, parts);

  test("§5.6 messages of every length class arrive whole, as one frame and in one piece", () => {
    for (const length of [0, 1, 63, 64, 65, 125, 126, 127, 4096, 4097, 65_535, 65_536]) {
      const payload = Uint8Array.from({ length }, (_, i) => i);
      const ascii = "a".repeat(length);
      const frames = [frame({ opcode: 2, payload }), frame({ opcode: 1, payload: ascii })];
      expect(readEveryWay(role, frames)).toEqual([binary(payload), text(ascii)]);
    }
  });

  test("§5.6 many short texts in one chunk arrive as they do one by one, ASCII or not", () => {
    forSeeds(10, (random) => {
      const texts = Array.from({ length: 60 }, () => {
        const length = random.below(28);
        return random.chance(0.8) ? "x".repeat(length) : random.text(length);
      });
      const frames = texts.map((payload) => frame({ opcode: 1, payload }));
      expect(readEveryWay(role, frames)).toEqual(texts.map(text));
    });
  });

  test("§5.6 text that the platform decodes while it is masked arrives as it does without", () => {
    const decoded: number[] = [];
    const decodeMasked = (source: Uint8Array, start: number, end: number, key: number) => {
      decoded.push(end - start);
      const copy = source.slice(start, end);
      const ascii = (applyMask(copy, 0, copy.length, key) & NON_ASCII) === 0;
      return ascii ? String.fromCharCode(...copy) : undefined;
    };
    const payloads = ["a".repeat(63), "b".repeat(64), "c".repeat(1000), "é".repeat(500)];
    const frames = payloads.map((payload) => frame({ opcode: 1, payload }));
    for (const chunk of [...frames, joined(...frames)]) {
      const one = createReader(role, { platform: { ...createPlatform(), decodeMasked } });
      const other = createReader(role);
      one.reader.receive(chunk.slice());
      other.reader.receive(chunk.slice());
      expect(one.consumer.events).toEqual(other.consumer.events);
      expect(one.consumer.events.length).toBeGreaterThan(0);
    }
    // Once alone and once with the others; what is not masked is never asked for.
    const asked = role === "server" ? [64, 1000, 1000, 64, 1000, 1000] : [];
    expect(decoded).toEqual(asked);
  });

  test("§8.1 of many short texts in one chunk those before the one that is not UTF-8 arrive", () => {
    for (let position = 0; position < 12; position++) {
      const payloads = Array.from({ length: 40 }, () => utf8("short enough"));
      payloads[20] = utf8("short enough").fill(0xff, position, position + 1);
      const frames = payloads.map((payload) => frame({ opcode: 1, payload }));
      const expected = [
        ...Array.from({ length: 20 }, () => text("short enough")),
        faultEvent("text-not-utf8", 1007),
      ];
      expect(readEveryWay(role, frames)).toEqual(expected);
    }
  });

  test("texts of several connections that arrive at once do not mix in the text memory", () => {
    forSeeds(10, (random) => {
      const memory = new Uint8Array(6000);
      const platform = Object.assign(createPlatform(), {
        textMemory: (length: number) => (length <= memory.length ? memory : undefined),
      });
      const peers = Array.from({ length: 4 }, () => {
        const texts = Array.from({ length: 4 }, () => random.text(random.below(5000)));
        const frames = texts.map((payload) => {
          const bytes = utf8(payload);
          const cut = random.below(bytes.length + 1);
          const first = frame({ fin: false, opcode: 1, payload: bytes.slice(0, cut) });
          return joined(first, frame({ opcode: 0, payload: bytes.slice(cut) }));
        });
        const cuts = Array.from({ length: 12 }, () => random.below(joined(...frames).length));
        const chunks = cutAt(joined(...frames), cuts);
        return { ...createReader(role, { platform }), texts, chunks };
      });
      while (peers.some(({ chunks }) => chunks.length > 0)) {
        const { reader, chunks } = random.pick(peers);
        const chunk = chunks.shift();
        if (chunk !== undefined) reader.receive(chunk);
      }
      for (const { consumer, texts } of peers) expect(consumer.events).toEqual(texts.map(text));
    });
  });

  test("§5.4 the fragments of a message are put together in order, whatever their number and size", () => {
    forSeeds(20, (random) => {
      const isText = random.chance(0.5);
      const payload = isText ? utf8(random.text(random.below(300))) : random.bytes(300);
      const cuts = Array.from({ length: random.below(6) }, () => random.below(payload.length + 1));
      const borders = [0, ...cuts.sort((a, b) => a - b), payload.length];
      const frames = borders.slice(1).map((end, index) =>
        frame({
          fin: index === borders.length - 2,
          opcode: index > 0 ? 0 : isText ? 1 : 2,
          payload: payload.slice(borders[index], end),
        }),
      );
      const whole = isText ? text(Buffer.from(payload).toString()) : binary(payload);
      expect(readEveryWay(role, frames)).toEqual([whole]);
    });
  });

  test("§5.4 control frames in the middle of a fragmented message are handled there", () => {
    const frames = [
      frame({ fin: false, opcode: 1, payload: "one " }),
      frame({ opcode: 9, payload: "ping" }),
      frame({ fin: false, opcode: 0, payload: "two " }),
      frame({ opcode: 10 }),
      frame({ opcode: 8, payload: hex("03e8") }),
      frame({ opcode: 0, payload: "three" }),
    ];
    expect(readEveryWay(role, frames)).toEqual([
      { type: "ping", hex: toHex(utf8("ping")) },
      { type: "pong", hex: "" },
      { type: "close", hex: "03e8" },
      text("one two three"),
    ]);
  });

  test("§5.5 a control frame of 125 bytes is read whole at every cut", () => {
    const payload = Uint8Array.from({ length: 125 }, (_, i) => i * 3);
    const frames = [frame({ opcode: 9, payload }), frame({ opcode: 10, payload })];
    const expected = toHex(payload);
    expect(readEveryWay(role, frames)).toEqual([
      { type: "ping", hex: expected },
      { type: "pong", hex: expected },
    ]);
  });

  test("§5.4 a continuation frame of no message fails with 1002", () => {
    const fault = faultEvent("continuation-unexpected", 1002);
    expect(readEveryWay(role, [frame({ opcode: 0, payload: "x" })])).toEqual([fault]);
    expect(readEveryWay(role, [frame({ fin: false, opcode: 0 })])).toEqual([fault]);
    const afterWhole = [
      frame({ fin: false, opcode: 1, payload: "a" }),
      frame({ opcode: 0 }),
      frame({ opcode: 0 }),
    ];
    expect(readEveryWay(role, afterWhole)).toEqual([text("a"), fault]);
  });

  test("§5.4 a new message inside another, text or binary, fails with 1002", () => {
    for (const opcode of [1, 2]) {
      const frames = [frame({ fin: false, opcode: 1 }), frame({ opcode, payload: "x" })];
      const fault = faultEvent("continuation-expected", 1002);
      expect(readEveryWay(role, frames)).toEqual([fault]);
    }
  });

  test("§7.1.7 after a fault nothing more is delivered", () => {
    const good = frame({ opcode: 1, payload: "good" });
    const frames = [good, frame({ opcode: 3 }), good, frame({ opcode: 9 }), good];
    expect(readEveryWay(role, frames)).toEqual([text("good"), faultEvent("reserved-opcode", 1002)]);
  });

  test("§5.6 text is delivered as bytes where that was asked for", () => {
    const frames = [
      frame({ opcode: 1, payload: "né" }),
      frame({ fin: false, opcode: 1, payload: "n" }),
      frame({ opcode: 0, payload: "é" }),
      frame({ opcode: 1, payload: "€".repeat(3000) }),
    ];
    const event = (value: string) => ({ type: "textBytes", hex: toHex(utf8(value)) });
    expect(readEveryWay(role, frames, { textAsBytes: true })).toEqual([
      event("né"),
      event("né"),
      event("€".repeat(3000)),
    ]);
  });

  test("§5.6 U+FEFF at the start of a text is kept", () => {
    for (const value of ["\ufeffx", `\ufeff${"é".repeat(100)}`]) {
      expect(readEveryWay(role, [frame({ opcode: 1, payload: value })])).toEqual([text(value)]);
    }
  });

  test("§5.6 a delivered message is not changed by what is read later", () => {
    const { reader, consumer } = createReader(role);
    const kept: Uint8Array[] = [];
    consumer.onMessage = (data) => kept.push(data as Uint8Array);
    const payloads = [new Uint8Array(100).fill(1), new Uint8Array(5000).fill(2)];
    const frames = payloads.map((payload) => frame({ opcode: 2, payload }));
    reader.receive(joined(...frames, ...frames));
    expect(kept.map(toHex)).toEqual([...payloads, ...payloads].map(toHex));
  });

  test("§5.4 messages in pieces are delivered whole and with their type, text cut anywhere", () => {
    const frames = [
      frame({ opcode: 1, payload: "é".repeat(200) }),
      frame({ fin: false, opcode: 2, payload: "ab" }),
      frame({ fin: false, opcode: 0 }),
      frame({ opcode: 9 }),
      frame({ opcode: 0, payload: "cd" }),
      frame({ opcode: 2 }),
      frame({ fin: false, opcode: 1, payload: "x" }),
      frame({ opcode: 0 }),
    ];
    const streamed = (isBinary: boolean, value: string) => {
      return { type: "streamed", isBinary, hex: toHex(utf8(value)), ended: true };
    };
    const events = readEveryWay(role, frames, { streamed: true });
    expect(events).toHaveLength(5);
    expect(events.filter(({ type }) => type === "streamed")).toEqual([
      streamed(false, "é".repeat(200)),
      streamed(true, "abcd"),
      streamed(true, ""),
      streamed(false, "x"),
    ]);
  });

  test("§5.4 a change between whole and streamed delivery waits for the next message", () => {
    const { reader, consumer } = createReader(role);
    reader.receive(frame({ fin: false, opcode: 1, payload: "a" }));
    reader.streamed = true;
    reader.receive(frame({ opcode: 0, payload: "b" }));
    reader.receive(frame({ fin: false, opcode: 1, payload: "c" }));
    reader.streamed = false;
    reader.receive(frame({ opcode: 0, payload: "d" }));
    reader.receive(frame({ opcode: 1, payload: "e" }));
    expect(consumer.events).toEqual([
      text("ab"),
      { type: "streamed", isBinary: false, hex: "6364", ended: true },
      text("e"),
    ]);
  });

  describe("text", () => {
    const INVALID = [[0xff], [0xc0, 0xaf], [0xed, 0xa0, 0x80], [0xf4, 0x90, 0x80, 0x80]];

    test("§8.1 text that is not UTF-8 fails with 1007, in one frame, fragmented, streamed, short or long", () => {
      const fault = faultEvent("text-not-utf8", 1007);
      for (const bad of INVALID) {
        for (const length of [0, 10, 200]) {
          const before = utf8("é".repeat(length));
          const payload = joined(before, Uint8Array.from(bad), utf8("tail"));
          expect(readEveryWay(role, [frame({ opcode: 1, payload })])).toEqual([fault]);
          const middle = before.length + 1;
          const fragments = [
            frame({ fin: false, opcode: 1, payload: payload.slice(0, middle) }),
            frame({ opcode: 0, payload: payload.slice(middle) }),
          ];
          expect(readEveryWay(role, fragments)).toEqual([fault]);
          const events = readEveryWay(role, fragments, { streamed: true });
          expect(events.at(-1)).toEqual(fault);
        }
      }
    });

    test("§8.1 text that ends inside a character fails with 1007", () => {
      for (const tail of [[0xc3], [0xe2, 0x82], [0xf0, 0x9f, 0x98]]) {
        for (const length of [0, 100]) {
          const payload = joined(utf8("a".repeat(length)), Uint8Array.from(tail));
          const fault = [faultEvent("text-not-utf8", 1007)];
          expect(readEveryWay(role, [frame({ opcode: 1, payload })])).toEqual(fault);
          const frames = [frame({ fin: false, opcode: 1, payload }), frame({ opcode: 0 })];
          expect(readEveryWay(role, frames)).toEqual(fault);
        }
      }
    });

    test("§8.1 the fault comes with the first byte that makes the text invalid, before the frame is whole", () => {
      for (const streamed of [false, true]) {
        for (const bad of INVALID) {
          const spoiling = bad[0] === 0xf4 || bad[0] === 0xed ? 2 : 1;
          const { reader, consumer } = createReader(role, { streamed });
          const payload = joined(utf8("héllo "), Uint8Array.from(bad), new Uint8Array(500));
          const bytes = frame({ opcode: 1, payload });
          const at = bytes.length - 500 - bad.length + spoiling - 1;
          for (let i = 0; i < at; i++) reader.receive(bytes.slice(i, i + 1));
          expect(consumer.faults).toHaveLength(0);
          reader.receive(bytes.slice(at, at + 1));
          expect(consumer.faults.map(({ code }) => code)).toEqual(["text-not-utf8"]);
        }
      }
    });

    test("§8.1 text whose unfinished character is followed by ASCII is not UTF-8 and fails at once with 1007", () => {
      for (const next of ["a", "a".repeat(100), "é".repeat(100)]) {
        const frames = [
          frame({ fin: false, opcode: 1, payload: hex("61 e2 82") }),
          frame({ fin: false, opcode: 0, payload: next }),
        ];
        expect(readEveryWay(role, frames)).toEqual([faultEvent("text-not-utf8", 1007)]);
      }
    });

    test("§8.1 a character may be split between fragments, with a control frame between them", () => {
      const bytes = utf8("a€😀é");
      for (let cut = 0; cut <= bytes.length; cut++) {
        const frames = [
          frame({ fin: false, opcode: 1, payload: bytes.slice(0, cut) }),
          frame({ opcode: 10, payload: "\u00ff" }),
          frame({ opcode: 0, payload: bytes.slice(cut) }),
        ];
        expect(readEveryWay(role, frames)[1]).toEqual(text("a€😀é"));
      }
    });

    test("§5.6 binary messages are not checked for UTF-8", () => {
      const payload = Uint8Array.of(0xff, 0xc0);
      expect(readEveryWay(role, [frame({ opcode: 2, payload })])).toEqual([binary(payload)]);
    });
  });

  describe("holding", () => {
    const three = () => joined(...["1", "2", "3"].map((n) => frame({ opcode: 1, payload: n })));

    test("a reader that is paused in a callback keeps the rest of the chunk until it is resumed", () => {
      const { reader, consumer } = createReader(role);
      consumer.afterEvent = () => reader.pause();
      reader.receive(three());
      expect(reader.held).toBe(true);
      reader.receive(frame({ opcode: 1, payload: "4" }));
      expect(consumer.events).toEqual([text("1")]);
      reader.resume();
      expect(consumer.events).toEqual([text("1"), text("2")]);
      consumer.afterEvent = undefined;
      reader.resume();
      expect(consumer.events).toEqual(["1", "2", "3", "4"].map(text));
      expect(reader.held).toBe(false);
    });

    test("pausing and resuming in one callback changes nothing", () => {
      const { reader, consumer } = createReader(role);
      consumer.afterEvent = () => {
        reader.pause();
        reader.resume();
      };
      reader.receive(three());
      expect(consumer.events).toEqual(["1", "2", "3"].map(text));
    });

    test("input that arrives in a callback is read behind what is being read", () => {
      const { reader, consumer } = createReader(role);
      let next = 4;
      consumer.afterEvent = () => {
        if (next < 5000) reader.receive(frame({ opcode: 1, payload: `${next++}` }));
      };
      reader.receive(three());
      expect(consumer.events).toEqual(Array.from({ length: 4999 }, (_, i) => text(`${i + 1}`)));
    });

    test("input that arrives in a callback that pauses comes behind the rest of the chunk", () => {
      const { reader, consumer } = createReader(role);
      consumer.afterEvent = () => {
        consumer.afterEvent = undefined;
        reader.receive(frame({ opcode: 1, payload: "4" }));
        reader.pause();
      };
      reader.receive(three());
      reader.receive(frame({ opcode: 1, payload: "5" }));
      reader.resume();
      expect(consumer.events).toEqual(["1", "2", "3", "4", "5"].map(text));
    });

    test("a consumer that throws loses neither what is behind its message nor what comes later", () => {
      for (const fragmented of [false, true]) {
        const { reader, consumer } = createReader(role);
        consumer.afterEvent = (event) => {
          if (event.type === "text" && event.text === "1") throw new Error("from the consumer");
        };
        const first = fragmented
          ? [frame({ fin: false, opcode: 1 }), frame({ opcode: 0, payload: "1" })]
          : [frame({ opcode: 1, payload: "1" })];
        const rest = [frame({ opcode: 1, payload: "2" }), frame({ opcode: 1, payload: "3" })];
        expect(() => reader.receive(joined(...first, ...rest))).toThrow("from the consumer");
        reader.receive(frame({ opcode: 1, payload: "4" }));
        expect(consumer.events).toEqual(["1", "2", "3", "4"].map(text));
      }
    });

    test("pausing at random, at every cut, changes neither order nor content", () => {
      forSeeds(30, (random) => {
        const { reader, consumer } = createReader(role, { streamed: random.chance(0.3) });
        consumer.afterEvent = () => {
          if (random.chance(0.5)) reader.pause();
        };
        const count = 40;
        const bytes = joined(
          ...Array.from({ length: count }, (_, n) => frame({ opcode: 2, payload: `${n}` })),
        );
        for (let at = 0; at < bytes.length; ) {
          const size = 1 + random.below(30);
          reader.receive(bytes.slice(at, at + size));
          at += size;
          if (random.chance(0.5)) reader.resume();
        }
        while (reader.held) reader.resume();
        const numbers = consumer.events.map((event) =>
          Number(Buffer.from("hex" in event ? event.hex : "", "hex").toString()),
        );
        expect(numbers).toEqual(Array.from({ length: count }, (_, n) => n));
      });
    });

    test("§7.1.7 an ended reader discards what is kept and what comes", () => {
      const { reader, consumer } = createReader(role);
      reader.pause();
      reader.receive(three());
      reader.end();
      reader.resume();
      reader.receive(three());
      expect(consumer.events).toEqual([]);
    });
  });
});

describe("memory that is lent", () => {
  const lengths = [0, 1, 125, 4096, 4097, 65_536];
  const payloadOf = (length: number) => Uint8Array.from({ length }, (_, i) => i % 100);
  const messages = () =>
    joined(...lengths.map((n) => frameTo("server", { opcode: 2, payload: payloadOf(n) })));

  test.each([false, true])(
    "no message is in it any more when it is reused (paused: %s)",
    (paused) => {
      const { reader, consumer } = createReader("server");
      const received: Uint8Array[] = [];
      consumer.onMessage = (data) => {
        received.push(data as Uint8Array);
        if (paused) reader.pause();
      };
      const chunk = messages();
      reader.receive(chunk, true);
      chunk.fill(0xaa);
      while (reader.held) reader.resume();
      expect(received.map((bytes) => toHex(bytes))).toEqual(
        lengths.map((n) => toHex(payloadOf(n))),
      );
    },
  );

  test("what was kept of it is copied once, however often reading is held", () => {
    const { reader, consumer, platform } = createReader("server");
    consumer.onMessage = () => reader.pause();
    const one = frameTo("server", { opcode: 1, payload: "1" });
    reader.receive(joined(...Array.from({ length: 1000 }, () => one)), true);
    const { allocatedBytes } = platform;
    while (reader.held) reader.resume();
    expect(platform.allocatedBytes).toBe(allocatedBytes);
  });

  test("input that is given in a callback does not make the chunk at hand ours", () => {
    const { reader, consumer } = createReader("server");
    const received: Uint8Array[] = [];
    consumer.onMessage = (data) => {
      if (received.push(data as Uint8Array) === 1) {
        reader.receive(frameTo("server", { opcode: 2, payload: payloadOf(3) }));
      }
    };
    const chunk = messages();
    reader.receive(chunk, true);
    chunk.fill(0xaa);
    expect(received.map((bytes) => toHex(bytes))).toEqual(
      [...lengths, 3].map((n) => toHex(payloadOf(n))),
    );
  });
});

test("§5.3 a server removes the masking with the key of each frame", () => {
  const frames = [KEY, [0, 0, 0, 0], [255, 1, 2, 128]].map((key) =>
    frameTo("server", { opcode: 1, payload: "é".repeat(100), key }),
  );
  const expected = text("é".repeat(100));
  expect(readEveryWay("server", frames)).toEqual([expected, expected, expected]);
});
