// Behind nginx and HAProxy, in the configurations that the hub's README shows: whatever they buffer
// by default, all transports work, and the hub knows who comes.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { certificate, hasProxy, startProxy } from "@tidewire/test-support";
import { describe, expect, onTestFinished, test } from "vitest";
import { type Client, type ClientOptions, connect, type TransportName } from "../../src/node.js";

const transports: TransportName[] = ["websocket", "sse", "stream", "long-polling", "polling"];
const numbers: number[] = Array.from({ length: 100 }, (_, i) => i);

describe.each(["nginx", "haproxy"] as const)("behind %s", (proxy) => {
  const isMissing = !hasProxy(proxy);

  test.skipIf(isMissing).each(transports)("%s carries a session", async (transport) => {
    const { hub, port, addresses } = await startHub();
    const proxied = await startProxy(proxy, port, certificate());
    const client = opened(proxied.plain, { transports: [transport] });
    await client.ready();
    expect(client.transport).toBe(transport);
    expect(addresses).toEqual(["127.0.0.1"]);

    // One at a time: what a proxy held back until more comes would never be answered.
    for (const size of [1, 100, 100_000]) {
      const text = "x".repeat(size);
      expect(await client.request("echo", text)).toBe(text);
      expect(await hub.peer(client.session!)!.request("echo", text)).toBe(text);
    }

    const seen: unknown[] = [];
    client.on("number", (number) => seen.push(number));
    for (const number of numbers) client.emit("number", number);
    await expect.poll(() => seen.length).toBe(numbers.length);
    expect(seen).toEqual(numbers);
  });

  test.skipIf(isMissing)("without transports given the WebSocket is taken", async () => {
    const { port } = await startHub();
    const client = opened((await startProxy(proxy, port, certificate())).plain);
    await client.ready();
    expect(client.transport).toBe("websocket");
  });

  test.skipIf(isMissing)("a closed hub ends the links through the proxy", async () => {
    const { hub, port } = await startHub();
    const proxied = await startProxy(proxy, port, certificate());
    const clients = transports.map((name) => opened(proxied.plain, { transports: [name] }));
    await Promise.all(clients.map((client) => client.ready()));
    await hub.close();
    await expect
      .poll(() => clients.map(({ state }) => state), { timeout: 15_000 })
      .not.toContain("connected" satisfies Client["state"]);
  });
});

/** A hub that trusts the proxy in front of it, and echoes. */
async function startHub(): Promise<{ hub: Hub; port: number; addresses: string[] }> {
  const addresses: string[] = [];
  const hub = new Hub({
    authenticate: ({ address }) => {
      addresses.push(address);
      return {};
    },
  });
  hub.handle("echo", (_, data) => data);
  hub.on("number", (peer, number) => peer.emit("number", number));
  const server = createServer();
  const attached = attach(hub, server, { trustProxy: 1 });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  onTestFinished(async () => {
    await hub.close();
    await attached.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return { hub, port: (server.address() as AddressInfo).port, addresses };
}

function opened(port: number, options: ClientOptions = {}): Client {
  const client: Client = connect(`http://localhost:${port}/tidewire`, options);
  client.handle("echo", (data) => data);
  onTestFinished(() => client.close());
  return client;
}
