/** What the suites that also run over `directIo` do not show: where it is used, and the end of it. */

import { mkdtempSync, rmSync } from "node:fs";
import { createServer, type Server as HttpServer } from "node:http";
import { connect as connectTcp, type Socket as NetSocket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  connect,
  type ListenOptions,
  type ServerWebSocket,
  type Socket,
  type UpgradeRequest,
  WebSocketServer,
} from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { DirectChannel } from "../../src/direct/direct-channel.js";
import { clientFrame, RawClient, requestHead } from "../server/raw-client.js";
import { Channel, startHttp, startServer } from "../server/started.js";
import { certificate, privateKey } from "../support/certificate.js";
import { openPair, until } from "../support/pairs.js";

const DIRECT = { directIo: true, perMessageDeflate: false } as const;
const MIB = 1024 * 1024;

function isDirect(socket: Socket): boolean {
  return (socket as unknown as { channel: unknown }).channel instanceof DirectChannel;
}

/** A server with an open socket of a client that reads and writes bytes. */
async function openRaw(given: Parameters<typeof startServer>[0] = {}) {
  const opened = new Channel<ServerWebSocket>();
  const reports: unknown[] = [];
  const started = await startServer({
    directIo: true,
    ...given,
    handlers: {
      message: (_socket, data) => reports.push(data),
      error: (_socket, error) => reports.push((error as NodeJS.ErrnoException).code),
      close: (_socket, code) => reports.push(code),
      ...given.handlers,
      open: opened.put as never,
    },
  });
  const client = new RawClient(started.port);
  client.write(requestHead());
  await client.head();
  return { ...started, client, socket: await opened.take(), reports };
}

async function startEcho(listen: ListenOptions) {
  const server = new WebSocketServer({
    directIo: true,
    handlers: { message: (socket, data) => void socket.send(data) },
  });
  const { port } = await server.listen(listen);
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  return { server, port };
}

function countConnections(http: HttpServer): Promise<number> {
  return new Promise((resolve, reject) =>
    http.getConnections((error, count) => (error === null ? resolve(count) : reject(error))),
  );
}

describe("where it is used", () => {
  test("at both ends, with messages of every size", async () => {
    const { client, server } = await openPair(DIRECT, {
      directIo: true,
      handlers: { message: (socket, data) => void socket.send(data) },
    });
    await until(() => isDirect(client));
    expect(isDirect(server)).toBe(true);
    client.binaryType = "uint8array";
    const received = new Channel<unknown>();
    client.onmessage = ({ data }) => received.put(data);
    for (const length of [0, 1, 125, 4096, 4097, 65_536, 200_000, MIB]) {
      const bytes = Buffer.alloc(length, `${length} bytes `);
      client.send(bytes);
      expect(bytes.equals((await received.take()) as Uint8Array)).toBe(true);
      client.send("é".repeat(length >> 1));
      expect((await received.take()) === "é".repeat(length >> 1)).toBe(true);
    }
    expect(client.remoteAddress).toBe("127.0.0.1");
    expect(server.remotePort).toBeGreaterThan(0);
    expect(server.encrypted).toBe(false);
    client.close(1000);
    expect(await client.closed).toMatchObject({ code: 1000, wasClean: true });
    expect(await server.closed).toMatchObject({ code: 1000, wasClean: true });
    expect(client.remoteAddress).toBe("127.0.0.1");
  });

  test("on a Unix socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "tidewire-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const socketPath = join(folder, "s");
    const { server } = await startEcho({ socketPath });
    const client = await connect(`ws+unix:${socketPath}:/`, DIRECT);
    onTestFinished(() => client.terminate());
    const [socket] = server.connections;
    await until(() => isDirect(client));
    expect(isDirect(socket!)).toBe(true);
    const answer = new Channel<unknown>();
    client.onmessage = ({ data }) => answer.put(data);
    client.send("over a path");
    expect(await answer.take()).toBe("over a path");
  });

  test("not over TLS", async () => {
    const { server, port } = await startEcho({
      host: "127.0.0.1",
      tls: { cert: certificate, key: privateKey },
    });
    const client = await connect(`wss://localhost:${port}/`, {
      ...DIRECT,
      tls: { ca: certificate },
    });
    onTestFinished(() => client.terminate());
    const [socket] = server.connections;
    expect(server.usesDirectIo).toBe(true);
    const answer = new Channel<unknown>();
    client.onmessage = ({ data }) => answer.put(data);
    client.send("encrypted");
    expect(await answer.take()).toBe("encrypted");
    expect([client, socket!].map(isDirect)).toEqual([false, false]);
  });

  test("not where somebody else listens to the socket, who goes on hearing it", async () => {
    const events: string[] = [];
    const opened = new Channel<ServerWebSocket>();
    const { port } = await startServer<object>({
      directIo: true,
      authenticate: ({ message: { socket } }: UpgradeRequest) => {
        socket.prependListener("data", (chunk: Buffer) => events.push(`${chunk.length} bytes`));
        socket.once("close", () => events.push("close"));
        return {};
      },
      handlers: { open: opened.put as never },
    });
    const client = new RawClient(port);
    client.write(requestHead());
    await client.head();
    const socket = await opened.take();
    expect(isDirect(socket)).toBe(false);
    client.write(clientFrame(0x81, "x"));
    await until(() => events.length > 0);
    await client.hangUp();
    await until(() => events.includes("close"));
    expect(events).toEqual(["7 bytes", "close"]);
  });

  test("not while the kernel has not taken what `open` sent", async () => {
    const { port, server } = await startServer({
      directIo: true,
      handlers: { open: (socket) => void socket.send(new Uint8Array(12 * MIB)) },
    });
    const client = connectTcp(port, "127.0.0.1");
    onTestFinished(() => void client.destroy());
    client.write(requestHead());
    await until(() => server.connections.size === 1);
    const [socket] = server.connections;
    expect(isDirect(socket!)).toBe(false);
    let bytes = 0;
    client.on("data", (chunk) => {
      bytes += chunk.length;
    });
    await until(() => bytes > 12 * MIB && socket!.bufferedAmount === 0);
  });
});

