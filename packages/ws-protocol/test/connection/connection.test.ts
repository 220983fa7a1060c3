import { describe, expect, test } from "vitest";
import { prepareMessage } from "../../src/messages/prepared-message.js";
import { createConnection, takeFrames } from "../support/connections.js";
import { hex, joined, ROLES, utf8 } from "../support/frames.js";
import { oppositeOf } from "../support/opposite.js";

describe.each(ROLES)("a connection at a %s", (role) => {
  const { frame, close, sent, outcome } = oppositeOf(role);

  describe("open", () => {
    test("§6.1 messages of every kind are sent in the open state", () => {
      const { connection, platform } = createConnection(role);
      connection.sendText("text");
      connection.sendBinary(hex("0102"));
      connection.sendTextBytes(utf8("bytes"));
      connection.sendPrepared(prepareMessage("prepared", platform));
      connection.sendFragment("frag", "text", false);
      expect(connection.midMessage).toBe(true);
      connection.ping(hex("09"));
      connection.pong(hex("0a"));
      connection.sendFragment("ment", "text", true);
      expect(connection.hasOutput).toBe(true);
      expect(sent(connection)).toEqual([
        'text "text"',
        "binary 0102",
        'text "bytes"',
        'text "prepared"',
        'text "frag"',
        "ping 09",
        "pong 0a",
        `continuation ${Buffer.from("ment").toString("hex")}`,
      ]);
      expect(connection.hasOutput).toBe(false);
      expect(connection.state).toBe("open");
    });

    test("what has arrived and was not delivered is pending until resume, or until the end", () => {
      const { connection, listener } = createConnection(role);
      connection.pause();
      expect(connection.pending).toBe(false);
      connection.receive(joined(frame({ opcode: 1, payload: utf8("kept") }), close(1000)), 0);
      expect(connection.pending).toBe(true);
      connection.resume(0);
      expect(connection.pending).toBe(false);
      expect(connection.closeInfo).toEqual({ code: 1000, reason: "", wasClean: true });
      expect(listener.events).toHaveLength(2);
      const ended = createConnection(role).connection;
      ended.pause();
      ended.receive(frame({ opcode: 1, payload: utf8("dropped") }), 0);
      ended.end(0);
      expect(ended.pending).toBe(false);
    });

    test("§5.4 another message must wait until a fragmented one is sent, or the call throws", () => {
      const { connection } = createConnection(role);
      connection.sendFragment("a", "text", false);
      expect(() => connection.sendText("b")).toThrow("send its last part first");
      expect(() => connection.sendBinary(hex("00"))).toThrow("send its last part first");
      connection.close(1000, "", 0);
      expect(connection.midMessage).toBe(false);
      connection.sendText("discarded");
    });

    test("§5.6 sending bytes as text that are not UTF-8 throws and sends nothing", () => {
      const { connection } = createConnection(role);
      expect(() => connection.sendTextBytes(hex("ff"))).toThrow(TypeError);
      expect(connection.hasOutput).toBe(false);
    });

    test("§5.5 sending a ping or pong of more than 125 bytes throws, 125 are sent", () => {
      const { connection } = createConnection(role);
      connection.ping(new Uint8Array(125));
      connection.pong(new Uint8Array(125));
      expect(takeFrames(connection).map(({ payload }) => payload.length)).toEqual([125, 125]);
      expect(() => connection.ping(new Uint8Array(126))).toThrow(RangeError);
      expect(() => connection.pong(new Uint8Array(126))).toThrow(RangeError);
    });

    test("messages are reported as they come, and the connection stays open", () => {
      const result = outcome([frame({ opcode: 1, payload: "a" }), frame({ opcode: 2 })]);
      expect(result).toEqual({
        events: [
          { type: "text", text: "a" },
          { type: "binary", hex: "" },
        ],
        sent: [],
        state: "open",
        shouldEnd: false,
        fault: undefined,
      });
    });
  });

  describe("pings", () => {
    test("§5.5.2 a ping is answered with a pong of the same payload, also in the middle of a message", () => {
      const payload = new Uint8Array(125).fill(0xab);
      const result = outcome([
        frame({ opcode: 9 }),
        frame({ fin: false, opcode: 1, payload: "a" }),
        frame({ opcode: 9, payload }),
        frame({ opcode: 0, payload: "b" }),
      ]);
      expect(result.sent).toEqual(["pong", `pong ${"ab".repeat(125)}`]);
      expect(result.events.map(({ type }) => type)).toEqual(["ping", "ping", "text"]);
    });

    test("§5.5.3 an unasked pong is reported and not answered", () => {
      const result = outcome([frame({ opcode: 10, payload: "x" })]);
      expect(result.events).toEqual([{ type: "pong", hex: "78" }]);
      expect(result.sent).toEqual([]);
    });

    test("§5.5.3 while the socket is blocked only the latest ping is answered (A20)", () => {
      const { connection } = createConnection(role);
      connection.blocked = true;
      for (let n = 0; n < 10_000; n++) {
        connection.receive(frame({ opcode: 9, payload: `${n}` }), 0);
      }
      expect(connection.queuedBytes).toBe(0);
      expect(connection.hasOutput).toBe(false);
      expect(connection.takeOutput()).toBeUndefined();
      connection.blocked = false;
      expect(connection.hasOutput).toBe(true);
      expect(sent(connection)).toEqual([`pong ${Buffer.from("9999").toString("hex")}`]);
      expect(connection.hasOutput).toBe(false);
    });

    test("§5.5.3 a ping that is answered later is kept apart from the chunk it came in", () => {
      const { connection } = createConnection(role);
      connection.blocked = true;
      const chunk = Buffer.from(frame({ opcode: 9, payload: "abc" }));
      connection.receive(chunk, 0);
      chunk.fill(0);
      connection.blocked = false;
      expect(sent(connection)).toEqual(["pong 616263"]);
    });

    test("§5.5.3 controlRepliesMax pongs are queued, of the pings beyond it the latest is answered", () => {
      const { connection } = createConnection(role, { limits: { controlRepliesMax: 3 } });
      const pings = (count: number) =>
        Array.from({ length: count }, (_, n) => frame({ opcode: 9, payload: Uint8Array.of(n) }));
      connection.receive(joined(...pings(3)), 0);
      expect(sent(connection)).toEqual(["pong 00", "pong 01", "pong 02"]);
      connection.receive(joined(...pings(9)), 0);
      expect(sent(connection)).toEqual(["pong 00", "pong 01", "pong 02", "pong 08"]);
    });

    test("§5.5.2 a ping that was put off is answered before the Close frame, never behind it", () => {
      const { connection } = createConnection(role);
      connection.blocked = true;
      connection.receive(frame({ opcode: 9, payload: "x" }), 0);
      connection.receive(close(1000), 0);
      connection.blocked = false;
      expect(sent(connection)).toEqual(["pong 78", "close 1000"]);
    });
  });

  test("reading that is paused goes on where it stopped, control frames included", () => {
    const { connection, listener } = createConnection(role);
    listener.afterEvent = () => connection.pause();
    const frames = [frame({ opcode: 1, payload: "a" }), frame({ opcode: 9 }), close(1000)];
    connection.receive(joined(...frames), 0);
    expect(connection.held).toBe(true);
    expect(listener.events).toHaveLength(1);
    listener.afterEvent = undefined;
    connection.resume(1);
    expect(listener.events.map(({ type }) => type)).toEqual(["text", "ping", "closed"]);
    expect(sent(connection)).toEqual(["pong", "close 1000"]);
  });
});
