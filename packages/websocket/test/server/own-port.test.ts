/** A server's own port reads the first head of a connection itself, and `node:http` gets the rest. */
import type { IncomingMessage, ServerResponse } from "node:http";
import { get } from "node:https";
import { connect as connectTls, type TLSSocket } from "node:tls";
import { certificate } from "@tidewire/test-support";
import { WebSocketServer, type WebSocketServerOptions } from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import {
  clientFrame,
  headOf,
  KEY,
  RawClient,
  request,
  requestHead,
  UPGRADE_LINES,
} from "./raw-client.js";
import { Channel, openClient, startHttp, startServer } from "./started.js";

type Listener = (message: IncomingMessage, response: ServerResponse) => void;

async function startWith(listener: Listener): Promise<number> {
  const server = new WebSocketServer({
    handlers: { message: (socket, data) => void socket.send(data) },
  });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  return (await server.listen({ host: "127.0.0.1", request: listener })).port;
}

const answerBody: Listener = (message, response) => {
  let body = `${message.method} ${message.url} `;
  message.setEncoding("latin1");
  message.on("data", (chunk: string) => {
    body += chunk;
  });
  message.on("end", () => response.end(body));
};

/** Writes `bytes` so that the server gets them in two reads, as far as a client can see to that. */
async function writeCut(client: RawClient, bytes: Buffer, cut: number): Promise<void> {
  await new Promise((resolve) =>
    client.socket.write(bytes.subarray(0, cut) as Uint8Array, resolve),
  );
  await new Promise((resolve) => setImmediate(resolve));
  client.write(bytes.subarray(cut));
}

describe("a head that is cut anywhere", () => {
  test("§4.1 opens a WebSocket, and the frames right behind it are delivered", async () => {
    const port = await startWith(answerBody);
    const head = Buffer.from(requestHead(), "latin1");
    const bytes = Buffer.concat([head, clientFrame(0x81, "early"), clientFrame(0x81, "too")]);
    for (let cut = 1; cut < bytes.length; cut++) {
      const client = new RawClient(port);
      client.socket.setNoDelay(true);
      await writeCut(client, bytes, cut);
      const frames = await client.bodyBytes(12);
      expect(frames.toString("latin1"), `${cut}`).toBe("\x81\x05early\x81\x03too");
      await client.hangUp();
    }
  });

  test("is a plain request for node:http, with its body and the request behind it", async () => {
    const port = await startWith(answerBody);
    const first = headOf("POST /first HTTP/1.1", ["Host: x", "Content-Length: 5"]);
    const second = headOf("GET /second HTTP/1.1", ["Host: x", "Connection: close"]);
    const bytes = Buffer.from(`${first}hello${second}`, "latin1");
    for (let cut = 1; cut < bytes.length; cut++) {
      const client = new RawClient(port);
      client.socket.setNoDelay(true);
      await writeCut(client, bytes, cut);
      await client.ended;
      const answer = client.received.toString("latin1");
      expect(answer, `${cut}`).toMatch(/POST \/first hello[\s\S]*GET \/second $/);
    }
  });

  test("a body that comes in pieces long after its head is complete", async () => {
    const port = await startWith(answerBody);
    const client = new RawClient(port);
    client.write(
      headOf("POST / HTTP/1.1", ["Host: x", "Content-Length: 300", "Connection: close"]),
    );
    for (let index = 0; index < 100; index++) await writeCut(client, Buffer.from("abc"), 1);
    await client.ended;
    expect(client.answer().body).toBe(`POST / ${"abc".repeat(100)}`);
  });
});

