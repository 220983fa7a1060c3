/** Several WebSocket servers, and others, on one HTTP server. */
import { IncomingMessage } from "node:http";
import { Socket as NetSocket } from "node:net";
import { PassThrough } from "node:stream";
import { WebSocketServer } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";
import WebSocket, { WebSocketServer as OtherServer } from "ws";
import { headOf, RawClient, request, requestHead } from "./raw-client.js";
import { nextMessage, openClient, refusedClient, startHttp } from "./started.js";

/** A server that says its name. */
function named(name: string, path?: string | ((pathname: string) => boolean)): WebSocketServer {
  return new WebSocketServer({
    ...(path === undefined ? {} : { path }),
    handlers: { message: (socket) => void socket.send(name) },
  });
}

async function nameAt(url: string): Promise<string> {
  const client = await openClient(url);
  const name = nextMessage(client);
  client.send("?");
  return name;
}

test("paths lead to their servers: exact ones first, then predicates, then the one for every path", async () => {
  const { http, port } = await startHttp((_request, response) => response.end("plain"));
  const servers = [
    named("rest"),
    named("rooms", (path) => path.startsWith("/rooms/")),
    named("chat", "/chat"),
    named("room 7", "/rooms/7"),
  ];
  for (const server of servers) server.attach(http);
  const url = `ws://127.0.0.1:${port}`;
  expect(await nameAt(`${url}/chat?x=1`)).toBe("chat");
  expect(await nameAt(`${url}/rooms/1`)).toBe("rooms");
  expect(await nameAt(`${url}/rooms/7`)).toBe("room 7");
  expect(await nameAt(`${url}/other`)).toBe("rest");
  const plain = await fetch(`http://127.0.0.1:${port}/chat`);
  expect(await plain.text()).toBe("plain");
  await Promise.all(servers.map((server) => server.close()));
});

test("a path can be had once, and again after a detach", async () => {
  const { http } = await startHttp();
  const first = named("first", "/chat");
  const second = named("second", "/chat");
  first.attach(http);
  first.attach(http);
  expect(() => second.attach(http)).toThrow("the path /chat");
  first.detach(http);
  second.attach(http);
  named("all").attach(http);
  expect(() => named("all too").attach(http)).toThrow("every path");
});

test("without its last server an HTTP server is as it was", async () => {
  const { http } = await startHttp();
  const server = named("chat", "/chat");
  server.attach(http);
  expect(http.listenerCount("upgrade")).toBe(1);
  await server.close();
  expect(http.listenerCount("upgrade")).toBe(0);
  expect(http.listening).toBe(true);
});

test("§4.2.2 a path of nobody is answered 404", async () => {
  const { http, port } = await startHttp();
  const server = named("chat", "/chat");
  server.attach(http);
  const { status, body } = await refusedClient(`ws://127.0.0.1:${port}/other`);
  expect(status).toBe(404);
  expect(body).toContain("no WebSocket at this path");
  await server.close();
});

describe("beside another listener for upgrades", () => {
  test("each gets what is its own", async () => {
    const { http, port } = await startHttp();
    const server = named("chat", "/chat");
    server.attach(http);
    const other = new OtherServer({ noServer: true });
    http.on("upgrade", (message, socket, head) => {
      if (message.url !== "/hmr") return;
      other.handleUpgrade(message, socket, head, (client) => client.send("hot"));
    });
    expect(await nameAt(`ws://127.0.0.1:${port}/chat`)).toBe("chat");
    const client = new WebSocket(`ws://127.0.0.1:${port}/hmr`);
    expect(await nextMessage(client)).toBe("hot");
    client.terminate();
    other.close();
    await server.close();
  });
});

