/** Every way into a server leads through the same gate. */

import { createServer as createSecureServer } from "node:https";
import type { AddressInfo } from "node:net";
import { connect as connectTls } from "node:tls";
import { certificate } from "@tidewire/test-support";
import { WebSocketServer, type WebSocketServerOptions } from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { headOf, request, requestHead, UPGRADE_LINES } from "./raw-client.js";
import { startHttp } from "./started.js";

const options: WebSocketServerOptions<object> = {
  path: "/chat",
  hosts: ["localhost"],
  subprotocols: ["chat"],
  requireSubprotocol: true,
  authenticate: ({ headers }) => (headers.has("Authorization") ? {} : false),
};

const OFFER = "Sec-WebSocket-Protocol: chat";
const AUTHORIZED = "Authorization: Bearer x";

/** What a gate must stop, each with all the rest in order. */
const hostile: [name: string, bytes: string, status: number][] = [
  ["another path", requestHead("/other", OFFER, AUTHORIZED), 404],
  ["a foreign page", requestHead("/chat", OFFER, AUTHORIZED, "Origin: http://evil.test"), 403],
  ["a page without origin", requestHead("/chat", OFFER, AUTHORIZED, "Origin: null"), 403],
  [
    "DNS rebinding",
    headOf("GET /chat HTTP/1.1", [
      "Host: evil.test",
      "Origin: http://evil.test",
      OFFER,
      AUTHORIZED,
      ...UPGRADE_LINES,
    ]),
    421,
  ],
  ["no subprotocol", requestHead("/chat", AUTHORIZED), 400],
  ["nobody", requestHead("/chat", OFFER), 403],
  ["a wrong method", requestHead("/chat", OFFER, AUTHORIZED).replace("GET", "POST"), 405],
];

type Door = (server: WebSocketServer<object>) => Promise<number>;

const doors: Record<string, Door> = {
  "its own port": async (server) => (await server.listen({ host: "127.0.0.1" })).port,
  "an HTTP server": async (server) => {
    const { http, port } = await startHttp();
    server.attach(http);
    return port;
  },
  "an HTTP server shared with other listeners": async (server) => {
    const { http, port } = await startHttp();
    http.on("upgrade", (message, netSocket) => {
      if (message.url === "/other") netSocket.end("HTTP/1.1 404 Not Found\r\n\r\n");
    });
    server.attach(http);
    return port;
  },
  "upgrade by hand": async (server) => {
    const { http, port } = await startHttp();
    http.on("upgrade", (message, socket, head) => server.upgrade(message, socket, head));
    return port;
  },
  "handleUpgrade by hand": async (server) => {
    const { http, port } = await startHttp();
    http.on("upgrade", (message, socket, head) => {
      void server.handleUpgrade(message, socket, head);
    });
    return port;
  },
};

describe.each(Object.entries(doors))("§10.2 through %s", (_name, open) => {
  test.each(hostile)("%s is stopped", async (_what, bytes, status) => {
    const server = new WebSocketServer(options);
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const port = await open(server);
    expect((await request(port, bytes)).status).toBe(status);
    expect(server.connections.size).toBe(0);
  });
});

test("§10.6 an HTTPS server that exists makes wss:, and only https pages have its origin", async () => {
  const { key, cert } = certificate();
  const https = createSecureServer({ key, cert });
  await new Promise<void>((resolve) => https.listen(0, "127.0.0.1", resolve));
  const { port } = https.address() as AddressInfo;
  onTestFinished(() => new Promise<void>((resolve) => https.close(() => resolve())));
  const server = new WebSocketServer();
  server.attach(https);
  const statusFor = (origin: string): Promise<string> =>
    new Promise((resolve) => {
      const socket = connectTls({ port, host: "127.0.0.1", ca: cert }, () =>
        socket.write(requestHead("/", `Origin: ${origin}`)),
      );
      socket.once("data", (chunk: Buffer) => {
        resolve(chunk.toString().slice(9, 12));
        socket.destroy();
      });
    });
  expect(await statusFor("https://localhost")).toBe("101");
  expect(await statusFor("http://localhost")).toBe("403");
  await server.close();
});

test("a request whose socket is gone already opens nothing", async () => {
  const { http, port } = await startHttp();
  const server = new WebSocketServer();
  const result = new Promise((resolve) => {
    http.on("upgrade", (message, netSocket, head) => {
      netSocket.destroy();
      netSocket.once("close", () => resolve(server.handleUpgrade(message, netSocket, head)));
    });
  });
  await request(port, requestHead());
  expect(await result).toBeUndefined();
  expect(server.connections.size + server.connections.pending).toBe(0);
});
