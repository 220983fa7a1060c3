// The examples, run as a user runs them: the hub beside other frameworks, on one port.

import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createServer, type IncomingMessage } from "node:http";
import { createServer as createSecureServer, request as secureRequest } from "node:https";
import type { AddressInfo } from "node:net";
import { createInterface } from "node:readline";
import type { Duplex } from "node:stream";
import { fileURLToPath } from "node:url";
import { type Client, connect, type TransportName } from "@tidewire/client/node";
import { createFetchHandler, Hub } from "@tidewire/hub";
import { attach, toNodeHandler } from "@tidewire/hub/node";
import { WebSocket } from "@tidewire/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { WebSocketServer } from "ws";
import {
  eventually,
  hello,
  lines,
  ndjson,
  packetsOf,
  rawRequest,
  serve,
  upgradeHeaders,
} from "./served.js";

async function startExample(name: string): Promise<{ url: string; child: ChildProcess }> {
  const path = fileURLToPath(new URL(`../../../../examples/${name}.mjs`, import.meta.url));
  const child = spawn(process.execPath, [path], {
    env: { ...process.env, PORT: "0" },
    stdio: ["ignore", "pipe", "inherit"],
  });
  const exited = once(child, "exit");
  onTestFinished(async () => {
    child.kill("SIGKILL");
    await exited;
  });
  const [line] = (await once(createInterface({ input: child.stdout! }), "line")) as [string];
  return { url: line.slice(line.indexOf("http://")), child };
}

function open(url: string, transport: TransportName): Client {
  const client = connect(url, { transports: [transport] });
  onTestFinished(() => client.close());
  return client;
}

const all: readonly TransportName[] = ["websocket", "sse", "stream", "long-polling", "polling"];

async function speaks(url: string, transports: readonly TransportName[]): Promise<void> {
  await Promise.all(
    transports.map(async (transport) => {
      const client = open(url, transport);
      const said = new Promise((resolve) => {
        client.on("said", (data: unknown) => {
          if ((data as { text: unknown }).text === transport) resolve(data);
        });
      });
      await client.ready();
      expect(client.transport).toBe(transport);
      expect(await client.request("say", transport)).toEqual({ heard: transport.length });
      expect(await said).toEqual({ by: client.session, text: transport });
      client.close();
    }),
  );
}

describe.each(["hub-http", "hub-express", "hub-fastify", "hub-hono"])("the example %s", (name) => {
  it("carries every transport, leaves the rest alone, and stops when told to", async () => {
    const { url, child } = await startExample(name);
    await speaks(url, all);
    const page = url.replace("/tidewire", "/");
    expect(await (await fetch(page)).text()).toBe("The page.\n");
    if (name === "hub-hono") await speaks(page.replace(/\/$/, "/http-only"), all.slice(1));
    if (name !== "hub-http") {
      const client = open(url, "sse");
      await client.ready();
      const said = new Promise((resolve) => client.on("said", resolve));
      const headers = { "content-type": "text/plain" };
      await fetch(`${page}announce`, { method: "POST", body: "tea", headers });
      expect(await said).toEqual({ by: "the house", text: "tea" });
    }
    const lasting = open(url, "websocket");
    await lasting.ready();
    child.kill("SIGTERM");
    const [code] = await once(child, "exit");
    expect(code).toBe(0);
  });
});

