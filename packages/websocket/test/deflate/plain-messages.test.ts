import { Connection, type ConnectionListener, type DeflateSession } from "@tidewire/ws-protocol";
import { describe, expect, it } from "vitest";
import { arena, nodePlatform } from "../../src/node-platform.js";
import { openPair, TAKEOVER } from "./session-kit.js";

const RSV1 = 0x40;

function open(
  role: "server" | "client",
  deflate: DeflateSession,
  onMessage: ConnectionListener["onMessage"] = () => {},
): Connection {
  const ignore = (): void => {};
  return new Connection(
    { role, platform: nodePlatform, arena, deflate },
    {
      onMessage,
      onPiece: ignore,
      onPing: ignore,
      onPong: ignore,
      onClose: ignore,
      onReady: ignore,
      onFault: (fault) => {
        throw new Error(fault.detail);
      },
    },
    0,
  );
}

function take(connection: Connection): Buffer {
  const output = connection.takeOutput();
  return Buffer.concat(output === undefined ? [] : [output].flat());
}

describe("a deflater without memory", () => {
  it.each([
    ["server", "client"],
    ["client", "server"],
  ] as const)("§6.1 messages of a %s go without RSV1, whole and in parts", (role, peerRole) => {
    const starved = openPair(TAKEOVER, { memoryBytesMax: 1000 });
    const peer = openPair(TAKEOVER);
    const received: unknown[] = [];
    const sender = open(role, starved[role]);
    const receiver = open(peerRole, peer[peerRole], (data) => received.push(data));
    const text = "tide ".repeat(1000);
    sender.sendText(text);
    const whole = take(sender);
    expect(whole[0]! & RSV1).toBe(0);
    receiver.receive(whole, 0);
    for (const [index, last] of [false, false, true].entries()) {
      sender.sendFragment(text, "text", last);
      const part = take(sender);
      expect(part[0]! & RSV1, `part ${index}`).toBe(0);
      receiver.receive(part, 0);
    }
    sender.sendText(text);
    receiver.receive(take(sender), 0);
    expect(received).toEqual([text, text.repeat(3), text]);
    starved.close();
    peer.close();
  });

  it("§6.1 with memory again the next message is compressed again", () => {
    const budget = openPair(TAKEOVER, { memoryBytesMax: 330_000 });
    const hog = openPair(TAKEOVER, {}, {}, budget.budget);
    const sender = open("server", budget.server);
    const text = "tide ".repeat(1000);
    expect(hog.server.deflater!.deflate(Buffer.from(text), false, () => {})).toBeDefined();
    sender.sendFragment(text, "text", false);
    // The memory comes back in the middle: the message goes on as it began.
    hog.close();
    sender.sendFragment(text, "text", true);
    expect(take(sender).length).toBeGreaterThan(2 * text.length);
    sender.sendText(text);
    const compressed = take(sender);
    expect(compressed[0]! & RSV1).toBe(RSV1);
    expect(compressed.length).toBeLessThan(text.length / 10);
    budget.close();
  });
});
