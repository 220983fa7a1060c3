import { createServer, type Server } from "node:http";
import { createServer as createSecureServer } from "node:https";
import {
  type AddressInfo,
  connect as connectSocket,
  createServer as createProxy,
  type Socket,
} from "node:net";
import { fileURLToPath } from "node:url";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { expect, onTestFinished, test } from "vitest";
import { type Client, type ClientOptions, connect } from "../src/node.js";

async function portOf(server: Pick<Server, "address">): Promise<number> {
  return (server.address() as AddressInfo).port;
}

/** A hub on a real server. */
async function served(hub: Hub): Promise<number> {
  const server = createServer();
  const attached = attach(hub, server);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await attached.close();
    await hub.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return portOf(server);
}

/** A wire between client and hub that can be cut, and that can refuse upgrades as some proxies do. */
async function wire(
  port: number,
): Promise<{ port: number; cut: () => void; refuses: { upgrades: boolean } }> {
  const sockets = new Set<Socket>();
  const refuses = { upgrades: false };
  const keep = (socket: Socket): void => {
    sockets.add(socket);
    socket.on("error", () => {});
    socket.on("close", () => sockets.delete(socket));
  };
  const proxy = createProxy((near) => {
    keep(near);
    const far = connectSocket(port, "127.0.0.1");
    keep(far);
    near.once("data", (first) => {
      if (refuses.upgrades && /^upgrade: websocket/im.test(first.toString("latin1"))) {
        near.end("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        far.destroy();
        return;
      }
      far.write(first);
      near.pipe(far);
    });
    far.pipe(near);
    near.on("close", () => far.destroy());
    far.on("close", () => near.destroy());
  });
  await new Promise<void>((resolve) => proxy.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  onTestFinished(async () => {
    cut();
    await new Promise((resolve) => proxy.close(resolve));
  });
  return { port: await portOf(proxy), cut, refuses };
}

function opened(port: number, options: ClientOptions = {}): Client {
  // Little jitter, so that the test waits little.
  const platform = { random: () => 0.05 };
  const client = connect(`http://127.0.0.1:${port}/tidewire`, { platform, ...options });
  onTestFinished(() => client.close());
  return client;
}

for (const transport of ["websocket", "sse", "stream", "long-polling", "polling"] as const) {
  test(`over real sockets, ${transport}: 300 numbered events each way, the wire cut twice`, async () => {
    const hub = new Hub();
    const up: unknown[] = [];
    hub.on("up", (_, i) => void up.push(i));
    const { port, cut } = await wire(await served(hub));
    const client = opened(port, { transports: [transport] });
    const down: unknown[] = [];
    client.on("down", (i) => down.push(i));
    await client.ready();
    expect(client.transport).toBe(transport);
    const numbers = Array.from({ length: 300 }, (_, i) => i);
    for (const i of numbers) {
      client.emit("up", i);
      hub.emit("down", i);
      if (i % 100 === 50) {
        await expect.poll(() => up.length, { timeout: 15_000 }).toBeGreaterThan(i - 20);
        cut();
      }
    }
    await expect.poll(() => Math.min(up.length, down.length), { timeout: 15_000 }).toBe(300);
    expect(up).toEqual(numbers);
    expect(down).toEqual(numbers);
  });
}

test("a proxy that refuses upgrades: the next transport; when it lets them through: WebSocket again", async () => {
  const hub = new Hub();
  hub.handle("echo", (_, data) => data);
  const { port, refuses } = await wire(await served(hub));
  refuses.upgrades = true;
  const client = opened(port);
  await client.ready();
  expect(client.transport).toBe("sse");
  await expect(client.request("echo", 1)).resolves.toBe(1);
  const { session } = client;
  refuses.upgrades = false;
  await expect.poll(() => client.transport, { timeout: 15_000 }).toBe("websocket");
  expect(client.session).toBe(session);
  await expect(client.request("echo", 2)).resolves.toBe(2);
});

test("only WebSocket through that proxy: the reason is that it is blocked", async () => {
  const hub = new Hub();
  const { port, refuses } = await wire(await served(hub));
  refuses.upgrades = true;
  const client = opened(port, { transports: ["websocket"] });
  await expect.poll(() => client.failure?.reason, { timeout: 15_000 }).toBe("blocked");
});

test("nobody listens there: refused", async () => {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const port = await portOf(server);
  await new Promise((resolve) => server.close(resolve));
  for (const transports of [undefined, ["websocket"], ["sse"]] as const) {
    const client = opened(port, transports === undefined ? {} : { transports });
    await expect.poll(() => client.failure?.reason, { timeout: 15_000 }).toBe("refused");
    expect(client.failure?.detail).toBe("no connection: ECONNREFUSED");
    client.close();
  }
});

test("a certificate for another name, or of nobody: the code says so", async () => {
  const pair = new URL("../../websocket/test/support/certificate.ts", import.meta.url);
  const { certificate, privateKey } = (await import(fileURLToPath(pair))) as Record<string, string>;
  const server = createSecureServer({ cert: certificate!, key: privateKey! });
  server.on("tlsClientError", () => {});
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const client = connect(`https://127.0.0.1:${await portOf(server)}/tidewire`);
  onTestFinished(() => client.close());
  await expect.poll(() => client.failure?.reason, { timeout: 15_000 }).toBe("refused");
  expect(client.failure?.detail).toMatch(/^no connection: [A-Z_]*(CERT|SIGNATURE)[A-Z_]*$/);
});