describe("the memory that all sockets read into", () => {
  test("is no part of any message when the next socket is read from", async () => {
    const kept: [string, Uint8Array][] = [];
    const { port } = await startServer({
      directIo: true,
      limits: { connectionsPerAddressMax: 100 },
      handlers: {
        message: (socket, data) => void kept.push([socket.url, data as Uint8Array]),
      },
    });
    const clients = Array.from({ length: 20 }, () => new RawClient(port));
    const payloadOf = (index: number): Buffer => Buffer.alloc(5000, `${index};`);
    for (const [index, client] of clients.entries()) {
      client.write(requestHead(`/${index}`));
      await client.head();
    }
    for (let round = 0; round < 5; round++) {
      for (const [index, client] of clients.entries()) {
        client.write(clientFrame(0x82, payloadOf(index)));
      }
    }
    await until(() => kept.length === 100);
    for (const [url, bytes] of kept) {
      expect(payloadOf(Number(url.slice(1))).equals(bytes)).toBe(true);
    }
    for (const client of clients) await client.hangUp();
  });
});

describe("a peer that does not read", () => {
  const messages = 12;
  const frameBytes = MIB + 10;

  test("makes `send` wait, and gets everything in order when it does", async () => {
    const drained = new Channel<void>();
    const { client, socket } = await openRaw({ handlers: { drain: () => drained.put() } });
    client.socket.pause();
    let room: Promise<void> | undefined;
    for (let index = 0; index < messages; index++) {
      room = socket.send(Buffer.alloc(MIB, index));
    }
    expect(room).toBeInstanceOf(Promise);
    expect(socket.bufferedAmount).toBeGreaterThan(MIB);
    socket.send("last");
    client.socket.resume();
    await room;
    await drained.take();
    const body = await client.bodyBytes(messages * frameBytes + 6);
    expect(body.subarray(-4).toString()).toBe("last");
    for (let index = 0; index < messages; index++) {
      const payload = body.subarray(index * frameBytes + 10, (index + 1) * frameBytes);
      expect(payload.equals(Buffer.alloc(MIB, index))).toBe(true);
    }
    expect(socket.bufferedAmount).toBe(0);
    await client.hangUp();
  });

  test.each([
    ["resets", (client: RawClient) => client.reset()],
    ["is cut off", (_: RawClient, socket: ServerWebSocket) => socket.terminate()],
  ])(
    "and %s in mid-write ends the connection once, and what was lost stays counted",
    async (_, end) => {
      const { client, socket, reports, server } = await openRaw();
      client.socket.pause();
      const room = socket.send(new Uint8Array(8 * MIB))!;
      const lost = socket.bufferedAmount;
      expect(lost).toBeGreaterThan(0);
      end(client, socket);
      await expect(room).rejects.toThrow("closed");
      expect(await socket.closed).toMatchObject({ code: 1006 });
      expect(reports.at(-1)).toBe(1006);
      expect(reports.filter((report) => report === 1006)).toHaveLength(1);
      expect(socket.bufferedAmount).toBeGreaterThanOrEqual(lost);
      expect(server.connections.size).toBe(0);
      client.socket.resume();
      await client.hangUp();
    },
  );

  test("is told of the end behind everything else", async () => {
    const { client, socket } = await openRaw();
    client.socket.pause();
    socket.send(new Uint8Array(4 * MIB));
    socket.close(1000);
    client.socket.resume();
    const body = await client.bodyBytes(4 * MIB + 10 + 4);
    expect(body.subarray(-4).toString("hex")).toBe("880203e8");
    client.write(clientFrame(0x88, Uint8Array.of(3, 232)));
    await client.ended;
    expect(await socket.closed).toMatchObject({ code: 1000, wasClean: true });
  });
});

