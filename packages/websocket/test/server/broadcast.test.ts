/** One message for many sockets. */
import { broadcast, type ServerWebSocket, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";
import type WebSocket from "ws";
import { RawClient, requestHead } from "./raw-client.js";
import { Channel, nextMessage, openClient, startServer } from "./started.js";

const LONG = JSON.stringify(Array.from({ length: 200 }, (_, id) => ({ id, name: `name ${id}` })));

/** `count` clients and their sockets at the server, pairwise. */
async function startPairs(
  count: number,
  options: {
    deflate?: boolean;
    sendQueuePolicy?: "terminate" | "reject";
    sendQueueBytesMax?: number;
  } = {},
  clientDeflate: (index: number) => boolean = () => false,
) {
  const opened = new Channel<ServerWebSocket>();
  const { server, url, port } = await startServer({
    perMessageDeflate: options.deflate ?? false,
    sendQueuePolicy: options.sendQueuePolicy,
    sendQueueBytesMax: options.sendQueueBytesMax,
    handlers: { open: opened.put, error: () => {} },
  });
  const clients: WebSocket[] = [];
  const sockets: ServerWebSocket[] = [];
  for (let index = 0; index < count; index++) {
    clients.push(await openClient(url, { perMessageDeflate: clientDeflate(index) }));
    sockets.push(await opened.take());
  }
  return { server, port, clients, sockets, opened };
}

describe("broadcast", () => {
  test("reaches every open socket but those left out", async () => {
    const { server, clients, sockets } = await startPairs(4);
    const received = clients.map((client) => nextMessage(client));
    expect(server.broadcast("to three", { except: sockets[0] })).toEqual({ sent: 3, refused: 0 });
    expect(server.broadcast("to one", { except: new Set(sockets.slice(1)) })).toEqual({
      sent: 1,
      refused: 0,
    });
    expect(await Promise.all(received)).toEqual(["to one", "to three", "to three", "to three"]);
  });

  test("takes a filter, or any collection of sockets", async () => {
    const { server, clients, sockets } = await startPairs(3);
    const received = clients.map((client) => nextMessage(client));
    server.broadcast("filtered", { filter: (socket) => socket === sockets[1] });
    expect(broadcast(new Set([sockets[0]!, sockets[2]!]), "room")).toEqual({ sent: 2, refused: 0 });
    expect(await Promise.all(received)).toEqual(["room", "filtered", "room"]);
  });

  test("is not written over when the first receiver's queue is flushed in the middle", async () => {
    const { server, clients, sockets } = await startPairs(3);
    const [busy, second, third] = sockets;
    const received = clients.slice(1).map((client) => nextMessage(client));
    // The broadcast takes this queue over the bytes from which on the kernel is asked at once.
    for (let sent = 0; sent < 61; sent++) busy!.send("x".repeat(1000));
    server.broadcast("b".repeat(5000));
    for (const socket of [third!, second!]) socket.send("written into the same memory");
    expect(await Promise.all(received)).toEqual(["b".repeat(5000), "b".repeat(5000)]);
  });

  test("keeps its order with other messages", async () => {
    const { server, clients, sockets } = await startPairs(1);
    const messages: string[] = [];
    const done = new Promise<void>((resolve) =>
      clients[0]!.on("message", (data) => {
        messages.push(String(data).slice(0, 8));
        if (messages.length === 5) resolve();
      }),
    );
    void sockets[0]!.send("1");
    server.broadcast("2");
    void sockets[0]!.send("3");
    server.broadcast(`4 ${"x".repeat(100_000)}`);
    void sockets[0]!.send("5");
    await done;
    expect(messages).toEqual(["1", "2", "3", "4 xxxxxx", "5"]);
  });

  test("sends bytes exactly, text as text, and refuses what cannot be sent", async () => {
    const { server, clients } = await startPairs(1);
    const got = new Promise<[Buffer, boolean]>((resolve) =>
      clients[0]!.once("message", (data, isBinary) => resolve([data as Buffer, isBinary])),
    );
    server.broadcast(new Uint8Array(Uint8Array.from([9, 1, 2, 3, 9]).buffer, 1, 3));
    expect(await got).toEqual([Buffer.from([1, 2, 3]), true]);
    expect(() => server.broadcast(17 as unknown as string)).toThrow(TypeError);
    expect(() => server.broadcast(null as unknown as string)).toThrow(TypeError);
  });

  test("passes over sockets that are closing", async () => {
    const { server, sockets } = await startPairs(2);
    sockets[0]!.close();
    expect(server.broadcast("hi")).toEqual({ sent: 1, refused: 0 });
  });

  test("RFC 7692 compresses for those who negotiated it, and for no others", async () => {
    const { server, clients, sockets } = await startPairs(4, { deflate: true }, (i) => i % 2 === 1);
    expect(sockets.map(({ extensions }) => extensions !== "")).toEqual([false, true, false, true]);
    const before = clients.map((client) => bytesRead(client));
    const received = clients.map((client) => nextMessage(client));
    expect(server.broadcast(LONG)).toEqual({ sent: 4, refused: 0 });
    expect(await Promise.all(received)).toEqual([LONG, LONG, LONG, LONG]);
    const wire = clients.map((client, index) => bytesRead(client) - before[index]!);
    expect(wire[0]).toBe(LONG.length + 4);
    expect(wire[1]).toBeLessThan(LONG.length / 3);
    expect([wire[2], wire[3]]).toEqual([wire[0], wire[1]]);
  });

  test("compresses nothing that is short, or told not to be", async () => {
    const { server, clients } = await startPairs(1, { deflate: true }, () => true);
    const [client] = clients as [WebSocket];
    const sizes: number[] = [];
    for (const send of [
      () => server.broadcast("short"),
      () => server.broadcast(LONG, { compress: false }),
      () => server.broadcast(server.prepare(LONG), { compress: false }),
    ]) {
      const before = bytesRead(client);
      const received = nextMessage(client);
      send();
      await received;
      sizes.push(bytesRead(client) - before);
    }
    expect(sizes).toEqual([7, LONG.length + 4, LONG.length + 4]);
  });

  test("a prepared message can be sent again, at any time, among others", async () => {
    const { server, clients } = await startPairs(2, { deflate: true }, (index) => index === 1);
    const prepared = server.prepare(LONG);
    for (let round = 0; round < 3; round++) {
      const received = clients.map((client) => nextMessage(client));
      expect(server.broadcast(prepared)).toEqual({ sent: 2, refused: 0 });
      expect(await Promise.all(received)).toEqual([LONG, LONG]);
      const between = clients.map((client) => nextMessage(client));
      server.broadcast(`between ${round}`);
      expect(await Promise.all(between)).toEqual([`between ${round}`, `between ${round}`]);
    }
  });
});

describe("a receiver that does not read", () => {
  test.each([
    ["terminate", 1],
    ["reject", 2],
  ] as const)(
    "is told of in the report, and with %s %s of the sockets are left",
    async (policy, left) => {
      const { server, clients, opened, port } = await startPairs(1, {
        sendQueuePolicy: policy,
        sendQueueBytesMax: 100_000,
      });
      const stuck = new RawClient(port);
      stuck.socket.pause();
      stuck.write(requestHead());
      const stuckSocket = await opened.take();
      const message = "x".repeat(1_000_000);
      let report = { sent: 2, refused: 0 };
      let received = 0;
      for (let count = 0; count < 50 && report.refused === 0; count++) {
        const next = nextMessage(clients[0]!);
        report = server.broadcast(message);
        await next;
        received++;
      }
      // The kernel took some, then the queue was full; the other one got everything.
      expect(report).toEqual({ sent: 1, refused: 1 });
      expect(received).toBeGreaterThan(1);
      if (policy === "terminate") await stuckSocket.closed;
      expect(server.connections.size).toBe(left);
      await stuck.hangUp();
      await stuckSocket.closed;
    },
  );
});

test("a server without connections broadcasts to nobody", () => {
  expect(new WebSocketServer().broadcast("hi")).toEqual({ sent: 0, refused: 0 });
});

/** What has come over a client's network socket. */
function bytesRead(client: WebSocket): number {
  return (client as unknown as { _socket: { bytesRead: number } })._socket.bytesRead;
}
