// Every transport × every rule of the gate, over real sockets: no way in leads past it.

import { createServer } from "node:http";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { describe, expect, it } from "vitest";
import {
  hello,
  lines,
  ndjson,
  type RawAnswer,
  rawRequest,
  rawSocket,
  type Served,
  serve,
  upgradeHeaders,
} from "./served.js";

const transports = ["websocket", "sse", "stream", "poll", "send"] as const;
type Transport = (typeof transports)[number];

interface Attempt {
  readonly headers?: Record<string, string>;
  readonly method?: string;
  readonly body?: string;
}

/** Knocks at one transport. A hello that is let in is answered 200 (101), at /send 400. */
function knock(served: Served, transport: Transport, attempt: Attempt = {}): Promise<RawAnswer> {
  const path = transport === "websocket" ? "/tidewire" : `/tidewire/${transport}`;
  if (transport === "websocket") {
    const headers = { ...upgradeHeaders, ...attempt.headers };
    return rawRequest(served.port, path, { method: "GET", ...attempt, headers });
  }
  const headers = { "content-type": ndjson, ...attempt.headers };
  return rawRequest(served.port, path, { body: lines(hello), ...attempt, headers });
}

const passes = { websocket: 101, sse: 200, stream: 200, poll: 200, send: 400 } as const;

function expectBye(answer: RawAnswer, status: number, code: number): void {
  expect(answer.status).toBe(status);
  expect(JSON.parse(answer.text)).toMatchObject({ type: "bye", code });
}

describe.each(transports)("the gate of %s", (transport) => {
  it("§5.3 lets in who has no Origin, and pages of the same host", async () => {
    const served = await serve();
    expect((await knock(served, transport)).status).toBe(passes[transport]);
    const origin = `http://127.0.0.1:${served.port}`;
    const answer = await knock(served, transport, { headers: { origin } });
    expect(answer.status).toBe(passes[transport]);
    if (transport !== "websocket") {
      expect(answer.headers["access-control-allow-origin"]).toBe(origin);
    }
  });

  it("D1 D3 refuses foreign origins with 403 by default, on loopback too", async () => {
    const served = await serve();
    const { port } = served;
    for (const origin of [
      "https://evil.example",
      "null",
      "http://127.0.0.1",
      `http://localhost:${port}`,
      `http://127.0.0.1:${port}.evil.example`,
      `http://127.0.0.1:${port}@evil.example`,
      `HTTP://127.0.0.1:${port}`,
      `http://127.0.0.1:${port}/`,
      `file://127.0.0.1:${port}`,
    ]) {
      const answer = await knock(served, transport, { headers: { origin } });
      expectBye(answer, 403, 4403);
      expect(answer.headers["access-control-allow-origin"]).toBeUndefined();
    }
  });

  it("D1 D2 takes listed origins and none that merely look like them", async () => {
    const served = await serve({ origins: ["https://example.org", "http://a.example.org:8080"] });
    const ask = (origin: string): Promise<RawAnswer> =>
      knock(served, transport, { headers: { origin } });
    expect((await ask("https://example.org")).status).toBe(passes[transport]);
    expect((await ask("http://a.example.org:8080")).status).toBe(passes[transport]);
    for (const origin of [
      "http://example.org",
      "https://example.org:444",
      "https://evilexample.org",
      "https://example.org.evil",
      "https://b.example.org",
      "https://example.org`evil",
      "https://example.org$",
    ]) {
      expectBye(await ask(origin), 403, 4403);
    }
  });

  it("D3 refuses a host that it does not go by (DNS rebinding)", async () => {
    const served = await serve({}, { hosts: ["127.0.0.1", "example.org:8080"] });
    expect((await knock(served, transport)).status).toBe(passes[transport]);
    const known = await knock(served, transport, { headers: { host: "example.org:8080" } });
    expect(known.status).toBe(passes[transport]);
    for (const host of ["rebound.example", "example.org", "example.org:81"]) {
      const headers = { host, origin: `http://${host}` };
      expectBye(await knock(served, transport, { headers }), 403, 4403);
    }
  });

  it("answers 500 without details when the program's own origin test throws", async () => {
    const served = await serve({
      origins: () => {
        throw new Error("secret detail");
      },
    });
    const answer = await knock(served, transport, { headers: { origin: "https://a.example" } });
    expect(answer.status).toBe(500);
    expect(answer.text).not.toContain("secret detail");
    expect(served.errors.map(String)).toContain("Error: secret detail");
  });

  it("§10.7 answers 429 with Retry-After above the request rate of an address", async () => {
    const served = await serve({}, { limits: { requestsPerSecond: 1, requestsBurst: 2 } });
    await knock(served, transport);
    await knock(served, transport);
    const answer = await knock(served, transport);
    expectBye(answer, 429, 4429);
    expect(Number(answer.headers["retry-after"])).toBeGreaterThanOrEqual(1);
    expect(JSON.parse(answer.text).retryMs).toBeGreaterThan(0);
  });

  it("answers 429 when an address has too many links without a hello", async () => {
    const served = await serve({ limits: { waitingLinksPerAddress: 1 } });
    const { socket, done } = rawSocket(served.port);
    // A slow client takes the only place, and gives it back when it goes.
    await new Promise<void>((resolve) => {
      socket.write(slowStart(transport), () => resolve());
    });
    for (;;) {
      const answer = await knock(served, transport);
      if (answer.status !== passes[transport]) {
        expectBye(answer, 429, 4429);
        break;
      }
    }
    socket.destroy();
    await done;
    for (;;) {
      const answer = await knock(served, transport);
      if (answer.status === passes[transport]) break;
      expect(answer.status).toBe(429);
    }
  });

  it("§7.5 opens nothing while the hub drains", async () => {
    const served = await serve();
    await served.hub.drain();
    const answer = await knock(served, transport);
    // What goes to a session that is there passes; there is none to pass to.
    if (transport === "send") expectBye(answer, 400, 4400);
    else {
      expectBye(answer, 503, 4002);
      expect(answer.headers["retry-after"]).toBeDefined();
    }
  });

  if (transport === "websocket") return;

  it("§10.2 answers other methods 405 with Allow", async () => {
    const served = await serve();
    for (const method of ["GET", "PUT", "DELETE", "PATCH"]) {
      const answer = await knock(served, transport, { method, body: "" });
      expectBye(answer, 405, 4400);
      expect(answer.headers.allow).toContain("POST");
    }
  });

  it("§10.2 E4 answers other content types 415", async () => {
    const served = await serve();
    for (const type of [
      "text/plain",
      "application/json",
      "",
      "application/x-ndjsonx",
      "__proto__",
    ]) {
      expectBye(await knock(served, transport, { headers: { "content-type": type } }), 415, 4415);
    }
    const charset = { "content-type": "Application/X-NDJSON; charset=utf-8" };
    const answer = await knock(served, transport, { headers: charset });
    expect(answer.status).toBe(passes[transport]);
  });

  it("§10.8 answers a preflight for allowed origins only", async () => {
    const served = await serve({ origins: ["https://example.org"], credentials: true });
    const preflight = (origin: string): Promise<RawAnswer> =>
      knock(served, transport, { method: "OPTIONS", headers: { origin }, body: "" });
    const answer = await preflight("https://example.org");
    expect(answer.status).toBe(204);
    expect(answer.headers).toMatchObject({
      "access-control-allow-origin": "https://example.org",
      "access-control-allow-credentials": "true",
      "access-control-allow-methods": "POST",
      "access-control-allow-headers": "content-type",
      "access-control-max-age": "7200",
      vary: "Origin",
    });
    const foreign = await preflight("https://evil.example");
    expectBye(foreign, 403, 4403);
    expect(foreign.headers["access-control-allow-origin"]).toBeUndefined();
  });

  it("§10.8 has the same headers on every answer", async () => {
    const served = await serve();
    for (const attempt of [
      {},
      { method: "GET", body: "" },
      { body: "x" },
      { headers: { origin: "null" } },
    ]) {
      const { headers } = await knock(served, transport, attempt);
      expect(headers).toMatchObject({
        "cache-control": "no-store, no-transform",
        "x-content-type-options": "nosniff",
        "x-accel-buffering": "no",
        vary: "Origin",
      });
      expect(headers["access-control-allow-credentials"]).toBeUndefined();
    }
  });

  it("C10 survives a WebSocket handshake where there is none, with any method", async () => {
    const served = await serve();
    for (const method of ["GET", "POST", "PUT", "OPTIONS"]) {
      for (const missing of ["", "sec-websocket-key"]) {
        const headers: Record<string, string> = { ...upgradeHeaders, "content-type": ndjson };
        delete headers[missing];
        const answer = await rawRequest(served.port, `/tidewire/${transport}`, { method, headers });
        expect(answer.status).toBeGreaterThanOrEqual(400);
      }
    }
    expect((await knock(served, transport)).status).toBe(passes[transport]);
  });
});

