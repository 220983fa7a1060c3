/** The step before the 101 in which the application decides. */

import { setFlagsFromString } from "node:v8";
import { runInNewContext } from "node:vm";
import {
  type Refusal,
  refuse,
  refuseUnauthorized,
  type UpgradeRequest,
  WebSocketServer,
} from "@tidewire/websocket";
import { describe, expect, onTestFinished, test } from "vitest";
import { RawClient, request, requestHead } from "./raw-client.js";
import { Channel, openClient, refusedClient, startHttp, startServer } from "./started.js";

type Verdict = object | Refusal | false | null | undefined;

const nobody = new Error("the user database is on fire");

describe.each(["at once", "later"] as const)("a verdict %s", (when) => {
  /** `give` on the spot, or a turn later. */
  function answer<T>(give: () => T): () => T | Promise<T> {
    if (when === "at once") return give;
    return async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return give();
    };
  }

  test("becomes the data of the socket", async () => {
    const opened = new Channel<string>();
    const { url } = await startServer<{ user: string }>({
      authenticate: answer(() => ({ user: "ada" })),
      handlers: { open: (socket) => opened.put(socket.data.user) },
    });
    await openClient(url);
    expect(await opened.take()).toBe("ada");
  });

  test.each<[string, () => Verdict, number, string]>([
    ["a refusal returned", () => refuse(402, "Pay first.", [["X-Price", "1"]]), 402, "Pay first."],
    [
      "a refusal thrown",
      () => {
        throw refuseUnauthorized('Bearer realm="chat"');
      },
      401,
      "credentials",
    ],
    ["false", () => false, 403, ""],
    ["null", () => null, 403, ""],
    ["undefined", () => undefined, 403, ""],
    [
      "an error",
      () => {
        throw nobody;
      },
      500,
      "failed to judge",
    ],
  ])("%s refuses", async (_name, give, status, body) => {
    const refusals: [Refusal, unknown][] = [];
    const { server, port } = await startServer<object>({
      authenticate: answer(give),
      refused: (refusal, cause) => refusals.push([refusal, cause]),
    });
    const result = await request(port, requestHead());
    expect(result.status).toBe(status);
    expect(result.body).toContain(body);
    expect(result.body).not.toContain("on fire");
    expect(refusals.map(([refusal]) => refusal.status)).toEqual([status]);
    expect(refusals[0]?.[1]).toBe(status === 500 ? nobody : undefined);
    expect(server.connections.size + server.connections.pending).toBe(0);
  });
});

test("a refusal put together by hand with a line break in a header is answered 500", async () => {
  const forged: Refusal = { ...refuse(402, "Pay."), headers: [["X-Price", "1\r\nX-Forged: yes"]] };
  const causes: unknown[] = [];
  const { port } = await startServer<object>({
    authenticate: () => forged,
    refused: (_refusal, cause) => causes.push(cause),
  });
  const { status, body } = await request(port, requestHead());
  expect(status).toBe(500);
  expect(body).not.toContain("Forged");
  expect(causes).toEqual([expect.any(Error)]);
});

test("data that only resembles a refusal is data", async () => {
  const { url } = await startServer({ authenticate: () => ({ type: "refused" }) });
  await openClient(url);
});

test("authenticate sees the request", async () => {
  const seen = new Channel<Record<string, unknown>>();
  const { url } = await startServer({
    subprotocols: ["b"],
    authenticate: (upgrade: UpgradeRequest) => {
      seen.put({
        url: upgrade.url,
        path: upgrade.path,
        room: upgrade.query.get("room"),
        cookie: upgrade.headers.value("Cookie"),
        origin: upgrade.origin,
        host: upgrade.host,
        secure: upgrade.secure,
        remoteAddress: upgrade.remoteAddress,
        subprotocols: upgrade.subprotocols,
        method: upgrade.message.method,
      });
      return {};
    },
  });
  const host = url.slice("ws://".length);
  await openClient(`${url}/chat?room=%F0%9F%8C%8A`, {
    headers: { Cookie: "id=1" },
    origin: `http://${host}`,
    protocols: ["a", "b"],
  });
  expect(await seen.take()).toEqual({
    url: "/chat?room=%F0%9F%8C%8A",
    path: "/chat",
    room: "🌊",
    cookie: "id=1",
    origin: `http://${host}`,
    host,
    secure: false,
    remoteAddress: "127.0.0.1",
    subprotocols: ["a", "b"],
    method: "GET",
  });
});

test("an authenticate that never ends is answered 503 in time, and told so", async () => {
  const aborted = new Channel<string>();
  const { server, port } = await startServer<object>({
    limits: { handshakeTimeoutMs: 30 },
    authenticate: ({ signal }) => {
      signal.addEventListener("abort", () => aborted.put((signal.reason as Error).message));
      return new Promise(() => {});
    },
  });
  const { status, headers, body } = await request(port, requestHead());
  expect(status).toBe(503);
  expect(headers.get("retry-after")).toBe("5");
  expect(body).toContain("handshakeTimeoutMs (30 ms)");
  expect(await aborted.take()).toContain("handshakeTimeoutMs");
  expect(server.connections.pending).toBe(0);
});

test("a request that never ends is answered 408 in time", async () => {
  const { port } = await startServer({ limits: { handshakeTimeoutMs: 50 } });
  expect((await request(port, "GET / HTTP/1.1\r\nHost: localhost\r\n")).status).toBe(408);
});

