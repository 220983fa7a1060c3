import { createHash } from "node:crypto";
import { once } from "node:events";
import { createServer, type IncomingMessage, request } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { Connection, type DeflateParameters, type DeflateSession } from "@tidewire/ws-protocol";
import { describe, expect, it } from "vitest";
import WebSocket, { WebSocketServer } from "ws";
import { arena, nodePlatform } from "../../src/node-platform.js";
import { createRandom, createText, NO_TAKEOVER, openPair, TAKEOVER, WAYS } from "./session-kit.js";

const GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
const SIZES = [0, 1, 1023, 1024, 5000, 16_384, 70_000, 1_000_000, 2000];

/** Our end of the wire: a connection over a socket, and a place to wait for its messages. */
function connect(
  role: "server" | "client",
  socket: Socket,
  deflate: DeflateSession,
  onMessage: (data: string | Uint8Array) => void,
): Connection {
  const flush = (): void => {
    const output = connection.takeOutput();
    for (const chunk of output === undefined ? [] : [output].flat()) {
      socket.write(Buffer.from(chunk));
    }
  };
  const connection = new Connection(
    { role, platform: nodePlatform, arena, deflate },
    {
      onMessage: (data) => {
        onMessage(data);
        queueMicrotask(flush);
      },
      onPiece: () => {},
      onPing: () => {},
      onPong: () => {},
      onClose: () => {},
      onFault: (fault) => socket.destroy(new Error(fault.detail)),
      onReady: flush,
    },
    0,
  );
  socket.on("data", (chunk) => {
    connection.receive(chunk, 0);
    flush();
  });
  socket.on("error", () => {});
  socket.on("end", () => socket.destroy());
  return connection;
}

function header(parameters: DeflateParameters): string {
  const names = ["permessage-deflate"];
  if (parameters.serverNoContextTakeover) names.push("server_no_context_takeover");
  if (parameters.clientNoContextTakeover) names.push("client_no_context_takeover");
  return names.join("; ");
}

describe.each(WAYS)("against ws, %s", (_, budgetOptions, options) => {
  it.each([
    ["with context takeover", TAKEOVER],
    ["without context takeover", NO_TAKEOVER],
  ])("§7.2 a server of ws gives back what our client sends, %s", async (_title, parameters) => {
    const server = new WebSocketServer({ port: 0, perMessageDeflate: true });
    server.on("connection", (peer) => {
      peer.on("message", (data: Buffer, isBinary) => peer.send(data, { binary: isBinary }));
    });
    await once(server, "listening");
    const { port } = server.address() as AddressInfo;
    const upgrade = request({
      port,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
        "sec-websocket-extensions": header(parameters),
      },
    }).end();
    const [answer, socket] = (await once(upgrade, "upgrade")) as [IncomingMessage, Socket];
    expect(answer.headers["sec-websocket-extensions"]).toBe(header(parameters));
    const pair = openPair(parameters, budgetOptions, options);
    const texts = SIZES.map((size, index) => createText(size, createRandom(index)));
    const received: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      socket.on("close", () => reject(new Error("closed")));
      const connection = connect("client", socket, pair.client, (data) => {
        received.push(Buffer.from(data as string));
        if (received.length === texts.length) resolve();
      });
      for (const [index, text] of texts.entries()) {
        if (index % 2 === 0) connection.sendText(text.toString());
        else connection.sendBinary(text);
      }
      const output = connection.takeOutput();
      for (const chunk of output === undefined ? [] : [output].flat()) {
        socket.write(Buffer.from(chunk));
      }
    });
    for (const [index, text] of texts.entries()) expect(received[index]!.equals(text)).toBe(true);
    socket.destroy();
    pair.close();
    for (const peer of server.clients) peer.terminate();
    server.close();
    await once(server, "close");
  });

  it.each([
    ["with context takeover", TAKEOVER],
    ["without context takeover", NO_TAKEOVER],
  ])("§7.2 a client of ws gets back from our server what it sent, %s", async (_, parameters) => {
    const pair = openPair(parameters, budgetOptions, options);
    const server = createServer();
    server.on("upgrade", (head: IncomingMessage, socket: Socket) => {
      const key = head.headers["sec-websocket-key"]!;
      const accept = createHash("sha1").update(`${key}${GUID}`).digest("base64");
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: ${accept}\r\nSec-WebSocket-Extensions: ${header(parameters)}\r\n\r\n`,
      );
      const connection = connect("server", socket, pair.server, (data) => {
        if (typeof data === "string") connection.sendText(data);
        else connection.sendBinary(data);
      });
    });
    await once(server.listen(0), "listening");
    const { port } = server.address() as AddressInfo;
    const client = new WebSocket(`ws://127.0.0.1:${port}`, {
      perMessageDeflate: { threshold: 0, zlibDeflateOptions: { level: 6 } },
    });
    await once(client, "open");
    const texts = SIZES.map((size, index) => createText(size, createRandom(index)));
    const received: Buffer[] = [];
    await new Promise<void>((resolve, reject) => {
      client.on("error", reject);
      client.on("close", () => reject(new Error("closed")));
      client.on("message", (data: Buffer) => {
        received.push(data);
        if (received.length === texts.length) resolve();
      });
      for (const [index, text] of texts.entries()) client.send(text, { binary: index % 2 === 1 });
    });
    for (const [index, text] of texts.entries()) expect(received[index]!.equals(text)).toBe(true);
    client.removeAllListeners("close");
    client.terminate();
    server.close();
    server.closeAllConnections();
    await once(server, "close");
    pair.close();
    expect(pair.budget.memoryBytes).toBe(0);
  });
});