function slowStart(transport: Transport): string {
  if (transport === "websocket") {
    const headers = Object.entries({ host: "127.0.0.1", ...upgradeHeaders });
    return `GET /tidewire HTTP/1.1\r\n${headers.map((pair) => pair.join(": ")).join("\r\n")}\r\n\r\n`;
  }
  return (
    `POST /tidewire/${transport} HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: ${ndjson}\r\n` +
    `content-length: 100\r\n\r\n{`
  );
}

describe("what is refused at start-up", () => {
  it("D6 a wildcard, alone or with credentials", () => {
    for (const credentials of [true, false]) {
      expect(() => {
        attach(new Hub({ origins: ["*"], credentials }), createServer());
      }).toThrow(TypeError);
    }
  });

  it.each([
    "https://example.org/",
    "example.org",
    "https://*.example.org",
    "HTTPS://example.org",
    "https://example.org:443",
    "",
  ])("an origin that no browser sends: %j", (origin) => {
    expect(() => attach(new Hub({ origins: [origin] }), createServer())).toThrow(/origins has/);
  });

  it.each([true, "loopback", ["127.0.0.1"]])(
    "a trustProxy that trusts nobody: %j",
    (trustProxy) => {
      const server = createServer();
      expect(() => attach(new Hub(), server, { trustProxy: trustProxy as never })).toThrow(
        "The option trustProxy is ",
      );
    },
  );

  it.each(["tidewire", "/tidewire/", "/a?b", "/a b"])("a path that never matches: %j", (path) => {
    expect(() => attach(new Hub(), createServer(), { path })).toThrow(/path must/);
  });

  it("a limit that is no count", () => {
    expect(() => attach(new Hub(), createServer(), { limits: { bodyMs: 0 } })).toThrow(/bodyMs/);
  });
});
