/** Clients that reset or leave at the worst moments, and frames that come with the request. */
import type { Server as HttpServer } from "node:http";
import type { Socket } from "node:net";
import { WebSocketServer } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";
import { clientFrame, RawClient, request, requestHead } from "./raw-client.js";
import { Channel, startHttp, startServer } from "./started.js";

/** Resolves when the server has seen the end of each connection that it has accepted. */
function trackConnections(http: HttpServer): { opened: Channel<Socket>; closed: Channel<void> } {
  const opened = new Channel<Socket>();
  const closed = new Channel<void>();
  http.on("connection", (socket: Socket) => {
    socket.once("close", () => closed.put());
    opened.put(socket);
  });
  return { opened, closed };
}

async function expectAlive(port: number): Promise<void> {
  const client = new RawClient(port);
  client.write(requestHead());
  expect((await client.head()).status).toBe(101);
  await client.hangUp();
}

describe("a reset at every byte of the handshake leaves the server and its counts as they were", () => {
  const head = requestHead("/", "Origin: http://localhost");
  const foreign = requestHead("/", "Origin: http://evil.test");

  test.each([
    ["accepted at once", head, {}],
    ["accepted later", head, { authenticate: async () => ({}) }],
    ["accepted never", head, { authenticate: () => new Promise<object>(() => {}) }],
    ["refused at once", foreign, {}],
    ["refused later", head, { authenticate: async () => false as const }],
  ])("%s", async (_name, bytes, options) => {
    const { http, port } = await startHttp();
    const { closed, opened } = trackConnections(http);
    const server = new WebSocketServer<object | undefined>(options);
    server.attach(http);
    for (let count = 0; count <= bytes.length; count++) {
      const client = new RawClient(port);
      await client.connected;
      await opened.take();
      client.socket.write(bytes.slice(0, count), () => client.reset());
      await closed.take();
    }
    expect(server.connections.size).toBe(0);
    expect(server.connections.pending).toBe(0);
    await server.close();
  });

  test("and so it does beside another upgrade listener that takes nothing", async () => {
    const { http, port } = await startHttp();
    const { closed, opened } = trackConnections(http);
    const server = new WebSocketServer({ path: "/chat" });
    server.attach(http);
    http.on("upgrade", () => {});
    const bytes = requestHead("/elsewhere");
    for (const count of [0, 1, 50, bytes.length]) {
      const client = new RawClient(port);
      await client.connected;
      const netSocket = await opened.take();
      client.socket.write(bytes.slice(0, count), () => client.reset());
      if (count === bytes.length) netSocket.destroy(new Error("as if reset"));
      await closed.take();
    }
    await server.close();
  });
});

