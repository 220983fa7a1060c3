/** Each bound of a server at n and at n + 1. */
import { type ServerWebSocket, WebSocketServer } from "@tidewire/websocket";
import { expect, test } from "vitest";
import { request, requestHead } from "./raw-client.js";
import { Channel, closeOf, openClient, refusedClient, startServer } from "./started.js";

test("connectionsMax: n are accepted, n + 1 is answered 503, and a place comes free", async () => {
  const gone = new Channel<void>();
  const { server, port, url } = await startServer({
    limits: { connectionsMax: 2 },
    handlers: { close: () => gone.put() },
  });
  const first = await openClient(url);
  await openClient(url);
  const refused = await request(port, requestHead());
  expect(refused.status).toBe(503);
  expect(refused.headers.get("retry-after")).toBe("5");
  expect(server.connections.size).toBe(2);
  first.close();
  await gone.take();
  await openClient(url);
});

test("connectionsPerAddressMax: n are accepted, n + 1 is answered 429", async () => {
  const { server, url } = await startServer({ limits: { connectionsPerAddressMax: 2 } });
  await openClient(url);
  await openClient(url);
  const refused = await refusedClient(url);
  expect(refused.status).toBe(429);
  expect(refused.body).toContain("connectionsPerAddressMax (2)");
  await openClient(url, { localAddress: "127.0.0.2" });
  expect(server.connections.countOf("127.0.0.1")).toBe(2);
  expect(server.connections.countOf("127.0.0.2")).toBe(1);
});

test("connectionsPerAddressMax counts the clients of a trusted proxy, not the proxy", async () => {
  const { server, url } = await startServer({
    trustProxy: 1,
    limits: { connectionsPerAddressMax: 1 },
  });
  const from = (address: string) => ({ headers: { "X-Forwarded-For": `6.6.6.6, ${address}` } });
  await openClient(url, from("203.0.113.1"));
  await openClient(url, from("203.0.113.2"));
  expect((await refusedClient(url, from("203.0.113.1"))).status).toBe(429);
  await openClient(url, from("2001:db8::1"));
  expect((await refusedClient(url, from("2001:db8::2"))).status).toBe(429);
  expect(server.connections.countOf("203.0.113.1")).toBe(1);
  expect([...server.connections].map((socket) => socket.remoteAddress)).toEqual([
    "203.0.113.1",
    "203.0.113.2",
    "2001:db8::1",
  ]);
});

test("without trustProxy what a client says of its address is nothing", async () => {
  const opened = new Channel<string>();
  const { url } = await startServer({
    handlers: { open: (socket) => opened.put(socket.remoteAddress) },
  });
  await openClient(url, { headers: { "X-Forwarded-For": "203.0.113.1" } });
  expect(await opened.take()).toBe("127.0.0.1");
});

test("pendingHandshakesMax: n wait, n + 1 is answered 503", async () => {
  const started = new Channel<(data: object) => void>();
  const { server, port, url } = await startServer<object>({
    limits: { pendingHandshakesMax: 1 },
    authenticate: () => new Promise((resolve) => started.put(resolve)),
  });
  const first = openClient(url);
  const accept = await started.take();
  expect((await request(port, requestHead())).status).toBe(503);
  await started.take();
  accept({});
  await first;
  expect(server.connections.size).toBe(1);
  expect(server.connections.pending).toBe(0);
});

test("messageBytesMax reaches the sockets: n is taken, n + 1 closes with 1009", async () => {
  const sizes = new Channel<number>();
  const { url } = await startServer({
    limits: { messageBytesMax: 100 },
    handlers: { message: (_socket, data) => sizes.put(data.length), error: () => {} },
  });
  const client = await openClient(url);
  client.send("x".repeat(100));
  expect(await sizes.take()).toBe(100);
  client.send("x".repeat(101));
  expect((await closeOf(client)).code).toBe(1009);
});

test("a limit that cannot be is refused at start-up", () => {
  expect(() => new WebSocketServer({ limits: { connectionsMax: 0 } })).toThrow("connectionsMax");
  expect(() => new WebSocketServer({ limits: { messageBytesMax: -1 } })).toThrow("messageBytesMax");
  expect(() => new WebSocketServer({ limits: { headerLinesMax: 0.5 } })).toThrow("headerLinesMax");
});

test("a thousand clients that come and go leave no count behind", async () => {
  const gone = new Channel<void>();
  const { server, port } = await startServer({ handlers: { close: () => gone.put() } });
  for (let index = 0; index < 1000; index += 50) {
    const heads = Array.from({ length: 50 }, () => {
      const closeFrame = Buffer.from([0x88, 0x80, 0, 0, 0, 0]);
      return request(port, Buffer.concat([Buffer.from(requestHead()), closeFrame]));
    });
    for (const { status } of await Promise.all(heads)) expect(status).toBe(101);
    for (let count = 0; count < 50; count++) await gone.take();
  }
  expect(server.connections.size).toBe(0);
  expect(server.connections.pending).toBe(0);
  expect(server.connections.countOf("127.0.0.1")).toBe(0);
});

test("connections can be looked through", async () => {
  const opened = new Channel<ServerWebSocket<{ name: string }>>();
  let count = 0;
  const { server, url } = await startServer({
    authenticate: () => ({ name: `n${count++}` }),
    handlers: { open: opened.put },
  });
  await openClient(url);
  await openClient(url);
  const first = await opened.take();
  expect(server.connections.has(first)).toBe(true);
  expect([...server.connections].map(({ data }) => data.name)).toEqual(["n0", "n1"]);
});
