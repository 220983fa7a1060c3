// The client against the server of the `ws` package.
import { randomBytes } from "node:crypto";
import type { AddressInfo } from "node:net";
import { connect, type WebSocket } from "@tidewire/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";

// Noise does not shrink: deflated, 16 MiB of it are a little more on the wire.
const LARGE = { messageBytesMax: 17 * 1024 * 1024 };

async function openEcho(perMessageDeflate: boolean): Promise<WebSocket> {
  const server = new WebSocketServer({ port: 0, host: "127.0.0.1", perMessageDeflate });
  server.on("connection", (socket) => {
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  });
  await new Promise((resolve) => server.once("listening", resolve));
  onTestFinished(() => {
    for (const socket of server.clients) socket.terminate();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  return connect(`ws://127.0.0.1:${port}/`, { limits: LARGE, sendQueueBytesMax: 1 << 26 });
}

describe.each([false, true])("with permessage-deflate %s, the ws server", (perMessageDeflate) => {
  it("agrees about the extension", async () => {
    const client = await openEcho(perMessageDeflate);
    expect(client.extensions.startsWith("permessage-deflate")).toBe(perMessageDeflate);
    client.terminate();
  });

  it("echoes text and all byte values of all frame lengths, in order", async () => {
    const client = await openEcho(perMessageDeflate);
    const messages = client.messages();
    const every = Buffer.from(Array.from({ length: 256 }, (_, i) => i));
    const sizes = [0, 1, 125, 126, 127, 1023, 1024, 65_535, 65_536, 200_000];
    const sent: (string | Uint8Array)[] = ["", "grüße 🦀", "x".repeat(100_000), every];
    for (const size of sizes) sent.push(randomBytes(size), "ä".repeat(size));
    for (const message of sent) void client.send(message);
    for (const message of sent) {
      const { value } = await messages.next();
      if (typeof message === "string") expect(value === message).toBe(true);
      else expect(Buffer.from(value as Uint8Array).equals(message)).toBe(true);
    }
    client.terminate();
  });

  it("echoes 16 MiB, and messages in fragments", async () => {
    const client = await openEcho(perMessageDeflate);
    const messages = client.messages();
    const bytes = randomBytes(16 * 1024 * 1024);
    void client.send(bytes);
    expect(Buffer.from((await messages.next()).value as Uint8Array).equals(bytes)).toBe(true);
    await client.sendStream(["frag", "", "ments ", "🦀".repeat(1000)]);
    expect((await messages.next()).value).toBe(`fragments ${"🦀".repeat(1000)}`);
    client.terminate();
  });

  it.each([1000, 3000, 4999, undefined])("answers a close with %s", async (code) => {
    const client = await openEcho(perMessageDeflate);
    client.close(code, code === undefined ? undefined : "reason");
    expect(await client.closed).toMatchObject({ code: code ?? 1005, wasClean: true });
  });
});
