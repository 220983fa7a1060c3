/**
 * Behind real proxies, where they are installed: the configurations that the README shows, with TLS
 * ended at the proxy.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { UpgradeRequest, WebSocketServer } from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { certificate } from "./certificate.js";
import {
  Channel,
  closeOf,
  nextMessage,
  openClient,
  refusedClient,
  startServer,
} from "./started.js";

interface Proxy {
  readonly command: string;
  readonly arguments: (folder: string) => string[];
  /** One port without TLS, one with it, both in front of `backend`. */
  readonly configure: (ports: Ports, folder: string) => string;
}

interface Ports {
  readonly plain: number;
  readonly tls: number;
  readonly backend: number;
}

const nginx: Proxy = {
  command: "nginx",
  arguments: (folder) => ["-p", folder, "-e", "stderr", "-c", join(folder, "config")],
  configure: ({ plain, tls, backend }, folder) => `
    daemon off;
    master_process off;
    pid ${folder}/pid;
    events {}
    http {
      access_log off;
      client_body_temp_path ${folder}/body;
      proxy_temp_path ${folder}/proxy;
      fastcgi_temp_path ${folder}/fastcgi;
      uwsgi_temp_path ${folder}/uwsgi;
      scgi_temp_path ${folder}/scgi;
      map $http_upgrade $connection_upgrade { default upgrade; "" close; }
      server {
        listen 127.0.0.1:${plain};
        listen 127.0.0.1:${tls} ssl;
        ssl_certificate ${folder}/cert.pem;
        ssl_certificate_key ${folder}/key.pem;
        location / {
          proxy_pass http://127.0.0.1:${backend};
          proxy_http_version 1.1;
          proxy_set_header Upgrade $http_upgrade;
          proxy_set_header Connection $connection_upgrade;
          proxy_set_header Host $http_host;
          proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
          proxy_set_header X-Forwarded-Proto $scheme;
        }
      }
    }`,
};

const haproxy: Proxy = {
  command: "haproxy",
  arguments: (folder) => ["-db", "-q", "-f", join(folder, "config")],
  configure: ({ plain, tls, backend }, folder) => `
defaults
  mode http
  timeout connect 5s
  timeout client 30s
  timeout server 30s
  timeout tunnel 1h
frontend front
  bind 127.0.0.1:${plain}
  bind 127.0.0.1:${tls} ssl crt ${folder}/both.pem alpn http/1.1
  option forwardfor
  http-request set-header X-Forwarded-Proto https if { ssl_fc }
  http-request set-header X-Forwarded-Proto http if !{ ssl_fc }
  default_backend back
backend back
  server one 127.0.0.1:${backend}
`,
};

describe.each([nginx, haproxy])("behind $command", (proxy) => {
  const isMissing = spawnSync(proxy.command, ["-v"]).error !== undefined;

  /** A server with the proxy in front of it. */
  async function start(trustProxy: number | undefined): Promise<{
    server: WebSocketServer;
    seen: Channel<UpgradeRequest>;
    ports: Ports;
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
    const ports = { plain: await freePort(), tls: await freePort(), backend: port };
    const folder = mkdtempSync(join(tmpdir(), "proxy-"));
    const { key, cert } = certificate();
    writeFileSync(join(folder, "key.pem"), key);
    writeFileSync(join(folder, "cert.pem"), cert);
    writeFileSync(join(folder, "both.pem"), `${cert}${key}`);
    writeFileSync(join(folder, "config"), proxy.configure(ports, folder));
    const child = spawn(proxy.command, proxy.arguments(folder), { stdio: "inherit" });
    const exited = new Promise((resolve) => child.once("exit", resolve));
    onTestFinished(async () => {
      child.kill("SIGTERM");
      await exited;
      rmSync(folder, { recursive: true });
    });
    await accepting(ports.tls, child);
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

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** Waits until a port accepts connections. @throws {Error} when the process ends before. */
async function accepting(port: number, child: ChildProcess): Promise<void> {
  while (child.exitCode === null) {
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(port, "127.0.0.1");
      socket.once("connect", () => resolve(true));
      socket.once("error", () => setTimeout(() => resolve(false), 10));
      socket.once("connect", () => socket.destroy());
    });
    if (isOpen) return;
  }
  throw new Error(`the proxy ended with ${child.exitCode}`);
}
