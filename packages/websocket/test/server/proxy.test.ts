/**
 * Behind real proxies, where they are installed: the configurations that the README shows, with TLS
 * ended at the proxy.
 */
import { certificate, hasProxy, type RealProxy, startProxy } from "@tidewire/test-support";
import type { UpgradeRequest, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, test } from "vitest";
import {
  Channel,
  closeOf,
  nextMessage,
  openClient,
  refusedClient,
  startServer,
} from "./started.js";

describe.each(["nginx", "haproxy"] as const)("behind %s", (proxy) => {
  const isMissing = !hasProxy(proxy);

  /** A server with the proxy in front of it. */
  async function start(trustProxy: number | undefined): Promise<{
    server: WebSocketServer;
    seen: Channel<UpgradeRequest>;
    ports: RealProxy;
    cert: string;
  }> {
    const seen = new Channel<UpgradeRequest>();
    const { server, port } = await startServer({
      trustProxy,
      handlers: {
        open: (_socket, upgrade) => seen.put(upgrade),
        message: (socket, data) => void socket.send(data),
      },
    });
    const { key, cert } = certificate();
    const ports = await startProxy(proxy, port, { key, cert });
    return { server, seen, ports, cert };
  }

  test.skipIf(isMissing)("pages of the same origin connect, over TLS and without", async () => {
    const { server, seen, ports, cert } = await start(1);
    const forged = { "X-Forwarded-For": "6.6.6.6" };
    const plain = await openClient(`ws://localhost:${ports.plain}/chat?x=1`, {
      origin: `http://localhost:${ports.plain}`,
      headers: forged,
    });
    const viaPlain = await seen.take();
    expect([viaPlain.url, viaPlain.secure, viaPlain.host, viaPlain.remoteAddress]).toEqual([
      "/chat?x=1",
      false,
      `localhost:${ports.plain}`,
      "127.0.0.1",
    ]);
    const secure = await openClient(`wss://localhost:${ports.tls}/`, {
      ca: cert,
      origin: `https://localhost:${ports.tls}`,
      headers: forged,
    });
    const viaTls = await seen.take();
    expect([viaTls.secure, viaTls.host, viaTls.remoteAddress]).toEqual([
      true,
      `localhost:${ports.tls}`,
      "127.0.0.1",
    ]);
    for (const client of [plain, secure]) {
      for (const size of [0, 125, 65_536, 1_000_000]) {
        const answer = nextMessage(client);
        client.send("x".repeat(size));
        expect(await answer).toHaveLength(size);
      }
    }
    const closes = [closeOf(plain), closeOf(secure)];
    await server.close({ reason: "bye" });
    expect(await Promise.all(closes)).toEqual([
      { code: 1001, reason: "bye" },
      { code: 1001, reason: "bye" },
    ]);
  });

  test.skipIf(isMissing)("foreign pages are refused, and the refusal arrives", async () => {
    const { ports, cert } = await start(1);
    const url = `wss://localhost:${ports.tls}/`;
    for (const origin of ["https://evil.test", `http://localhost:${ports.tls}`]) {
      const { status, body } = await refusedClient(url, { ca: cert, origin });
      expect([status, body.includes("trustProxy")]).toEqual([403, true]);
    }
  });

  test.skipIf(isMissing)(
    "without trustProxy TLS at the proxy is unknown, and the refusal says so",
    async () => {
      const { ports, cert } = await start(undefined);
      const { status, body } = await refusedClient(`wss://localhost:${ports.tls}/`, {
        ca: cert,
        origin: `https://localhost:${ports.tls}`,
      });
      expect(status).toBe(403);
      expect(body).toContain("set trustProxy");
    },
  );
});