describe("the peer's side", () => {
  test("may end behind its messages, which are delivered first", async () => {
    const { client, socket, reports } = await openRaw();
    client.socket.end(Buffer.concat([clientFrame(0x81, "one"), clientFrame(0x81, "two")]));
    expect(await socket.closed).toMatchObject({ code: 1006, wasClean: false });
    expect(reports).toEqual(["one", "two", 1006]);
    await client.ended;
  });

  test("may end while nobody reads: what came before is delivered on resume", async () => {
    const { client, socket, reports } = await openRaw({
      handlers: {
        message: (one, data) => {
          reports.push(data);
          one.pause();
        },
      },
    });
    const count = 3;
    const frames = Array.from({ length: count }, (_, index) => clientFrame(0x81, `${index}`));
    client.socket.end(Buffer.concat(frames));
    for (let taken = 1; taken <= count; taken++) {
      await until(() => reports.length === taken);
      expect(reports).toEqual(Array.from({ length: taken }, (_, index) => `${index}`));
      socket.resume();
    }
    await socket.closed;
    expect(reports).toEqual(["0", "1", "2", 1006]);
  });

  test("waits for a reader: a paused socket takes no more than the kernel does", async () => {
    const { client, socket, reports } = await openRaw();
    socket.pause();
    const frame = clientFrame(0x82, new Uint8Array(60_000));
    const count = 500;
    for (let index = 0; index < count; index++) client.write(frame);
    await until(() => client.socket.writableLength > 0);
    expect(reports).toEqual([]);
    socket.resume();
    await until(() => reports.length === count);
    expect(client.socket.writableLength).toBe(0);
    await client.hangUp();
  });

  test("may be reset: the error is told, and then the close", async () => {
    const { client, socket, reports } = await openRaw();
    client.reset();
    await socket.closed;
    expect(reports).toEqual(["ECONNRESET", 1006]);
    expect(socket.failure).toMatchObject({ code: "ECONNRESET", syscall: "read" });
    expect(socket.failure!.message).toBe("read ECONNRESET");
  });
});

describe("an HTTP server", () => {
  async function openOnHttp(bytes: string | Buffer) {
    const { http, port } = await startHttp();
    const reports: unknown[] = [];
    const server = new WebSocketServer({
      directIo: true,
      handlers: { message: (_socket, data) => void reports.push(data) },
    });
    let netSocket!: NetSocket;
    http.on("upgrade", (_message, duplex) => {
      netSocket = duplex as NetSocket;
    });
    server.attach(http);
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const client = new RawClient(port);
    client.write(bytes);
    await client.head();
    const [socket] = server.connections;
    return { http, server, client, socket: socket!, netSocket, reports };
  }

  test("hands over frames that came behind the head, and counts the connection until its end", async () => {
    const early = Buffer.concat([Buffer.from(requestHead()), clientFrame(0x81, "early")]);
    const { http, client, socket, reports } = await openOnHttp(early);
    expect(isDirect(socket)).toBe(true);
    expect(await countConnections(http)).toBe(1);
    client.write(clientFrame(0x81, "later"));
    await until(() => reports.length === 2);
    expect(reports).toEqual(["early", "later"]);
    const closed = new Promise<void>((resolve) => http.close(() => resolve()));
    http.closeAllConnections();
    expect(socket.readyState).toBe(1);
    socket.close(1001);
    client.write(clientFrame(0x88, Uint8Array.of(3, 233)));
    await closed;
    expect(await countConnections(http)).toBe(0);
    await client.ended;
  });

  test("may have its net.Socket destroyed, which ends the connection and is counted once", async () => {
    const { http, client, socket, server, netSocket } = await openOnHttp(requestHead());
    const events: unknown[] = [];
    netSocket.on("close", (hadError) => events.push(hadError));
    expect(netSocket.remoteAddress).toBe("127.0.0.1");
    expect(netSocket.bytesWritten).toBeGreaterThan(0);
    netSocket.destroy();
    netSocket.destroy();
    expect(await socket.closed).toMatchObject({ code: 1006 });
    await until(() => events.length > 0);
    expect(events).toEqual([false]);
    expect(await countConnections(http)).toBe(0);
    expect(server.connections.size).toBe(0);
    await client.ended;
  });
});

describe("the end", () => {
  test("of a server closes its sockets, frees its port, and leaves no handle behind", async () => {
    const handles = (): number =>
      process.getActiveResourcesInfo().filter((name) => name === "TCPSocketWrap").length;
    // Those of the tests before are on their way out.
    await until(() => handles() === 0);
    const { server, port, client, socket } = await openRaw();
    const other = await connect(`ws://127.0.0.1:${port}/`, DIRECT);
    await until(() => isDirect(other));
    expect(isDirect(socket)).toBe(true);
    const closed = server.close({ reason: "over" });
    client.write(clientFrame(0x88, Uint8Array.of(3, 233)));
    await closed;
    expect(await other.closed).toMatchObject({ code: 1001, reason: "over" });
    await client.hangUp();
    await until(() => handles() === 0);
    const again = createServer();
    await new Promise<void>((resolve) => again.listen(port, "127.0.0.1", resolve));
    await new Promise((resolve) => again.close(resolve));
  });

  test("of a server cuts off who does not answer", async () => {
    const { server, client, reports } = await openRaw();
    await server.close({ timeoutMs: 1 });
    expect(reports).toEqual([1006]);
    await client.ended;
  });
});
