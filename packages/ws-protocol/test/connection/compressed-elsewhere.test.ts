/** A connection whose messages are compressed and inflated in another thread, which takes a while. */
import { describe, expect, test } from "vitest";
import { createFault } from "../../src/faults.js";
import { createConnection, describeFrame, takeFrames } from "../support/connections.js";
import { hex, joined, ROLES } from "../support/frames.js";
import { oppositeOf } from "../support/opposite.js";
import { createDeflate, Pending } from "../support/zlib-ports.js";

describe.each(ROLES)("a connection at a %s", (role) => {
  const { frame, close, sent } = oppositeOf(role);

  describe("with messages compressed elsewhere", () => {
    function later() {
      const pending = new Pending();
      const deflate = createDeflate({ later: pending.later });
      const set = createConnection(role, { deflate, closeTimeoutMs: 100 });
      return { ...set, pending, deflate };
    }
    const shape = (connection: Parameters<typeof takeFrames>[0]) =>
      takeFrames(connection).map((read) => (read.opcode === 8 ? describeFrame(read) : read.opcode));

    test("§7.1.2 our Close is sent behind the messages before it", () => {
      const { connection, pending, listener } = later();
      connection.sendText("message");
      connection.close(1000, "", 0);
      expect(connection.hasOutput).toBe(false);
      pending.run();
      expect(listener.readyCalls).toBe(1);
      expect(shape(connection)).toEqual([1, "close 1000"]);
    });

    test("§5.5.1 the answer to a Close is sent behind the messages before it, and the stream ends after it", () => {
      const { connection, pending, listener } = later();
      connection.sendText("message");
      connection.receive(close(1001), 0);
      expect(connection).toMatchObject({ state: "closed", shouldEnd: false });
      expect(connection.closeInfo.wasClean).toBe(false);
      listener.onReadyCall = () => expect(connection.shouldEnd).toBe(role === "server");
      pending.run();
      expect(listener.readyCalls).toBe(1);
      expect(shape(connection)).toEqual([1, "close 1001"]);
      expect(connection.closeInfo.wasClean).toBe(true);
    });

    test("§5.5.1 a Close that crosses our waiting one does not end the stream before ours is written", () => {
      const { connection, pending } = later();
      connection.sendText("message");
      connection.close(4000, "", 0);
      connection.receive(close(4001), 0);
      expect(connection.shouldEnd).toBe(false);
      pending.run();
      expect(connection.shouldEnd).toBe(role === "server");
      expect(shape(connection)).toEqual([1, "close 4000"]);
    });

    test("§7.1.7 a fault replaces a Close that still waits behind a message", () => {
      const { connection, pending } = later();
      connection.sendText("message");
      connection.close(1000, "", 0);
      connection.receive(frame({ opcode: 3 }), 0);
      pending.run();
      expect(shape(connection)).toEqual(["close 1002: a reserved opcode"]);
    });

    test("§7.4.1 a message that cannot be compressed fails the connection with 1011", () => {
      for (const closing of [false, true]) {
        const { connection, pending, deflate, listener } = later();
        deflate.deflater.deflate = (_data, _last, done) => {
          pending.later(() => done(createFault("deflate-unavailable")));
          return undefined;
        };
        connection.sendText("message");
        connection.sendText("behind it");
        if (closing) connection.close(1000, "", 0);
        pending.run();
        expect(listener.faults.map(({ code }) => code)).toEqual(["deflate-unavailable"]);
        expect(shape(connection)).toEqual(["close 1011: no memory to inflate a message"]);
        expect(connection.shouldEnd).toBe(true);
      }
    });

    test("§7.1.1 messages that are never compressed do not outlast the deadline", () => {
      const { connection, deflate } = later();
      connection.sendText("message");
      connection.receive(close(1000), 0);
      connection.tick(100);
      expect(connection.shouldDestroy).toBe(true);
      expect(deflate.deflater.closed).toBe(true);
      expect(deflate.inflater.closed).toBe(true);
    });

    test("pings are answered while a message is being inflated before them, in the order of the wire", () => {
      const { connection, pending, listener } = later();
      const message = frame({ rsv1: true, opcode: 1, payload: hex("f2 48 cd c9 c9 07 00") });
      connection.receive(joined(message, frame({ opcode: 9, payload: "p" })), 0);
      expect(connection.held).toBe(true);
      expect(listener.events).toEqual([]);
      pending.run();
      expect(listener.events.map(({ type }) => type)).toEqual(["text", "ping"]);
      expect(listener.readyCalls).toBe(1);
      expect(connection.held).toBe(false);
      expect(sent(connection)).toEqual(["pong 70"]);
    });
  });
});
