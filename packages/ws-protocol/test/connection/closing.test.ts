/** How a connection ends: by a Close of either side, a broken stream, a fault. */
import { describe, expect, test } from "vitest";
import { createConnection } from "../support/connections.js";
import { closeBody, frameTo, hex, ROLES } from "../support/frames.js";
import { oppositeOf } from "../support/opposite.js";

describe.each(ROLES)("a connection at a %s", (role) => {
  const { frame, close, sent, outcome } = oppositeOf(role);

  describe("closing, begun by the peer", () => {
    test("§5.5.1 a Close is answered with a Close of the same code, and both directions are over", () => {
      for (const code of [1000, 1001, 1007, 1011, 1014, 3000, 4999]) {
        const result = outcome([close(code, "bye"), frame({ opcode: 1, payload: "late" })]);
        expect(result).toEqual({
          events: [{ type: "closed", info: { code, reason: "bye" } }],
          sent: [`close ${code}`],
          state: "closed",
          shouldEnd: role === "server",
          fault: undefined,
        });
      }
    });

    test("§7.1.5 an empty Close reads as 1005 and is answered with an empty one", () => {
      const result = outcome([frame({ opcode: 8 })]);
      expect(result.events).toEqual([{ type: "closed", info: { code: 1005, reason: "" } }]);
      expect(result.sent).toEqual(["close"]);
    });

    test("§5.5.1 after the answer no data and no control frame is sent", () => {
      const { connection } = createConnection(role);
      connection.receive(close(1000), 0);
      connection.sendText("x");
      connection.sendBinary(hex("00"));
      connection.sendFragment("x", "text", true);
      connection.ping(hex(""));
      connection.pong(hex(""));
      connection.close(1001, "", 0);
      expect(sent(connection)).toEqual(["close 1000"]);
      expect(connection.closeInfo).toEqual({ code: 1000, reason: "", wasClean: true });
    });

    test("§5.5.1 a Close in the middle of a fragmented message closes, the message is not delivered", () => {
      const result = outcome([frame({ fin: false, opcode: 1, payload: "a" }), close(1000)]);
      expect(result.events.map(({ type }) => type)).toEqual(["closed"]);
      expect(result.state).toBe("closed");
    });

    test("§7.1.1 a server ends the stream at once, a client waits for the server until the deadline", () => {
      const { connection } = createConnection(role, { closeTimeoutMs: 100 });
      connection.receive(close(1000), 50);
      expect(connection.shouldEnd).toBe(role === "server");
      expect(connection.nextTickAt).toBe(150);
      connection.tick(149);
      expect(connection.shouldDestroy).toBe(false);
      connection.tick(150);
      expect(connection).toMatchObject({ shouldEnd: true, shouldDestroy: true, fault: undefined });
      expect(connection.closeInfo.wasClean).toBe(true);
      expect(connection.nextTickAt).toBe(Number.POSITIVE_INFINITY);
    });

    test("§7.2.1 the end of the stream after both Close frames is no fault", () => {
      const { connection } = createConnection(role);
      connection.receive(close(1001, "gone"), 0);
      connection.end(1);
      expect(connection).toMatchObject({ state: "closed", shouldEnd: true, fault: undefined });
      expect(connection.closeInfo).toEqual({ code: 1001, reason: "gone", wasClean: true });
      expect(sent(connection)).toEqual(["close 1001"]);
    });
  });

  describe("closing, begun by us", () => {
    test("§7.1.2 the Close carries the given code and reason and starts the closing handshake", () => {
      const { connection } = createConnection(role);
      connection.sendText("before");
      connection.close(4001, "done", 0);
      connection.sendText("after");
      connection.close(1000, "again", 0);
      expect(connection.state).toBe("closing");
      expect(sent(connection)).toEqual(['text "before"', "close 4001: done"]);
    });

    test("§7.1.5 a close without a code sends an empty Close", () => {
      const { connection } = createConnection(role);
      connection.close(undefined, "unused", 0);
      expect(sent(connection)).toEqual(["close"]);
    });

    test("§5.5.1 a fragmented message that was begun is not continued after the Close", () => {
      const { connection } = createConnection(role);
      connection.sendFragment("a", "text", false);
      connection.close(1000, "", 0);
      connection.sendFragment("b", "text", true);
      expect(sent(connection)).toEqual(['text "a"', "close 1000"]);
    });

    test("§7.4.1 1005, 1006, 1015 and every other code that must not be sent are refused", () => {
      const { connection } = createConnection(role);
      for (const code of [0, 999, 1004, 1005, 1006, 1015, 2999, 5000, Number.NaN, 1000.5]) {
        expect(() => connection.close(code, "", 0)).toThrow(RangeError);
      }
      expect(connection.state).toBe("open");
      expect(connection.hasOutput).toBe(false);
    });

    test("§5.5.1 messages and pings are read until the peer's Close, which is not answered again", () => {
      const { connection, listener } = createConnection(role);
      connection.close(1000, "", 0);
      connection.receive(frame({ opcode: 1, payload: "a" }), 0);
      connection.receive(frame({ opcode: 9, payload: "p" }), 0);
      expect(connection.shouldEnd).toBe(false);
      connection.receive(close(4000, "mine"), 0);
      connection.receive(frame({ opcode: 1, payload: "late" }), 0);
      expect(listener.events).toEqual([
        { type: "text", text: "a" },
        { type: "ping", hex: "70" },
        { type: "closed", info: { code: 4000, reason: "mine" } },
      ]);
      expect(sent(connection)).toEqual(["close 1000", "pong 70"]);
      expect(connection.state).toBe("closed");
      expect(connection.shouldEnd).toBe(role === "server");
      expect(connection.closeInfo).toEqual({ code: 4000, reason: "mine", wasClean: true });
    });

    test("§5.5.2 no pong is sent any more once both Close frames were exchanged", () => {
      const { connection } = createConnection(role);
      connection.close(1000, "", 0);
      connection.blocked = true;
      connection.receive(frame({ opcode: 9, payload: "p" }), 0);
      connection.receive(close(1000), 0);
      connection.blocked = false;
      expect(sent(connection)).toEqual(["close 1000"]);
    });

    test("§7.1.1 a peer that does not answer the Close is given up at the deadline", () => {
      const { connection, listener } = createConnection(role, { closeTimeoutMs: 100 });
      connection.close(1000, "", 10);
      expect(connection.nextTickAt).toBe(110);
      connection.tick(109);
      expect(connection.state).toBe("closing");
      connection.tick(110);
      expect(connection).toMatchObject({ state: "closed", shouldDestroy: true });
      expect(listener.faults.map(({ code }) => code)).toEqual(["close-timeout"]);
      expect(connection.closeInfo).toEqual({ code: 1006, reason: "", wasClean: false });
    });

    test("§7.1.5 a stream that ends without an answer to our Close closes with 1006", () => {
      const { connection } = createConnection(role);
      connection.close(1000, "", 0);
      connection.end(1);
      expect(connection.fault?.code).toBe("ended-early");
      expect(connection.closeInfo).toEqual({ code: 1006, reason: "", wasClean: false });
    });
  });

  describe("the end of the stream", () => {
    test("§7.2.1 a transport that is lost without a Close fails the connection with 1006", () => {
      const { connection } = createConnection(role, { closeTimeoutMs: 100 });
      connection.end(0);
      expect(connection).toMatchObject({ state: "closed", shouldEnd: true });
      expect(connection.fault).toMatchObject({ code: "ended-early", closeCode: 1006 });
      expect(connection.closeInfo).toEqual({ code: 1006, reason: "", wasClean: false });
      connection.receive(frame({ opcode: 1, payload: "late" }), 1);
      connection.sendText("late");
      connection.tick(100);
      expect(connection.shouldDestroy).toBe(true);
      expect(connection.hasOutput).toBe(false);
    });
  });

  describe("failing", () => {
    const FAULTS: readonly (readonly [string, number, Uint8Array])[] = [
      ["reserved-bits", 1002, frame({ rsv1: true, opcode: 1 })],
      ["reserved-bits", 1002, frame({ rsv2: true, opcode: 1 })],
      ["reserved-bits", 1002, frame({ rsv3: true, opcode: 2 })],
      ["reserved-opcode", 1002, frame({ opcode: 3 })],
      ["reserved-opcode", 1002, frame({ opcode: 11 })],
      ["control-fragmented", 1002, frame({ fin: false, opcode: 9 })],
      ["control-too-long", 1002, frame({ opcode: 8, payload: new Uint8Array(126) })],
      ["continuation-unexpected", 1002, frame({ opcode: 0 })],
      ["length-not-minimal", 1002, frame({ opcode: 2, length: 1n, lengthBytes: 2 })],
      ["length-overflow", 1002, frame({ opcode: 2, length: 2n ** 63n })],
      ["close-payload-short", 1002, frame({ opcode: 8, payload: "x" })],
      ["close-code-invalid", 1002, frame({ opcode: 8, payload: closeBody(1005) })],
      ["close-reason-not-utf8", 1007, frame({ opcode: 8, payload: hex("03e8ff") })],
      ["text-not-utf8", 1007, frame({ opcode: 1, payload: hex("ff") })],
      ["frame-too-big", 1009, frame({ opcode: 2, length: 2n ** 40n })],
    ];

    test.each(FAULTS)(
      "§7.1.7 %s fails the connection: a Close with %i, then the end, and nothing more is read",
      (code, closeCode, bytes) => {
        const good = frame({ opcode: 1, payload: "good" });
        const result = outcome([good, bytes, good, frame({ opcode: 9 })]);
        expect(result.events).toEqual([
          { type: "text", text: "good" },
          { type: "fault", code, closeCode },
        ]);
        expect(result.sent).toHaveLength(1);
        expect(result.sent[0]).toMatch(new RegExp(`^close ${closeCode}: .`));
        expect(result).toMatchObject({ state: "closing", shouldEnd: true, fault: code });
      },
    );

    test("§5.1 a frame with the wrong mask bit fails the connection with 1002", () => {
      const peer = role === "server" ? "client" : "server";
      const result = outcome([frameTo(peer, { opcode: 1, payload: "x" })]);
      expect(result.fault).toBe(role === "server" ? "mask-missing" : "mask-unexpected");
      expect(result.sent[0]).toMatch(/^close 1002/);
    });

    test("§7.1.7 after a fault nothing is sent, and the connection is released at the deadline", () => {
      const { connection, listener } = createConnection(role, { closeTimeoutMs: 100 });
      connection.sendText("before");
      connection.receive(frame({ opcode: 3 }), 10);
      connection.sendText("after");
      connection.ping(hex(""));
      connection.close(1000, "", 10);
      expect(sent(connection)).toEqual(['text "before"', "close 1002: a reserved opcode"]);
      connection.receive(close(1000), 20);
      expect(connection.nextTickAt).toBe(110);
      connection.tick(110);
      expect(connection.shouldDestroy).toBe(true);
      expect(listener.faults).toHaveLength(1);
      expect(connection.closeInfo).toEqual({ code: 1006, reason: "", wasClean: false });
    });

    test("§7.1.7 a fault after our own Close ends the connection without a second Close", () => {
      const { connection } = createConnection(role);
      connection.close(1000, "", 0);
      connection.receive(frame({ opcode: 3 }), 0);
      expect(sent(connection)).toEqual(["close 1000"]);
      expect(connection).toMatchObject({ state: "closing", shouldEnd: true });
    });

    test("a limit that was exceeded is named with its value", () => {
      const { connection } = createConnection(role, { limits: { messageBytesMax: 10 } });
      connection.receive(frame({ fin: false, opcode: 1, payload: "123456" }), 0);
      connection.receive(frame({ opcode: 0, payload: "789012" }), 0);
      expect(connection.fault?.detail).toBe("message of over 10 bytes (messageBytesMax)");
    });
  });
});