describe("what is no WebSocket", () => {
  test("§4.2.1 an upgrade behind plain requests on one connection passes the same gate", async () => {
    const port = await startWith((_message, response) => response.end("plain"));
    const client = new RawClient(port);
    for (let count = 1; count <= 3; count++) {
      client.write(headOf("GET / HTTP/1.1", ["Host: localhost"]));
      while (client.received.toString().split("plain").length <= count) await client.more();
    }
    client.write(Buffer.concat([Buffer.from(requestHead()), clientFrame(0x81, "hi")]));
    while (!client.received.toString("latin1").endsWith("\x81\x02hi")) await client.more();
    expect(client.received.toString()).toContain("HTTP/1.1 101 ");
    await client.hangUp();
    const foreign = new RawClient(port);
    foreign.write(headOf("GET / HTTP/1.1", ["Host: localhost"]));
    while (!foreign.received.toString().includes("plain")) await foreign.more();
    foreign.write(requestHead("/", "Origin: http://evil.test"));
    await foreign.ended;
    expect(foreign.received.toString()).toContain("HTTP/1.1 403 ");
  });

  test.each([
    ["another protocol", ["Upgrade: h2c", "Connection: Upgrade"], "GET"],
    ["Upgrade that Connection does not name", ["Upgrade: websocket", "Connection: close"], "GET"],
    ["another method", ["Connection: close"], "DELETE"],
  ])("RFC 9110 §7.8 %s goes to the request listener", async (_name, lines, method) => {
    const port = await startWith(answerBody);
    const answer = await request(port, headOf(`${method} /x HTTP/1.1`, ["Host: x", ...lines]));
    expect([answer.status, answer.body]).toEqual([200, `${method} /x `]);
  });

  test("over TLS too, where the socket tells what was negotiated", async () => {
    const { key, cert } = certificate();
    const seen = new Channel<[secure: boolean, alpn: unknown]>();
    const server = new WebSocketServer({
      handlers: {
        open: (_socket, { secure, message }) =>
          seen.put([secure, (message.socket as TLSSocket).alpnProtocol]),
        message: (socket, data) => void socket.send(data),
      },
    });
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const { port } = await server.listen({
      host: "127.0.0.1",
      tls: { key, cert },
      request: answerBody,
    });
    const body = await new Promise((resolve, reject) => {
      get({ port, host: "127.0.0.1", path: "/x", ca: cert, agent: false }, (response) => {
        response.setEncoding("utf8").once("data", resolve);
      }).once("error", reject);
    });
    expect(body).toBe("GET /x ");
    const socket = connectTls({ port, host: "127.0.0.1", ca: cert, ALPNProtocols: ["http/1.1"] });
    onTestFinished(() => void socket.destroy());
    socket.write(Buffer.concat([Buffer.from(requestHead()), clientFrame(0x81, "hi")]));
    let received = "";
    await new Promise<void>((resolve) => {
      socket.on("data", (chunk: Buffer) => {
        received += chunk.toString("latin1");
        if (received.endsWith("\x81\x02hi")) resolve();
      });
    });
    expect(received).toMatch(/^HTTP\/1\.1 101 /);
    expect(await seen.take()).toEqual([true, "http/1.1"]);
  });
});

describe("a head against the grammar is refused, whatever it asks for", () => {
  const grammar: [name: string, bytes: string, status: number][] = [
    ["RFC 9112 §2.2 LF without CR", requestHead().replaceAll("\r\n", "\n"), 400],
    ["RFC 9112 §2.2 one LF without CR", requestHead().replace("\r\nUpgrade", "\nUpgrade"), 400],
    ["RFC 9112 §2.2 CR without LF", requestHead().replace("\r\nUpgrade", "\rUpgrade"), 400],
    ["RFC 9112 §5.1 a blank before the colon", requestHead("/", "X : 1"), 400],
    ["RFC 9112 §5.2 a folded line", requestHead("/", "X: 1", " 2"), 400],
    ["RFC 9110 §5.5 NUL in a value", requestHead("/", "X: \0"), 400],
    ["RFC 9110 §5.5 a control in a value", requestHead("/", "X: \x07"), 400],
    ["RFC 9110 §5.6.2 a name that is no token", requestHead("/", "X[]: 1"), 400],
    ["a line without colon", requestHead("/", "X"), 400],
    ["a line without name", requestHead("/", ": 1"), 400],
    ["RFC 9112 §3 a method that is no token", requestHead().replace("GET", "G(T"), 400],
    ["RFC 9112 §3 two spaces", requestHead().replace("GET ", "GET  "), 400],
    ["RFC 9112 §3 no version", requestHead().replace(" HTTP/1.1", ""), 400],
    ["RFC 9112 §2.3 a version in lower case", requestHead().replace("HTTP", "http"), 400],
    ["an empty first line", `\r\n${requestHead()}`, 400],
    ["RFC 9110 §9.1 a method in lower case", requestHead().replace("GET", "get"), 405],
    ["RFC 9112 §3.2.2 a URL of another host", requestHead("http://evil.test/"), 400],
    ["a fragment", requestHead("/#x"), 400],
    ["a plain one with LF", headOf("GET / HTTP/1.1", ["Host: x"]).replaceAll("\r\n", "\n"), 400],
  ];

  test.each(grammar)("%s", async (_name, bytes, status) => {
    const port = await startWith(() => expect.unreachable());
    // Behind an LF the head does not end before the client does.
    const client = new RawClient(port);
    client.socket.end(Buffer.from(bytes, "latin1"));
    await client.ended;
    expect(client.answer().status).toBe(status);
  });

  test("RFC 9112 §2.3 HTTP/1.9 is read like 1.1, and 2.0 is not supported", async () => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.write(requestHead().replace("HTTP/1.1", "HTTP/1.9"));
    expect((await client.head()).status).toBe(101);
    await client.hangUp();
    expect((await request(port, requestHead().replace("HTTP/1.1", "HTTP/2.0"))).status).toBe(505);
  });
});

