import { describe, expect, test } from "vitest";
import { Arena } from "../../src/bytes/arena.js";
import { prepareForTurn, prepareMessage } from "../../src/messages/prepared-message.js";
import { createConnection, describeFrame, takeFrames } from "../support/connections.js";
import { createPlatform } from "../support/node-platform.js";

const HEADER_BYTES = 2;

function createServer(platform = createPlatform(), arena = new Arena(platform)) {
  const { connection } = createConnection("server", { platform, arena });
  return { connection, platform, arena };
}

describe("what is prepared for many", () => {
  test("and sent to many in one turn leaves as the same bytes", () => {
    const { platform, arena } = createServer();
    const connections = Array.from({ length: 20 }, () => createServer(platform, arena).connection);
    const before = platform.allocatedBytes;
    for (let n = 0; n < 10; n++) {
      const message = prepareForTurn(`message ${n}`, platform, arena);
      for (const connection of connections) connection.sendPrepared(message);
    }
    const outputs = connections.map((connection) => connection.takeOutput());
    expect(new Set(outputs).size).toBe(1);
    expect(outputs[0]).toHaveLength(10 * (HEADER_BYTES + "message 0".length));
    expect(platform.allocatedBytes).toBe(before);
  });

  test("keeps its place among what one connection is sent besides", () => {
    const { connection, platform, arena } = createServer();
    const other = createServer(platform, arena).connection;
    const prepare = (text: string) => prepareForTurn(text, platform, arena);
    const expected: string[] = [];
    const both = (text: string) => {
      const message = prepare(text);
      connection.sendPrepared(message);
      other.sendPrepared(message);
      expected.push(`text "${text}"`);
    };
    both("first");
    both("second");
    connection.sendText("own");
    both("third");
    connection.ping(new Uint8Array([1]));
    both("fourth");
    expect(takeFrames(connection).map(describeFrame)).toEqual([
      'text "first"',
      'text "second"',
      'text "own"',
      'text "third"',
      "ping 01",
      'text "fourth"',
    ]);
    expect(takeFrames(other).map(describeFrame)).toEqual(expected);
  });

  test("does not lie side by side when something came between, or in memory of its own", () => {
    const { connection, platform, arena } = createServer();
    connection.sendPrepared(prepareForTurn("first", platform, arena));
    createServer(platform, arena).connection.sendText("somebody else's");
    connection.sendPrepared(prepareForTurn("second", platform, arena));
    connection.sendPrepared(prepareMessage("third", platform));
    connection.sendPrepared(prepareMessage("fourth", platform));
    const frames = takeFrames(connection).map(describeFrame);
    expect(frames).toEqual(['text "first"', 'text "second"', 'text "third"', 'text "fourth"']);
  });

  test("is counted as any other message", () => {
    const { connection, platform, arena } = createServer();
    const message = prepareForTurn("counted", platform, arena);
    const bytes = HEADER_BYTES + "counted".length;
    connection.sendPrepared(message);
    expect(connection.hasOutput).toBe(true);
    expect(connection.queuedBytes).toBe(bytes);
    expect(connection.framingBytes).toBe(HEADER_BYTES);
    connection.sendPrepared(prepareForTurn("counted", platform, arena));
    expect(connection.queuedBytes).toBe(2 * bytes);
    connection.sendText("counted");
    expect(connection.queuedBytes).toBe(3 * bytes);
    expect(connection.framingBytes).toBe(3 * HEADER_BYTES);
    takeFrames(connection);
    expect(connection.hasOutput).toBe(false);
    expect(connection.queuedBytes).toBe(0);
    expect(connection.framingBytes).toBe(3 * HEADER_BYTES);
  });

  test("is not written over before it was taken", () => {
    const { connection, platform, arena } = createServer();
    connection.sendPrepared(prepareForTurn("waits", platform, arena));
    arena.recycle();
    prepareForTurn("later", platform, arena);
    expect(takeFrames(connection).map(describeFrame)).toEqual(['text "waits"']);
    arena.recycle();
    expect(arena.position).toBe(0);
  });

  test("is discarded once the connection is closing", () => {
    const { connection, platform, arena } = createServer();
    connection.sendPrepared(prepareForTurn("before", platform, arena));
    connection.close(1000, "", 0);
    connection.sendPrepared(prepareForTurn("after", platform, arena));
    expect(takeFrames(connection).map(describeFrame)).toEqual(['text "before"', "close 1000"]);
  });

  test("RFC 6455 §5.3 is masked for each by a client", () => {
    const { connection, platform } = createConnection("client");
    const message = prepareMessage("masked", platform);
    connection.sendPrepared(message);
    connection.sendPrepared(message);
    const [first, second] = takeFrames(connection);
    expect([first!, second!].map(describeFrame)).toEqual(['text "masked"', 'text "masked"']);
  });
});
