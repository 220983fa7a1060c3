// Real proxies, in the configurations that the READMEs show.

import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { type AddressInfo, connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { onTestFinished } from "vitest";

export type ProxyName = "nginx" | "haproxy";

/** A proxy that runs until the test is over. */
export interface RealProxy {
  /** Port without TLS. */
  readonly plain: number;
  /** Port where the proxy ends TLS. */
  readonly tls: number;
}

interface Recipe {
  readonly variable: string;
  readonly arguments: (folder: string) => string[];
  readonly configure: (ports: RealProxy & { readonly backend: number }, folder: string) => string;
}

const recipes: Record<ProxyName, Recipe> = {
  nginx: {
    variable: "TIDEWIRE_NGINX",
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
  },
  haproxy: {
    variable: "TIDEWIRE_HAPROXY",
    arguments: (folder) => ["-db", "-q", "-f", join(folder, "config")],
    configure: ({ plain, tls, backend }, folder) => `
defaults
  mode http
  option http-no-delay
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
  },
};

/** Whether that proxy can be started; its variable (`TIDEWIRE_NGINX`) names a program elsewhere. */
export function hasProxy(name: ProxyName): boolean {
  return spawnSync(programOf(name), ["-v"]).error === undefined;
}

/**
 * Starts a proxy in front of a port of 127.0.0.1; it stops when the test is over.
 *
 * @throws {Error} when the proxy ends before it listens.
 */
export async function startProxy(
  name: ProxyName,
  backend: number,
  { key, cert }: { readonly key: string; readonly cert: string },
): Promise<RealProxy> {
  const ports = { plain: await freePort(), tls: await freePort(), backend };
  const folder = mkdtempSync(join(tmpdir(), "proxy-"));
  writeFileSync(join(folder, "key.pem"), key);
  writeFileSync(join(folder, "cert.pem"), cert);
  writeFileSync(join(folder, "both.pem"), `${cert}${key}`);
  writeFileSync(join(folder, "config"), recipes[name].configure(ports, folder));
  const child = spawn(programOf(name), recipes[name].arguments(folder), { stdio: "inherit" });
  const exited = new Promise((resolve) => child.once("exit", resolve));
  onTestFinished(async () => {
    child.kill("SIGTERM");
    await exited;
    rmSync(folder, { recursive: true });
  });
  await accepting(ports.tls, child);
  return ports;
}

function programOf(name: ProxyName): string {
  return process.env[recipes[name].variable] ?? name;
}

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
