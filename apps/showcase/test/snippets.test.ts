// The code on the start page is run as it stands there: it cannot be wrong.
import { once } from "node:events";
import { Server } from "node:http";
import type { AddressInfo } from "node:net";
import type * as client from "@tidewire/client";
import { afterEach, expect, test, vi } from "vitest";

afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllGlobals();
  vi.doUnmock("@tidewire/client");
});

test("server and page of the start page: a message is said, and comes back with its author", async () => {
  const servers: Server[] = [];
  const listen = Server.prototype.listen;
  vi.spyOn(Server.prototype, "listen").mockImplementation(function (this: Server, ...args) {
    expect(args).toEqual([8080]);
    servers.push(this);
    return Reflect.apply(listen, this, [0, "127.0.0.1"]) as Server;
  });
  await import("../snippets/server.js");
  const server = servers[0]!;
  await once(server, "listening");

  const clients: client.Client[] = [];
  vi.doMock("@tidewire/client", async (original) => {
    const actual = await original<typeof client>();
    const connect: typeof client.connect = (...args) => {
      const made = actual.connect(...args);
      clients.push(made as unknown as client.Client);
      return made;
    };
    return { ...actual, connect };
  });
  const { port } = server.address() as AddressInfo;
  vi.stubGlobal("location", { href: `http://127.0.0.1:${port}/` });
  const logged: unknown[][] = [];
  vi.spyOn(console, "log").mockImplementation((...words) => logged.push(words));
  try {
    await import("../snippets/client.js");
    await expect.poll(() => logged, { timeout: 10_000 }).toContainEqual(["1 here"]);
    const by = clients[0]?.session;
    expect(by).toBeDefined();
    expect(logged).toContainEqual([{ by, text: "hello" }]);
    expect(logged).toContainEqual(["connected", clients[0]?.transport]);
  } finally {
    for (const made of clients) made.close();
    server.closeAllConnections();
    server.close();
  }
});
