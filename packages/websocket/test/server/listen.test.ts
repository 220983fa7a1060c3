/** Ports of the server's own: plain, TLS, Unix; and the end of a server. */
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:net";
import { networkInterfaces, tmpdir } from "node:os";
import { join } from "node:path";
import { certificate } from "@tidewire/test-support";
import { connect, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { RawClient, request, requestHead } from "./raw-client.js";
import { Channel, closeOf, nextMessage, openClient, startHttp, startServer } from "./started.js";

const echo = {
  message: (socket: { send(data: string | Uint8Array): unknown }, data: string | Uint8Array) =>
    void socket.send(data),
};

const ALL_ADDRESSES = ["", "0.0.0.0"];
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ family }) => family === "IPv6"),
);
if (hasIpv6) ALL_ADDRESSES.push("::");

test.each(ALL_ADDRESSES)(
  "the url for host %j is one to connect to on this machine",
  async (host) => {
    const server = new WebSocketServer();
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const { url, port } = await server.listen({ host });
    expect(url).toBe(`ws://localhost:${port}`);
    const client = await connect(url);
    client.terminate();
  },
);

describe("listen", () => {
  test("tells where, and says what to do about a port that is taken", async () => {
    const { port, server } = await startServer();
    await expect(server.listen()).rejects.toThrow("listens already");
    const second = new WebSocketServer();
    await expect(second.listen({ port, host: "127.0.0.1" })).rejects.toMatchObject({
      code: "EADDRINUSE",
      message: `port ${port} on 127.0.0.1 is already in use: stop the other program, or choose another`,
    });
    // It can be tried again.
    const address = await second.listen({ host: "127.0.0.1" });
    expect(address).toEqual({
      address: "127.0.0.1",
      port: address.port,
      url: `ws://127.0.0.1:${address.port}`,
    });
    await second.close();
  });

  test.each(["127.0.0.1", "localhost"])(
    "ends when the server is closed meanwhile, %s",
    async (host) => {
      const server = new WebSocketServer();
      const listening = server.listen({ host });
      const closing = server.close();
      await expect(listening).rejects.toThrow("closed before it listened");
      await closing;
    },
  );

  test("says what is wrong with an address that is not here", async () => {
    const server = new WebSocketServer();
    await expect(server.listen({ host: "192.0.2.1" })).rejects.toThrow(
      "not an address of this machine",
    );
    await server.close();
  });

  test("without a host listens on all addresses, which clients here reach as localhost", async () => {
    const server = new WebSocketServer({ handlers: echo });
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const { url, port } = await server.listen();
    expect(url).toBe(`ws://localhost:${port}`);
    const client = await openClient(url);
    client.send("hi");
    expect(await nextMessage(client)).toBe("hi");
  });

  test("§4.2.2 on a TLS port (wss:) all goes through the tunnel, the handshake included", async () => {
    const { key, cert } = certificate();
    const seen = new Channel<boolean>();
    const server = new WebSocketServer({
      handlers: { ...echo, open: (_socket, upgrade) => seen.put(upgrade.secure) },
    });
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const { url, port } = await server.listen({ host: "127.0.0.1", tls: { key, cert } });
    expect(url).toBe(`wss://127.0.0.1:${port}`);
    const client = await openClient(url, {
      ca: cert,
      origin: `https://127.0.0.1:${port}`,
    });
    expect(await seen.take()).toBe(true);
    client.send("x".repeat(100_000));
    expect(await nextMessage(client)).toHaveLength(100_000);
    await expect(openClient(url, { ca: cert, origin: `http://127.0.0.1:${port}` })).rejects.toThrow(
      "403",
    );
  });

  test("listens on a Unix socket, whose clients have no address", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ws-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const server = new WebSocketServer({ handlers: echo });
    const socketPath = join(folder, "s");
    const { address, url } = await server.listen({ socketPath });
    expect([address, url]).toEqual([socketPath, `ws+unix:${socketPath}`]);
    const client = await openClient(`ws+unix:${socketPath}:/`);
    client.send("hi");
    expect(await nextMessage(client)).toBe("hi");
    expect([...server.connections].map((socket) => socket.remoteAddress)).toEqual([""]);
    await server.close();
  });

  test("the url of a Unix socket leads there, whatever its path has in it", async () => {
    const folder = mkdtempSync(join(tmpdir(), "ws-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const server = new WebSocketServer();
    onTestFinished(() => server.close({ timeoutMs: 0 }));
    const socketPath = join(folder, "a:b ?#%41\u00e9");
    const { address, url } = await server.listen({ socketPath });
    expect(address).toBe(socketPath);
    const client = await connect(url);
    client.terminate();
  });

  test("§4.2.2 plain requests are answered 426, or by the listener given", async () => {
    const { port } = await startServer();
    const plain = await fetch(`http://127.0.0.1:${port}/`);
    expect([plain.status, plain.headers.get("upgrade")]).toEqual([426, "websocket"]);
    expect(await plain.text()).toContain("speaks WebSocket");
    const server = new WebSocketServer({ path: "/chat" });
    const own = await server.listen({
      host: "127.0.0.1",
      request: (_request, response) => response.end("a page"),
    });
    expect(await (await fetch(`http://127.0.0.1:${own.port}/`)).text()).toBe("a page");
    await server.close();
  });
});

describe("close", () => {
  test("§7.4.1 closes every socket with 1001 and frees the port", async () => {
    const { server, port, url } = await startServer();
    const closes = (await Promise.all([openClient(url), openClient(url)])).map(closeOf);
    await server.close({ reason: "back in a minute" });
    expect(await Promise.all(closes)).toEqual([
      { code: 1001, reason: "back in a minute" },
      { code: 1001, reason: "back in a minute" },
    ]);
    expect(server.connections.size).toBe(0);
    const next = createServer();
    await new Promise<void>((resolve) => next.listen(port, "127.0.0.1", resolve));
    next.close();
  });

  test("is asked for once, however often", async () => {
    const { server, url } = await startServer();
    const closed = closeOf(await openClient(url));
    const first = server.close({ code: 4000 });
    expect(server.close()).toBe(first);
    await first;
    expect((await closed).code).toBe(4000);
    await expect(server.listen()).rejects.toThrow("has been closed");
  });

  test("answers handshakes in progress with 503, and those that come later on other servers 404", async () => {
    const { http, port } = await startHttp();
    const started = new Channel<(data: object) => void>();
    const server = new WebSocketServer<object>({
      authenticate: () => new Promise((resolve) => started.put(resolve)),
    });
    server.attach(http);
    const other = new WebSocketServer({ path: "/other" });
    other.attach(http);
    const answer = request(port, requestHead());
    await started.take();
    await server.close();
    expect((await answer).status).toBe(503);
    expect((await request(port, requestHead())).status).toBe(404);
    await other.close();
  });

  test("answers a request that was on its way to its own port with 503", async () => {
    const { server, port, url } = await startServer();
    const late = new RawClient(port);
    const head = requestHead();
    late.write(head.slice(0, 40));
    await openClient(url);
    const closed = server.close();
    late.write(head.slice(40));
    expect((await late.head()).status).toBe(503);
    await closed;
  });

  test("by hand, a closed server answers 503", async () => {
    const { http, port } = await startHttp();
    const server = new WebSocketServer();
    http.on(
      "upgrade",
      (message, netSocket, head) => void server.handleUpgrade(message, netSocket, head),
    );
    await server.close();
    expect((await request(port, requestHead())).status).toBe(503);
  });

  test("cuts off those that do not answer in time, and idle plain connections", async () => {
    const { server, port } = await startServer();
    const deaf = new RawClient(port);
    deaf.write(requestHead());
    await deaf.head();
    deaf.socket.pause();
    const idle = new RawClient(port);
    await idle.connected;
    await server.close({ timeoutMs: 20 });
    expect(server.connections.size).toBe(0);
    deaf.socket.resume();
    await deaf.ended;
    await idle.ended;
  });

  test("refuses a code that must not be sent, and can then be asked again", async () => {
    const { server, url } = await startServer();
    const closed = closeOf(await openClient(url));
    await expect(server.close({ code: 1006 })).rejects.toThrow();
    await server.close();
    expect((await closed).code).toBe(1001);
  });

  test("nothing of a server that was closed keeps the process", async () => {
    const { spawn } = await import("node:child_process");
    const { fileURLToPath } = await import("node:url");
    const script = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
    const code = `
      const { WebSocketServer } = await import(${JSON.stringify(script)});
      const server = new WebSocketServer();
      await server.listen({ host: "127.0.0.1" });
      await server.close();
    `;
    const child = spawn(process.execPath, ["--input-type=module", "-e", code], {
      stdio: "inherit",
    });
    expect(await new Promise((resolve) => child.once("exit", resolve))).toBe(0);
  });
});