describe("RFC 9110 §7.8 an Upgrade to something else", () => {
  const h2c = headOf("GET /page HTTP/1.1", [
    "Host: localhost",
    "Connection: Upgrade, HTTP2-Settings",
    "Upgrade: h2c",
    "HTTP2-Settings: AAMAAABkAAQCAAAAAAIAAAAA",
  ]);

  test("is ignored, as Node does without WebSockets", async () => {
    const { http, port } = await startHttp((message, response) => {
      message.resume();
      message.once("end", () => response.end(`plain ${message.url}`));
    });
    const server = named("all");
    server.attach(http);
    const { status, body } = await request(port, h2c);
    expect(status).toBe(200);
    expect(body).toContain("plain /page");
    await server.close();
  });

  test("is answered 501 where nobody could answer otherwise", async () => {
    const { http, port } = await startHttp();
    const server = named("all");
    server.attach(http);
    expect((await request(port, h2c)).status).toBe(501);
    http.on("request", (_message, response) => response.end("plain"));
    const withBody = h2c.replace("\r\n\r\n", "\r\nContent-Length: 2\r\n\r\nhi");
    expect((await request(port, withBody)).status).toBe(501);
    await server.close();
  });

  test("is left to another listener", async () => {
    const { http, port } = await startHttp();
    const server = named("chat", "/chat");
    server.attach(http);
    http.on("upgrade", (message, socket) => {
      if (message.headers.upgrade === "h2c") socket.end("HTTP/1.1 299 Taken\r\n\r\n");
    });
    expect((await request(port, h2c)).status).toBe(299);
    await server.close();
  });
});

describe("`upgrade` by hand", () => {
  test("tells the handlers, at once", async () => {
    const { http, port } = await startHttp();
    const told: unknown[] = [];
    const server = new WebSocketServer({
      handlers: {
        open: (_socket, request) => void told.push(`open ${request.url}`),
        message: (socket, data) => {
          told.push(data);
          socket.send(`got ${data}`);
        },
      },
    });
    http.on("upgrade", (message, socket, head) => {
      server.upgrade(message, socket, head);
      told.push("returned");
    });
    const client = new RawClient(port);
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    client.write(Buffer.concat([Buffer.from(requestHead("/chat")), frame]));
    expect((await client.bodyBytes(8)).toString("latin1")).toBe("\x81\x06got hi");
    expect(told).toEqual(["open /chat", "hi", "returned"]);
    await client.hangUp();
    await server.close();
  });

  test("tells `refused` of who does not get in", async () => {
    const { http, port } = await startHttp();
    const refusals: number[] = [];
    const server = new WebSocketServer({
      path: "/chat",
      refused: ({ status }) => void refusals.push(status),
    });
    http.on("upgrade", (message, socket, head) => server.upgrade(message, socket, head));
    expect((await request(port, requestHead("/other"))).status).toBe(404);
    expect(refusals).toEqual([404]);
    await server.close();
  });
});

test("what is no socket of Node's is refused in words, and takes no place", async () => {
  const server = new WebSocketServer();
  const message = new IncomingMessage(new NetSocket());
  const stream = new PassThrough();
  const words = "pass that event's second argument";
  expect(() => server.upgrade(message, stream, Buffer.alloc(0))).toThrow(words);
  await expect(server.handleUpgrade(message, stream, Buffer.alloc(0))).rejects.toThrow(words);
  await expect(server.handleUpgrade(message, undefined as never, Buffer.alloc(0))).rejects.toThrow(
    words,
  );
  expect(server.connections.pending).toBe(0);
});

describe("`handleUpgrade` by hand", () => {
  test("gives the socket, whose listeners then miss nothing", async () => {
    const { http, port } = await startHttp();
    const server = new WebSocketServer();
    http.on("upgrade", async (message, netSocket, head) => {
      const socket = await server.handleUpgrade(message, netSocket, head);
      socket?.addEventListener("message", ({ data }) => void socket.send(`got ${data}`));
    });
    const client = new RawClient(port);
    const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
    client.write(Buffer.concat([Buffer.from(requestHead()), frame]));
    expect((await client.bodyBytes(8)).toString("latin1")).toBe("\x81\x06got hi");
    await client.hangUp();
    await server.close();
  });

  test("gives nothing when the request was refused, by the same checks", async () => {
    const { http, port } = await startHttp();
    const server = new WebSocketServer({ path: "/chat" });
    const results: unknown[] = [];
    http.on("upgrade", async (message, netSocket, head) => {
      results.push(await server.handleUpgrade(message, netSocket, head));
    });
    expect((await request(port, requestHead("/other"))).status).toBe(404);
    expect((await request(port, requestHead("/chat", "Origin: http://evil.test"))).status).toBe(
      403,
    );
    expect(results).toEqual([undefined, undefined]);
    await server.close();
  });
});
