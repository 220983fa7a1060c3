import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { connect } from "@tidewire/client/node";
import { attach } from "@tidewire/hub/node";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { createHub, type RunningHub } from "../../../../server/hub/create-hub.js";
import { contract } from "../../../../shared/contract.js";
import { hubPath } from "../../../../shared/hub-path.js";
import type { Figures } from "../../../../shared/start/contract.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";

let running: RunningHub;
let close: () => Promise<void>;
let open: (transport: "websocket" | "sse") => ShowcaseClient;

beforeEach(async () => {
  running = createHub(undefined);
  const server = createServer();
  const attached = attach(running.hub, server, { path: hubPath });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const clients: ShowcaseClient[] = [];
  open = (transport) => {
    const url = `http://127.0.0.1:${port}${hubPath}`;
    const client = connect(url, { contract, transports: [transport] });
    clients.push(client);
    return client;
  };
  close = async () => {
    for (const client of clients) client.close();
    await attached.close();
    await running.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
});

afterEach(async () => {
  vi.restoreAllMocks();
  await close();
});

test("who watches is told at once and then every second, until it does not watch any more", async () => {
  const client = open("websocket");
  const told: Figures[] = [];
  client.on("start.figures", (figures) => told.push(figures));
  expect(await client.request("start.watch")).toMatchObject({
    connections: 1,
    byTransport: { websocket: 1, sse: 0 },
    messagesPerSecond: 0,
  });
  const other = open("sse");
  await other.ready();
  for (let count = 0; count < 50; count += 1) await client.request("start.watch");
  await expect.poll(() => told.length, { timeout: 5_000 }).toBeGreaterThan(0);
  expect(told[0]).toMatchObject({ connections: 2, byTransport: { websocket: 1, sse: 1 } });
  expect(told[0]?.messagesPerSecond).toBeGreaterThan(0);
  client.emit("start.unwatch");
  await client.request("chat.rename", { name: "x" }); // Everything before it has been handled.
  const peer = running.hub.peer(client.session ?? "");
  expect([...(peer?.rooms ?? [])]).toEqual([]);
});

test("nobody watches: no timer is left", async () => {
  // Sockets have intervals as well.
  const timers = new Set<unknown>();
  const begin = globalThis.setInterval;
  vi.spyOn(globalThis, "setInterval").mockImplementation(((run: () => void, ms: number) => {
    const timer = begin(run, ms);
    if (String(run).includes("start.figures")) timers.add(timer);
    return timer;
  }) as typeof setInterval);
  const ended = vi.spyOn(globalThis, "clearInterval");
  const [one, two] = [open("websocket"), open("websocket")];
  await one.request("start.watch");
  await two.request("start.watch");
  expect(timers.size).toBe(1);
  const [timer] = timers;
  one.emit("start.unwatch");
  await one.request("chat.rename", { name: "x" });
  expect(ended).not.toHaveBeenCalledWith(timer);
  two.close(); // Gone without a word.
  await vi.waitFor(() => expect(ended).toHaveBeenCalledWith(timer));
});