describe("bounds", () => {
  test.each([
    ["lineBytesMax", 100, 431],
    ["headBytesMax", 300, 431],
  ])("%s: n are accepted, n + 1 is answered", async (name, bound, status) => {
    const { port } = await startServer({ limits: { [name]: bound } });
    const spare = name === "lineBytesMax" ? bound - 3 : bound - requestHead("/", "X: ").length;
    const client = new RawClient(port);
    client.write(requestHead("/", `X: ${"x".repeat(spare)}`));
    expect((await client.head()).status).toBe(101);
    await client.hangUp();
    const answer = await request(port, requestHead("/", `X: ${"x".repeat(spare + 1)}`));
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(`${name} (${bound} bytes)`);
  });

  test("lineBytesMax holds for the request line as well: 414", async () => {
    const { port } = await startServer({ limits: { lineBytesMax: 100 } });
    expect((await request(port, requestHead(`/${"x".repeat(100)}`))).status).toBe(414);
  });

  test("handshakeTimeoutMs: who sends nothing, or not all, is answered 408; who is open stays", async () => {
    const { port, server, url } = await startServer({ limits: { handshakeTimeoutMs: 100 } });
    await openClient(url);
    const silent = new RawClient(port);
    const slow = new RawClient(port);
    slow.write(requestHead().slice(0, -1));
    await Promise.all([silent.ended, slow.ended]);
    for (const client of [silent, slow]) {
      expect(client.answer().status).toBe(408);
      expect(client.answer().body).toContain("handshakeTimeoutMs");
    }
    expect(server.connections.size).toBe(1);
    // The timer stops when nobody waits, and starts again.
    const next = new RawClient(port);
    await next.ended;
    expect(next.answer().status).toBe(408);
  });

  test("a client that ends before its head does is answered 400, one that sent nothing is let go", async () => {
    const { port } = await startServer();
    const early = new RawClient(port);
    early.socket.end(requestHead().slice(0, -1));
    await early.ended;
    expect(early.answer().status).toBe(400);
    const silent = new RawClient(port);
    silent.socket.end();
    await silent.ended;
    expect([silent.received.length, silent.error]).toEqual([0, undefined]);
  });
});

test("a reset at every byte leaves no count behind", async () => {
  const gone = new Channel<void>();
  const { server, port } = await startServer({ handlers: { close: () => gone.put() } });
  const head = requestHead();
  for (let length = 0; length <= head.length; length++) {
    const client = new RawClient(port);
    await client.connected;
    await new Promise<void>((resolve) =>
      client.socket.write(head.slice(0, length), () => {
        client.reset();
        resolve();
      }),
    );
  }
  const last = new RawClient(port);
  last.write(requestHead());
  await last.head();
  await last.hangUp();
  while (server.connections.size > 0) await gone.take();
  expect(server.connections.pending).toBe(0);
});

describe("UpgradeRequest.message", () => {
  const LINES = [
    "Host: localhost",
    ...UPGRADE_LINES,
    "Cookie: a=1",
    "cookie: b=2",
    "X-Twice: 1",
    "x-twice:  2 ",
    "Set-Cookie: a",
    "Set-Cookie: b",
    "User-Agent: one",
    "User-Agent: two",
    "__proto__: x",
    "X-Latin: \xe9",
  ];

  async function messageOf(open: (server: WebSocketServer<object>) => Promise<number>) {
    const seen = new Channel<IncomingMessage>();
    const options: WebSocketServerOptions<object> = {
      authenticate: (upgrade) => {
        expect(upgrade.message).toBe(upgrade.message);
        seen.put(upgrade.message);
        return {};
      },
    };
    const server = new WebSocketServer(options);
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const client = new RawClient(await open(server));
    client.write(headOf("GET /path?a=1 HTTP/1.1", LINES));
    const message = await seen.take();
    await client.hangUp();
    return message;
  }

  test("on the own port is what node:http would have made of the request", async () => {
    const ours = await messageOf(async (server) => (await server.listen()).port);
    const theirs = await messageOf(async (server) => {
      const { http, port } = await startHttp();
      server.attach(http);
      return port;
    });
    for (const name of [
      "method",
      "url",
      "httpVersion",
      "httpVersionMajor",
      "httpVersionMinor",
      "rawHeaders",
      "headers",
      "headersDistinct",
      "trailers",
    ] as const) {
      expect(ours[name], name).toEqual(theirs[name]);
    }
    expect(ours.headers["sec-websocket-key"]).toBe(KEY);
    expect(ours.headers.cookie).toBe("a=1; b=2");
    expect(ours.socket.remotePort).toBeTypeOf("number");
    // It has no body, which middleware may wait for.
    expect(ours.complete).toBe(true);
    for await (const _chunk of ours) expect.unreachable();
  });
});
