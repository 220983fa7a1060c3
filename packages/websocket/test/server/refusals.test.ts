/** Requests byte by byte as they come, and what each of them is answered. */

import { connect } from "node:net";
import { WebSocketServer } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";
import {
  ACCEPT,
  headOf,
  KEY,
  RawClient,
  request,
  requestHead,
  UPGRADE_LINES,
} from "./raw-client.js";
import { startHttp, startServer } from "./started.js";

const LINES = ["Host: localhost", ...UPGRADE_LINES];

function without(name: string): string {
  return headOf(
    "GET / HTTP/1.1",
    LINES.filter((line) => !line.startsWith(`${name}:`)),
  );
}

function replaced(name: string, ...lines: string[]): string {
  return headOf(
    "GET / HTTP/1.1",
    LINES.flatMap((line) => (line.startsWith(`${name}:`) ? lines : [line])),
  );
}

describe("a request that breaks the rules is refused with the right status", () => {
  test.each([
    ["§4.2.1 no Upgrade", without("Upgrade"), 426, "Upgrade header"],
    ["§4.2.1 no Connection", without("Connection"), 426, "Upgrade header"],
    ["§4.2.1 no Host", without("Host"), 400, ""],
    ["§4.2.1 no key", without("Sec-WebSocket-Key"), 400, "Sec-WebSocket-Key"],
    ["§4.2.1 no version", without("Sec-WebSocket-Version"), 426, "version 13"],
    ["§4.2.1 POST", headOf("POST / HTTP/1.1", LINES), 405, "GET"],
    ["§4.2.1 HEAD", headOf("HEAD / HTTP/1.1", LINES), 405, ""],
    ["§4.2.1 HTTP/1.0", headOf("GET / HTTP/1.0", LINES), 505, "HTTP/1.1"],
    ["§4.2.2 version 8", replaced("Sec-WebSocket-Version", "Sec-WebSocket-Version: 8"), 426, "13"],
    [
      "§4.1 key of 20 bytes",
      replaced("Sec-WebSocket-Key", "Sec-WebSocket-Key: BOq0IliaPZlnbMHEBYtdjmKIL38="),
      400,
      "16 random bytes",
    ],
    [
      "§4.1 key without padding",
      replaced("Sec-WebSocket-Key", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ"),
      400,
      "16 random bytes",
    ],
    [
      "two keys",
      replaced("Sec-WebSocket-Key", `Sec-WebSocket-Key: ${KEY}`, `Sec-WebSocket-Key: ${KEY}`),
      400,
      "more than once",
    ],
    [
      "two versions",
      replaced("Sec-WebSocket-Version", "Sec-WebSocket-Version: 13", "Sec-WebSocket-Version: 13"),
      400,
      "more than once",
    ],
    ["two hosts", replaced("Host", "Host: a.test", "Host: b.test"), 400, ""],
    [
      "two origins",
      requestHead("/", "Origin: http://localhost", "Origin: http://localhost"),
      400,
      "more than once",
    ],
    ["a host that is none", replaced("Host", "Host: a.test, b.test"), 400, "Host"],
    ["an Upgrade list that is none", replaced("Upgrade", "Upgrade: websocket h2c"), 400, "Upgrade"],
    ["a body", requestHead("/", "Content-Length: 5"), 400, "body"],
    ["a chunked body", requestHead("/", "Transfer-Encoding: chunked"), 400, "body"],
    [
      "§11.3.4 a subprotocol twice",
      requestHead("/", "Sec-WebSocket-Protocol: a, a"),
      400,
      "same subprotocol twice",
    ],
    [
      "§9.1 an extension against the grammar",
      requestHead("/", "Sec-WebSocket-Extensions: a b"),
      400,
      "Sec-WebSocket-Extensions",
    ],
    [
      "33 subprotocols",
      requestHead(
        "/",
        `Sec-WebSocket-Protocol: ${Array.from({ length: 33 }, (_, i) => `p${i}`).join(",")}`,
      ),
      431,
      "subprotocolsMax",
    ],
    [
      "101 header lines",
      requestHead("/", ...Array.from({ length: 96 }, (_, i) => `X-${i}: 1`)),
      431,
      "headerLinesMax",
    ],
    [
      "101 header lines of one name",
      requestHead("/", ...Array.from({ length: 96 }, () => "X: 1")),
      431,
      "headerLinesMax",
    ],
    [
      "2,500 header lines",
      requestHead("/", ...Array.from({ length: 2500 }, () => "X:1")),
      431,
      "headerLinesMax",
    ],
    [
      "2,500 header lines in front",
      headOf("GET / HTTP/1.1", [...Array.from({ length: 2500 }, () => "X:1"), ...LINES]),
      431,
      "headerLinesMax",
    ],
    ["a head of 20 KiB", requestHead("/", `X: ${"x".repeat(20_480)}`), 431, ""],
    ["§10.2 a foreign origin", requestHead("/", "Origin: http://evil.test"), 403, "origins"],
    ["§10.2 the origin null", requestHead("/", "Origin: null"), 403, "origins"],
    ["§10.2 an empty origin", requestHead("/", "Origin:"), 403, "origins"],
    [
      "§10.2 localhost on another port",
      requestHead("/", "Origin: http://localhost:3000"),
      403,
      "trustProxy",
    ],
    ["not HTTP", "\u0016\u0003\u0001\u0002\u0000\u0001\u0000\r\n\r\n", 400, ""],
  ])("%s", async (_name, bytes, status, body) => {
    const { server, port } = await startServer();
    const answer = await request(port, bytes);
    expect(answer.status).toBe(status);
    expect(answer.body).toContain(body);
    expect(server.connections.size).toBe(0);
  });

  test("§4.2.2 a refused version names the one that is spoken", async () => {
    const { port } = await startServer();
    const answer = await request(
      port,
      replaced("Sec-WebSocket-Version", "Sec-WebSocket-Version: 7"),
    );
    expect(answer.headers.get("sec-websocket-version")).toBe("13");
    expect(answer.headers.get("upgrade")).toBe("websocket");
    expect(answer.headers.get("connection")).toContain("close");
  });

  test("§4.2.1 another method is told which one is allowed", async () => {
    const { port } = await startServer();
    const answer = await request(port, headOf("PUT / HTTP/1.1", LINES));
    expect(answer.headers.get("allow")).toBe("GET");
  });

  test("§7.2.2 a refused handshake closes the connection, also of a client that does not", async () => {
    const { http, port } = await startHttp();
    const closed = new Promise((resolve) =>
      http.on("connection", (socket) => socket.once("close", resolve)),
    );
    const server = new WebSocketServer({ path: "/chat" });
    server.attach(http);
    const client = connect({ port, host: "127.0.0.1", allowHalfOpen: true });
    client.write(requestHead("/other"));
    client.resume();
    await new Promise((resolve) => client.once("end", resolve));
    // Our end of the stream stays open; the server does not wait for it for ever.
    await closed;
    client.destroy();
    await server.close();
  });

  test("§4.2.2 another path is answered 404", async () => {
    const { port } = await startServer({ path: "/chat" });
    for (const path of ["/", "/chat/", "/Chat", "/chatter", "//chat", "/%63hat"]) {
      expect((await request(port, requestHead(path))).status, path).toBe(404);
    }
    const client = new RawClient(port);
    client.write(requestHead("/chat?room=1"));
    expect((await client.head()).status).toBe(101);
    await client.hangUp();
  });

  test("a host that is not served is answered 421", async () => {
    const { port } = await startServer({ hosts: ["example.org", "other.test:8080", "[::1]"] });
    const asks = async (host: string): Promise<number> => {
      const client = new RawClient(port);
      client.write(headOf("GET / HTTP/1.1", [`Host: ${host}`, ...UPGRADE_LINES]));
      const { status } = await client.head();
      await client.hangUp();
      return status;
    };
    for (const host of ["example.org", "EXAMPLE.org:1234", "other.test:8080", "[::1]:9000"]) {
      expect(await asks(host), host).toBe(101);
    }
    // The name of an attacker that points to this machine: DNS rebinding.
    for (const host of [
      "evil.test",
      "example.org.evil.test",
      "other.test",
      "other.test:80",
      "[::2]",
    ]) {
      expect(await asks(host), host).toBe(421);
    }
  });

  test("no subprotocol in common is answered 400 where one is required", async () => {
    const { port } = await startServer({ subprotocols: ["a", "b"], requireSubprotocol: true });
    const answer = await request(port, requestHead("/", "Sec-WebSocket-Protocol: c"));
    expect(answer.status).toBe(400);
    expect(answer.body).toContain("Offer one of: a, b.");
    expect((await request(port, requestHead())).status).toBe(400);
  });
});

describe("header lines in any order and form", () => {
  test("§4.2.1 every order of the header lines is accepted", async () => {
    const { port } = await startServer();
    for (const lines of permutations(LINES)) {
      const client = new RawClient(port);
      client.write(headOf("GET / HTTP/1.1", lines));
      const { status, headers } = await client.head();
      expect(status, lines.join()).toBe(101);
      expect(headers.get("sec-websocket-accept")).toBe(ACCEPT);
      await client.hangUp();
    }
  });

  test("every header line left out is a refusal, and the server goes on", async () => {
    const { port } = await startServer();
    for (const line of LINES) {
      const { status } = await request(port, without(line.slice(0, line.indexOf(":"))));
      expect([400, 426], line).toContain(status);
    }
  });

  test.each([
    [
      "names and values in capitals",
      LINES.map((line) =>
        line.includes("Key") ? line.toLowerCase().replace(/:.*/, `: ${KEY}`) : line.toUpperCase(),
      ),
    ],
    [
      "lists with other elements",
      replaceAll({
        Upgrade: "Upgrade: h2c, WebSocket",
        Connection: "Connection: keep-alive, Upgrade",
      }),
    ],
    [
      "lists over several lines",
      replaceAll({ Connection: "Connection: keep-alive\r\nConnection: upgrade" }),
    ],
    [
      "blanks around values",
      replaceAll({ Upgrade: "Upgrade:   websocket  ", Host: "Host:\tlocalhost " }),
    ],
    ["an absolute URL", LINES, "GET http://localhost/chat HTTP/1.1"],
    ["no Origin, as other programs have it", LINES],
    ["an Origin of the same host", [...LINES, "Origin: http://localhost"]],
  ])("§4.2.1 %s", async (_name, lines, requestLine = "GET / HTTP/1.1") => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.write(headOf(requestLine, lines));
    const { status, headers } = await client.head();
    expect(status).toBe(101);
    expect(headers.get("sec-websocket-accept")).toBe(ACCEPT);
    await client.hangUp();
  });

  test("a request that comes byte by byte is read like any other", async () => {
    const { port } = await startServer();
    const client = new RawClient(port);
    client.socket.setNoDelay(true);
    for (const byte of requestHead()) client.write(byte);
    expect((await client.head()).status).toBe(101);
    await client.hangUp();
  });

  test("lines that Node drops above its own bound are missed: 431, not an Origin unseen", async () => {
    const { http, port } = await startHttp();
    http.maxHeadersCount = 20;
    const server = new WebSocketServer();
    server.attach(http);
    const filler = Array.from({ length: 40 }, (_, index) => `X-${index}: 1`);
    const evil = headOf("GET / HTTP/1.1", [...LINES, ...filler, "Origin: http://evil.test"]);
    expect((await request(port, evil)).status).toBe(431);
    await server.close();
  });

  test("the bound of lines holds at n and n + 1 on a server that exists", async () => {
    const { http, port } = await startHttp();
    const server = new WebSocketServer({ limits: { headerLinesMax: 10 } });
    server.attach(http);
    const filler = (count: number): string[] => Array.from({ length: count }, () => "X: 1");
    const client = new RawClient(port);
    client.write(requestHead("/", ...filler(5)));
    expect((await client.head()).status).toBe(101);
    await client.hangUp();
    expect((await request(port, requestHead("/", ...filler(6)))).status).toBe(431);
    await server.close();
  });
});

function replaceAll(replacements: Record<string, string>): string[] {
  return LINES.map((line) => replacements[line.slice(0, line.indexOf(":"))] ?? line);
}

function* permutations<T>(items: readonly T[]): Generator<T[]> {
  if (items.length === 0) yield [];
  for (const [index, item] of items.entries()) {
    const rest = [...items.slice(0, index), ...items.slice(index + 1)];
    for (const tail of permutations(rest)) yield [item, ...tail];
  }
}