describe("what comes in one packet with the request", () => {
  test.each([
    ["at once", undefined],
    ["behind a later authenticate", async () => ({})],
  ])("§4.1 frames are delivered after open: %s", async (_name, authenticate) => {
    const events: string[] = [];
    const { port } = await startServer<object | undefined>({
      authenticate: authenticate ?? (() => ({})),
      handlers: {
        open: (socket) => {
          events.push("open");
          void socket.send("hello");
        },
        message: (socket, data) => {
          events.push(`message ${data}`);
          void socket.send(data);
        },
      },
    });
    const client = new RawClient(port);
    const first = Buffer.from(requestHead(), "latin1");
    client.write(Buffer.concat([first, clientFrame(0x81, "one"), clientFrame(0x81, "two")]));
    const frames = await client.bodyBytes(17);
    expect(frames.toString("latin1")).toBe("\x81\x05hello\x81\x03one\x81\x03two");
    expect(events).toEqual(["open", "message one", "message two"]);
    await client.hangUp();
  });

  test("messages wait until an open that takes time has ended", async () => {
    const events: string[] = [];
    const opening = new Channel<() => void>();
    const { port } = await startServer({
      handlers: {
        open: async () => {
          await new Promise<void>((resolve) => opening.put(resolve));
          events.push("opened");
        },
        message: (socket, data) => {
          events.push(`message ${data}`);
          void socket.send(data);
        },
      },
    });
    const client = new RawClient(port);
    client.write(Buffer.concat([Buffer.from(requestHead()), clientFrame(0x81, "early")]));
    await client.head();
    client.write(clientFrame(0x81, "later"));
    (await opening.take())();
    await client.bodyBytes(14);
    expect(events).toEqual(["opened", "message early", "message later"]);
    await client.hangUp();
  });

  test("each of the 256 first bytes of a frame gets an answer, and none harms the server", async () => {
    const errors = new Channel<string>();
    const { server, port } = await startServer({
      handlers: { error: (_socket, error) => errors.put(error.name) },
    });
    for (let first = 0; first < 256; first++) {
      const client = new RawClient(port);
      const payload = Buffer.from([0x03, 0xe8]);
      client.write(Buffer.concat([Buffer.from(requestHead()), clientFrame(first, payload)]));
      const opcode = first & 0x0f;
      const isLegal = (first & 0x70) === 0 && [0x1, 0x2, 0x8, 0x9, 0xa].includes(opcode);
      const isFinal = (first & 0x80) !== 0;
      if (isLegal && (isFinal || opcode < 8)) {
        const { status } = await client.head();
        expect(status, `${first}`).toBe(101);
        // Text of 0x03 0xE8 is not UTF-8 and fails with 1007, in a final frame.
        if (first === 0x81)
          expect([...(await client.bodyBytes(4)).subarray(2, 4)]).toEqual([3, 239]);
      } else {
        const body = await client.bodyBytes(4);
        expect([...body.subarray(0, 1), ...body.subarray(2, 4)], `${first}`).toEqual([
          0x88, 3, 234,
        ]);
        expect(await errors.take()).toBe("ProtocolError");
      }
      await client.hangUp();
    }
    await expectAlive(port);
    expect(server.connections.size).toBeLessThanOrEqual(256);
  });

  test("what comes while authenticate runs is kept within a bound, and nothing of it is lost", async () => {
    const verdict = new Channel<[accept: () => void, socket: Socket]>();
    const { port } = await startServer({
      authenticate: ({ message }) =>
        new Promise<object>((resolve) => verdict.put([() => resolve({}), message.socket])),
      handlers: { message: (socket, data) => void socket.send(`${data.length}`) },
    });
    const client = new RawClient(port);
    const message = Buffer.alloc(60_000, 0x61);
    client.write(requestHead());
    const [accept, socket] = await verdict.take();
    for (let index = 0; index < 100; index++) client.write(clientFrame(0x81, message));
    let most = 0;
    for (let turn = 0; turn < 500; turn++) {
      await new Promise((resolve) => setImmediate(resolve));
      most = Math.max(most, socket.readableLength);
    }
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(80 * 1024);
    accept();
    const answers = await client.bodyBytes(100 * 7);
    expect(answers.toString("latin1")).toBe("\x81\x0560000".repeat(100));
    await client.hangUp();
  });
});

test("Upgrade on every method of plain routes, with and without a key, is answered", async () => {
  const { http, port } = await startHttp((_request, response) => response.end("plain"));
  const server = new WebSocketServer({ path: "/chat" });
  server.attach(http);
  const methods = ["GET", "HEAD", "POST", "PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"];
  for (const method of methods) {
    for (const path of ["/", "/chat", "*", "http://[/", "/%", "//"]) {
      for (const key of ["", "Sec-WebSocket-Key: x\r\n"]) {
        const head = `${method} ${path} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n${key}\r\n`;
        const { status } = await request(port, head);
        expect([400, 404, 405, 426], `${method} ${path}`).toContain(status);
      }
    }
  }
  expect((await request(port, "GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")).body).toBe(
    "plain",
  );
  await server.close();
});

test("a request behind one that is not answered yet opens nothing: its 101 would come first", async () => {
  const asked = new Channel<() => void>();
  const { http, port } = await startHttp((_request, response) =>
    asked.put(() => response.end("late")),
  );
  const server = new WebSocketServer({ handlers: { open: () => expect.unreachable() } });
  server.attach(http);
  const client = new RawClient(port);
  client.write(`GET / HTTP/1.1\r\nHost: localhost\r\n\r\n${requestHead()}`);
  const answerLate = await asked.take();
  await client.ended;
  answerLate();
  expect(client.received.length).toBe(0);
  expect(server.connections.size).toBe(0);
  await server.close();
});