test.each(["reset", "hangUp", "end"] as const)(
  "a client that goes (%s) while authenticate runs aborts it, and a late verdict opens nothing",
  async (how) => {
    const started = new Channel<(data: object) => void>();
    const aborted = new Channel<string>();
    const { server, port } = await startServer<object>({
      authenticate: ({ signal }) => {
        signal.addEventListener("abort", () => aborted.put((signal.reason as Error).message));
        return new Promise((resolve) => started.put(resolve));
      },
      handlers: { open: () => expect.unreachable() },
    });
    const client = new RawClient(port);
    client.write(requestHead());
    const decide = await started.take();
    expect(server.connections.pending).toBe(1);
    if (how === "end") client.socket.end();
    else void client[how]();
    expect(await aborted.take()).toBe("the client has gone");
    expect(server.connections.pending).toBe(0);
    decide({});
    await new Promise((resolve) => setImmediate(resolve));
    expect(server.connections.size).toBe(0);
  },
);

test("an authenticate that never ends keeps nothing of a client that has gone", async () => {
  const kept: Promise<object>[] = [];
  const started = new Channel<WeakRef<object>>();
  const { server, port } = await startServer<object>({
    authenticate: ({ message }) => {
      started.put(new WeakRef(message));
      const never = new Promise<object>(() => {});
      kept.push(never);
      return never;
    },
  });
  const client = new RawClient(port);
  client.write(requestHead());
  const message = await started.take();
  await client.hangUp();
  while (server.connections.pending > 0) await new Promise((resolve) => setImmediate(resolve));
  setFlagsFromString("--expose-gc");
  const collectGarbage = runInNewContext("gc") as () => void;
  // A WeakRef that was looked at stays until the turn is over.
  for (let turn = 0; turn < 10 && message.deref() !== undefined; turn++) {
    await new Promise((resolve) => setImmediate(resolve));
    collectGarbage();
  }
  expect(message.deref()).toBeUndefined();
  expect(kept).toHaveLength(1);
});

test("a late rejection goes nowhere", async () => {
  const started = new Channel<(error: Error) => void>();
  const { port } = await startServer<object>({
    limits: { handshakeTimeoutMs: 20 },
    authenticate: () => new Promise((_resolve, reject) => started.put(reject)),
  });
  expect((await request(port, requestHead())).status).toBe(503);
  (await started.take())(nobody);
  await new Promise((resolve) => setImmediate(resolve));
});

test("an error without anybody who hears of refusals is one warning", async () => {
  const warned = new Promise<Error>((resolve) => process.once("warning", resolve));
  const { port } = await startServer<object>({
    authenticate: () => {
      throw nobody;
    },
  });
  expect((await request(port, requestHead())).status).toBe(500);
  expect((await request(port, requestHead())).status).toBe(500);
  expect((await warned).message).toContain("refused");
});

describe("what else the application decides", () => {
  test("a predicate on origins that throws is answered 500", async () => {
    const { port } = await startServer({
      origins: () => {
        throw nobody;
      },
      refused: (_refusal, cause) => expect(cause).toBe(nobody),
    });
    expect((await request(port, requestHead("/", "Origin: http://a.test"))).status).toBe(500);
  });

  test("§1.9 the subprotocol: the server's order counts", async () => {
    const { url } = await startServer({ subprotocols: ["wamp", "mqtt"] });
    expect((await openClient(url, { protocols: ["mqtt", "wamp"] })).protocol).toBe("wamp");
    expect((await openClient(url, { protocols: ["mqtt"] })).protocol).toBe("mqtt");
    expect((await openClient(url)).protocol).toBe("");
  });

  test("a choice of one's own, which must be among those offered", async () => {
    const causes: unknown[] = [];
    const { url } = await startServer({
      subprotocols: (offered) => offered.find((name) => name.startsWith("v2")) ?? "made-up",
      refused: (_refusal, cause) => causes.push(cause),
    });
    expect((await openClient(url, { protocols: ["v1", "v2.json"] })).protocol).toBe("v2.json");
    expect((await refusedClient(url)).status).toBe(500);
    expect(String(causes[0])).toContain("was not offered");
  });

  test("headers of the 101, which cannot smuggle lines in", async () => {
    const { port } = await startServer({
      headers: ({ query }) => [["Set-Cookie", `seen=${query.get("v")}`]],
      refused: () => {},
    });
    const client = new RawClient(port);
    client.write(requestHead("/?v=1"));
    expect((await client.head()).headers.get("set-cookie")).toBe("seen=1");
    await client.hangUp();
    expect((await request(port, requestHead("/?v=1%0d%0aX:%201"))).status).toBe(500);
  });
});

test("what `refused` throws surfaces, and keeps nobody waiting", async () => {
  const { http, port } = await startHttp();
  const server = new WebSocketServer({
    authenticate: async () => refuseUnauthorized("Bearer"),
    refused: () => {
      throw nobody;
    },
  });
  const taken = new Promise((resolve) => {
    http.once("upgrade", (message, netSocket, head) => {
      resolve(server.handleUpgrade(message, netSocket, head));
    });
  });
  const others = process.listeners("uncaughtException");
  process.removeAllListeners("uncaughtException");
  onTestFinished(() => {
    for (const listener of others) process.on("uncaughtException", listener);
  });
  const surfaced = new Promise((resolve) => process.once("uncaughtException", resolve));
  expect((await request(port, requestHead())).status).toBe(401);
  expect(await taken).toBeUndefined();
  expect(await surfaced).toBe(nobody);
  await server.close();
});
