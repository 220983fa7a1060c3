import { ConnectionClosedError, type Socket, WebSocket } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { openPair, ROLES, turn, until } from "../support/pairs.js";

async function collect(socket: Socket): Promise<(string | Uint8Array)[]> {
  const all: (string | Uint8Array)[] = [];
  for await (const message of socket) all.push(message);
  return all;
}

describe("for await over messages", () => {
  it.each(ROLES)(
    "a %s gets all messages in order, and the loop ends with the connection",
    async (_, roles) => {
      const [socket, peer] = roles(await openPair());
      const collected = collect(socket);
      const texts = Array.from({ length: 1000 }, (_, i) => `message ${i}`);
      for (const text of texts) peer.send(text);
      peer.send(Uint8Array.of(1, 2));
      peer.close(1000);
      expect(await collected).toEqual([...texts, Buffer.from([1, 2])]);
    },
  );

  it.each([
    [1000, true],
    [1001, true],
    [undefined, true],
    [1011, false],
    [4000, false],
  ])("a close with %s ends the loop quietly: %s", async (code, quietly) => {
    const { client, server } = await openPair();
    const collected = collect(client);
    server.send("last");
    server.close(code);
    if (quietly) expect(await collected).toEqual(["last"]);
    else {
      await expect(collected).rejects.toBeInstanceOf(ConnectionClosedError);
      await expect(collected).rejects.toMatchObject({ code });
    }
    // Who comes later learns the same.
    if (quietly) expect(await collect(client)).toEqual([]);
    else await expect(collect(client)).rejects.toMatchObject({ code });
  });

  it("a lost connection throws", async () => {
    const { client, server } = await openPair();
    const collected = collect(client);
    server.terminate();
    await expect(collected).rejects.toMatchObject({ name: "ConnectionClosedError", code: 1006 });
  });

  it("a failed opening throws why", async () => {
    const socket = new WebSocket("ws://127.0.0.1:1/");
    await expect(collect(socket)).rejects.toMatchObject({ name: "ConnectError", code: "network" });
  });

  it("several loops each get everything", async () => {
    const { client, server } = await openPair();
    const both = Promise.all([collect(client), collect(client)]);
    server.send("a");
    server.send("b");
    server.close();
    expect(await both).toEqual([
      ["a", "b"],
      ["a", "b"],
    ]);
  });

  it("a slow loop stops the sender, and what waits is bounded", async () => {
    const { client, server } = await openPair();
    const messages = client.messages();
    const chunk = new Uint8Array(100_000);
    let sent = 0;
    const sending = (async () => {
      for (; sent < 500; sent++) await server.send(chunk);
      server.close(1000);
    })();
    for (let i = 0; i < 300; i++) await turn();
    // The kernel's buffers take some megabytes.
    expect(sent).toBeLessThan(200);
    let received = 0;
    for await (const message of messages) received += message.length;
    await sending;
    expect(received).toBe(500 * chunk.length);
  });

  it("no more than 64 messages wait in a loop", async () => {
    const { client, server } = await openPair();
    const messages = client.messages();
    let handled = 0;
    client.onmessage = () => handled++;
    for (let i = 0; i < 1000; i++) server.send(`${i}`);
    await until(() => handled >= 64);
    for (let i = 0; i < 20; i++) await turn();
    expect(handled).toBe(64);
    for (let i = 0; i < 1000; i++) expect((await messages.next()).value).toBe(`${i}`);
    expect(handled).toBe(1000);
  });

  it("leaving the loop lets the messages go, and reading goes on", async () => {
    const { client, server } = await openPair();
    const messages = client.messages();
    let handled = 0;
    client.onmessage = () => handled++;
    for (let i = 0; i < 1000; i++) server.send(`${i}`);
    for await (const message of messages) if (message === "1") break;
    await until(() => handled === 1000);
    expect(await messages.next()).toEqual({ done: true, value: undefined });
  });

  it("pause() by the user and by a loop do not undo each other", async () => {
    const { client, server } = await openPair();
    let handled = 0;
    client.onmessage = () => handled++;
    const messages = client.messages();
    client.pause();
    for (let i = 0; i < 100; i++) server.send("x");
    for (let i = 0; i < 20; i++) await turn();
    expect(handled).toBe(0);
    client.resume();
    client.resume();
    await until(() => handled === 64);
    client.pause();
    for (let i = 0; i < 64; i++) await messages.next();
    for (let i = 0; i < 20; i++) await turn();
    expect(handled).toBe(64);
    client.resume();
    await until(() => handled === 100);
  });

  it("calls of next() that wait are answered in order", async () => {
    const { client, server } = await openPair();
    const messages = client.messages();
    const waiting = Promise.all([messages.next(), messages.next(), messages.next()]);
    server.send("a");
    server.send("b");
    server.close();
    expect((await waiting).map(({ value }) => value)).toEqual(["a", "b", undefined]);
  });
});