describe("attach", () => {
  it("comes first, whatever listens before or after it, and goes without a trace", async () => {
    const server = createServer();
    const { emit } = server;
    server.on("request", (_, response) => response.end("before"));
    const hub = new Hub();
    const attached = attach(hub, server);
    const other = attach(hub, server, { path: "/other" });
    // A rival with a path of its own answers 400 to every upgrade that is not for it.
    const rival = new WebSocketServer({ server, path: "/rival" });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const url = `http://127.0.0.1:${port}`;
    for (const path of ["/tidewire", "/other"]) {
      const client = open(`${url}${path}`, "websocket");
      await client.ready();
      client.close();
      const answer = await fetch(`${url}${path}/poll`, { method: "GET" });
      expect(answer.status).toBe(405);
    }
    expect(await (await fetch(url)).text()).toBe("before");
    const headers = { ...upgradeHeaders, "sec-websocket-protocol": "any" };
    const upgraded = await rawRequest(port, "/rival", { method: "GET", headers });
    expect(upgraded.status).toBe(101);
    await attached.close();
    expect(await (await fetch(`${url}/tidewire/poll`)).text()).toBe("before");
    expect((await fetch(`${url}/other/poll`)).status).toBe(405);
    await other.close();
    expect(server.emit).toBe(emit);
    rival.close();
    await hub.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("serves https: and wss: alike", async () => {
    const pair = fileURLToPath(
      new URL("../../../websocket/test/support/certificate.ts", import.meta.url),
    );
    const { certificate, privateKey } = (await import(pair)) as Record<string, string>;
    const server = createSecureServer({ cert: certificate!, key: privateKey! });
    const hub = new Hub();
    const urls: string[] = [];
    hub.authenticate(({ url }) => {
      urls.push(url);
      return {};
    });
    const attached = attach(hub, server);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const base = `https://localhost:${port}/tidewire`;
    const asked = secureRequest(`https://127.0.0.1:${port}/tidewire/poll`, {
      method: "POST",
      ca: certificate!,
      agent: false,
      headers: { host: `localhost:${port}`, "content-type": ndjson, origin: new URL(base).origin },
    });
    asked.end(lines(hello));
    const [response] = (await once(asked, "response")) as [IncomingMessage];
    expect(response.statusCode).toBe(200);
    expect(urls).toEqual([`${base}/poll`]);
    response.resume();
    const socket = new WebSocket(`wss://127.0.0.1:${port}/tidewire`, "tidewire.v1.json", {
      tls: { ca: certificate! },
    });
    await once(socket as unknown as NodeJS.EventEmitter, "open");
    void socket.send(JSON.stringify(hello));
    await eventually(() => urls.length === 2);
    expect(urls[1]).toBe(`https://127.0.0.1:${port}/tidewire`);
    await hub.close();
    await attached.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });

  it("refuses a path that another WebSocket server has", async () => {
    const { server, hub } = await serve();
    expect(() => attach(hub, server)).toThrow(/path/);
  });

  it("lets the longest of nested paths take a request, whichever hub came first", async () => {
    for (const paths of [
      ["/", "/a", "/a/b"],
      ["/a/b", "/a", "/"],
    ]) {
      const server = createServer();
      await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
      const hubs = paths.map((path) => {
        const hub = new Hub();
        hub.handle("where", () => path);
        const attached = attach(hub, server, { path });
        onTestFinished(async () => {
          await hub.close();
          await attached.close();
        });
        return { path, attached };
      });
      onTestFinished(async () => {
        server.closeAllConnections();
        await new Promise((resolve) => server.close(resolve));
      });
      const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
      for (const path of paths) {
        for (const transport of ["websocket", "sse"] as const) {
          const client = open(`${url}${path}`, transport);
          expect(await client.request("where")).toBe(path);
          client.close();
        }
      }
      await hubs.find(({ path }) => path === "/a")!.attached.close();
      const answer = await fetch(`${url}/a/poll`, { method: "POST" });
      expect(await answer.text()).toContain("there is nothing at this path");
    }
  });

  it("refuses a path at which another hub answers requests, and leaves nothing of it", async () => {
    const { server, hub, base } = await serve();
    expect(() => attach(hub, server, { path: "/tidewire/poll" })).toThrow(
      "A hub cannot be at /tidewire/poll: there the hub at /tidewire answers",
    );
    const inner = attach(hub, server, { path: "/live/send" });
    expect(() => attach(hub, server, { path: "/live" })).toThrow("cannot be at /live/send");
    await inner.close();
    expect((await fetch(`${base}/poll`)).status).toBe(405);
  });

  it("says what it was given instead of a hub, a server or options, and mounts nothing", () => {
    const hub = new Hub();
    const server = createServer();
    const { emit } = server;
    const app = Object.assign(() => {}, { on() {}, emit() {}, listen() {} });
    const wrong: [unknown, unknown, unknown, string][] = [
      [
        server,
        hub,
        {},
        "attach(hub, server) needs a Hub first, and was given a value of type object",
      ],
      [undefined, server, {}, "needs a Hub first, and was given undefined."],
      [hub, undefined, {}, "needs a server of node:http or node:https, and was given undefined."],
      [hub, app, {}, "Give createServer(app) for an app of Express"],
      [hub, server, "/live", "attach takes its options (path, limits, "],
      [hub, server, null, "as an object, not null."],
      [hub, server, { pth: "/live" }, 'attach has no option "pth"; it has path, limits, '],
      [hub, server, { path: 5 }, "The option path is a value of type number, not of type string."],
      [hub, server, { hosts: {} }, "hosts must be a list of host names"],
      [hub, server, { limits: { bodyMS: 5 } }, "limits.bodyMS is no limit of the transports"],
    ];
    for (const [first, second, options, message] of wrong) {
      expect(() => attach(first as never, second as never, options as never)).toThrow(message);
    }
    const call = "toNodeHandler(hub) needs a Hub first";
    expect(() => toNodeHandler("hub" as never)).toThrow(call);
    expect(() => createFetchHandler(hub, { trustProxy: 1 } as never)).toThrow(
      'createFetchHandler has no option "trustProxy"',
    );
    expect(server.emit).toBe(emit);
    expect(server.listenerCount("upgrade")).toBe(0);
  });

  it.each([false, true])(
    "lets sockets go under Node's streams if told so: %s",
    async (directIo) => {
      const { hub, server, base } = await serve({}, { directIo });
      hub.handle("ask", (_, data) => data);
      const sockets: Duplex[] = [];
      server.on("connection", (socket) => sockets.push(socket));
      const client = open(base, "websocket");
      expect(await client.request("ask", "x".repeat(10_000))).toBe("x".repeat(10_000));
      expect(sockets.map((socket) => socket.listenerCount("data"))).toEqual([directIo ? 0 : 1]);
      expect(() => attach(hub, server, { path: "/other", directIo: "yes" as never })).toThrow(
        "The option directIo is a value of type string, not of type boolean.",
      );
    },
  );

  it("believes proxies as far as trustProxy says", async () => {
    const addresses: string[] = [];
    const { base } = await serve(
      {
        authenticate: ({ address, url }) => {
          addresses.push(`${address} ${url}`);
          return {};
        },
      },
      { trustProxy: 1 },
    );
    const forwarded = {
      "x-forwarded-for": "6.6.6.6, 203.0.113.9",
      "x-forwarded-proto": "https",
      "x-forwarded-host": "example.org",
      origin: "https://example.org",
    };
    const answer = await fetch(`${base}/poll`, {
      method: "POST",
      body: lines(hello),
      headers: { "content-type": ndjson, ...forwarded },
    });
    expect(answer.status).toBe(200);
    expect(addresses).toEqual(["203.0.113.9 https://example.org/tidewire/poll"]);
  });
});

describe("toNodeHandler", () => {
  it("is a middleware: it leaves other paths to the next one", async () => {
    const hub = new Hub();
    const handler = toNodeHandler(hub, { path: "/live" });
    const server = createServer((request, response) =>
      handler(request, response, () => response.end("next")),
    );
    server.on("upgrade", handler.upgrade);
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    expect(await (await fetch(url)).text()).toBe("next");
    for (const transport of all) {
      const client = open(`${url}/live`, transport);
      await client.ready();
      client.close();
    }
    await hub.close();
    await handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
});

describe("a body that somebody else touched", () => {
  /** Says hello to a hub behind a listener that has the request first. */
  async function helloBehind(touch: (request: IncomingMessage) => unknown): Promise<unknown[]> {
    const hub = new Hub();
    const handler = toNodeHandler(hub);
    const server = createServer(async (request, response) => {
      const touched = touch(request);
      if (touched instanceof Promise) await touched;
      handler(request, response);
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const headers = { "content-type": ndjson };
    const answer = await rawRequest(port, "/tidewire/poll", { body: lines(hello), headers });
    await hub.close();
    await handler.close();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    return packetsOf(answer.text);
  }

  it.each([
    ["reads it too", (request: IncomingMessage) => request.on("data", () => {})],
    ["paused it", (request: IncomingMessage) => request.pause()],
    ["wants text of it", (request: IncomingMessage) => request.setEncoding("utf8")],
  ])("is read all the same when a listener before the hub %s", async (_, touch) => {
    expect((await helloBehind(touch))[0]).toMatchObject({ type: "welcome" });
  });

  it.each([
    ["bytes", (body: Buffer) => body],
    ["text", (body: Buffer) => String(body)],
  ])("is taken from the parser of Express and its like, as %s", async (_, parse) => {
    const packets = await helloBehind(async (request) => {
      const body = parse(Buffer.concat(await request.toArray()));
      Object.assign(request, { body });
    });
    expect(packets[0]).toMatchObject({ type: "welcome" });
  });
});

describe("createFetchHandler", () => {
  it("takes web requests and gives web responses, without a server", async () => {
    const hub = new Hub();
    const handle = createFetchHandler(hub);
    const ask = (path: string, init: RequestInit): Promise<Response> =>
      handle(new Request(`https://example.org/tidewire/${path}`, init), { address: "192.0.2.1" });
    const headers = { "content-type": ndjson };
    const polled = await ask("poll", { method: "POST", body: lines(hello), headers });
    expect(packetsOf(await polled.text())).toMatchObject([{ type: "welcome" }]);
    const controller = new AbortController();
    const { signal } = controller;
    const stream = await ask("stream", { method: "POST", body: lines(hello), headers, signal });
    expect(hub.stats().linked).toBe(2);
    await stream.body!.cancel();
    expect(hub.stats().linked).toBe(1);
    expect((await ask("poll", { method: "GET" })).status).toBe(405);
    handle.close();
    expect(hub.stats().linked).toBe(0);
    const late = await ask("poll", { method: "POST", body: lines(hello), headers });
    expect(late.status).toBe(503);
    await hub.close();
  });
});
