// Order and backpressure with permessage-deflate, where messages wait for the thread pool.
import { randomBytes } from "node:crypto";
import { SendQueueFullError } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { openPair, ROLES, turn, until } from "../support/pairs.js";

const MEBIBYTE = 1024 * 1024;
const LARGE = {
  perMessageDeflate: true,
  limits: { messageBytesMax: 32 * MEBIBYTE },
  sendQueueBytesMax: 64 * MEBIBYTE,
};

describe.each(ROLES)("with permessage-deflate, a %s", (_, roles) => {
  it("keeps the order of messages compressed on the spot, in the pool and not at all", async () => {
    const [socket, peer] = roles(await openPair(LARGE, LARGE));
    expect(socket.extensions).toMatch(/^permessage-deflate/);
    const messages = peer.messages();
    const sent: (string | Buffer)[] = [];
    for (let i = 0; i < 50; i++) {
      sent.push("x".repeat(200_000), `${i}`, randomBytes(50_000), "y".repeat(2000));
    }
    sent.forEach((message, i) => void socket.send(message, { compress: i % 3 !== 0 }));
    for (const message of sent) {
      const { value } = await messages.next();
      if (typeof message === "string") expect(value === message).toBe(true);
      else expect(Buffer.from(value as Uint8Array).equals(message)).toBe(true);
    }
  });

  it("asks to wait while messages queue for compression, and goes on", async () => {
    const [socket, peer] = roles(await openPair(LARGE, LARGE));
    const messages = peer.messages();
    const text = "0123456789".repeat(100_000);
    let most = 0;
    const sending = (async () => {
      for (let i = 0; i < 20; i++) {
        await socket.send(text);
        most = Math.max(most, socket.bufferedAmount);
      }
    })();
    for (let i = 0; i < 20; i++) expect((await messages.next()).value === text).toBe(true);
    await sending;
    expect(most).toBeLessThanOrEqual(text.length);
  });

  it("bounds what queues for compression", async () => {
    const bounded = { ...LARGE, sendQueueBytesMax: MEBIBYTE, sendQueuePolicy: "reject" as const };
    const [socket] = roles(await openPair(bounded, bounded));
    const text = "0123456789".repeat(50_000);
    const refused: unknown[] = [];
    for (let i = 0; i < 20; i++) {
      socket.send(text)?.catch((error: unknown) => refused.push(error));
    }
    await turn();
    expect(refused.length).toBeGreaterThan(10);
    expect(refused[0]).toBeInstanceOf(SendQueueFullError);
    await until(() => socket.bufferedAmount === 0);
    expect(await socket.send("fine")).toBeUndefined();
  });

  it("streams 16 MiB as one compressed message, in and out", async () => {
    const [socket, peer] = roles(await openPair(LARGE, LARGE));
    const streams = peer.messageStreams();
    const part = Buffer.alloc(256 * 1024, "tidewire ");
    const sending = socket.sendStream(Array.from({ length: 64 }, () => part));
    let received = 0;
    for await (const piece of (await streams.next()).value!) received += piece.length;
    await sending;
    expect(received).toBe(64 * part.length);
  });
});
