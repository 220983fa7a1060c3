// Security case C12: certificates are verified unless `false` itself says otherwise.
import { mkdtempSync, rmSync } from "node:fs";
import { Agent } from "node:https";
import { type AddressInfo, connect as connectNet, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { TLSSocket } from "node:tls";
import { connect, WebSocket } from "@tidewire/websocket";
import { describe, expect, it, onTestFinished } from "vitest";
import { startServer } from "../server/started.js";
import { certificate, privateKey } from "../support/certificate.js";
import { until } from "../support/pairs.js";
import { acceptance, type RawServer, startRawServer } from "../support/raw-server.js";

const TLS = { cert: certificate, key: privateKey };

function startSecure(): Promise<RawServer> {
  return startRawServer((socket, request) => socket.write(acceptance(request)), { tls: TLS });
}

describe("wss:", () => {
  it.each([
    ["nothing", {}],
    ["tls: undefined", { tls: undefined }],
    ["tls: null", { tls: null as never }],
    ["rejectUnauthorized: undefined", { tls: { rejectUnauthorized: undefined as never } }],
    ["rejectUnauthorized: null", { tls: { rejectUnauthorized: null as never } }],
    ["ca: null", { tls: { ca: null as never } }],
    ["checkServerIdentity: undefined", { tls: { checkServerIdentity: undefined as never } }],
  ])("§4.1 a self-signed certificate is refused with %s", async (_, options) => {
    const { url } = await startSecure();
    await expect(connect(url, options)).rejects.toMatchObject({
      code: "tls",
      cause: { code: "DEPTH_ZERO_SELF_SIGNED_CERT" },
    });
  });

  it("wss: to a server without TLS, and ws: to one with it, are told apart from other failures", async () => {
    const plain = await startServer();
    await expect(connect(plain.url.replace("ws:", "wss:"))).rejects.toMatchObject({
      code: "tls",
      message: expect.stringMatching(/does not speak TLS; if that is right, use ws:$/),
    });
    const { url } = await startSecure();
    await expect(connect(url.replace("wss:", "ws:"))).rejects.toMatchObject({
      code: "network",
      message: expect.stringContaining("if it expects TLS, use wss:"),
    });
  });

  it("it is accepted with its authority", async () => {
    const { url } = await startSecure();
    const socket = await connect(url, { tls: { ca: certificate } });
    expect(socket.encrypted).toBe(true);
    socket.terminate();
  });

  it("bufferedAmount is exact after many small messages, whose headers it does not count", async () => {
    const { url } = await startSecure();
    const socket = await connect(url, { tls: { ca: certificate } });
    for (let round = 0; round < 50; round++) {
      for (let sent = 0; sent < 20; sent++) socket.send("x");
      await until(() => socket.bufferedAmount === 0);
    }
    socket.send(new Uint8Array(5000));
    expect(socket.bufferedAmount).toBe(5000);
    socket.terminate();
  });

  it("§4.1 the TLS handshake names the server (SNI)", async () => {
    const names: unknown[] = [];
    const server = await startRawServer(
      (socket, request) => {
        names.push((socket as TLSSocket).servername);
        socket.write(acceptance(request));
      },
      { tls: TLS },
    );
    const tls = { ca: certificate };
    const url = `wss://localhost:${server.port}/`;
    (await connect(url, { tls, family: 4 })).terminate();
    expect(names).toEqual(["localhost"]);
  });

  it("it is refused under another name", async () => {
    const { url } = await startSecure();
    const outcome = connect(url, { tls: { ca: certificate, servername: "other.example" } });
    await expect(outcome).rejects.toMatchObject({
      code: "tls",
      cause: { code: "ERR_TLS_CERT_ALTNAME_INVALID" },
    });
  });

  it("rejectUnauthorized: false accepts it, for those who say so", async () => {
    const { url } = await startSecure();
    (await connect(url, { tls: { rejectUnauthorized: false } })).terminate();
  });

  it("a server without TLS is told apart", async () => {
    await expect(connect(await startPlain())).rejects.toMatchObject({ code: "tls" });
  });

  it("an agent makes the connection", async () => {
    const { url } = await startSecure();
    const agent = new Agent({ ca: certificate });
    onTestFinished(() => agent.destroy());
    (await connect(url, { agent })).terminate();
  });

  it("an agent of the wrong kind, or together with createConnection, is the caller's fault", () => {
    const agent = new Agent();
    expect(() => new WebSocket("ws://127.0.0.1:1/", { agent })).toThrow(/protocol/i);
    const createConnection = () => connectNet(1);
    expect(() => new WebSocket("ws://127.0.0.1:1/", { agent, createConnection })).toThrow(
      TypeError,
    );
  });

  /** A server that answers a TLS hello with plain text. */
  async function startPlain(): Promise<string> {
    const server = createServer((socket) => {
      socket.on("error", () => {});
      socket.on("data", () => socket.end("HTTP/1.1 400 Bad Request\r\n\r\n"));
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    onTestFinished(() => void server.close());
    return `wss://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }
});

describe("other ways to connect", () => {
  it("ws+unix: connects to the path of a socket", async () => {
    const folder = mkdtempSync(join(tmpdir(), "unix-"));
    onTestFinished(() => rmSync(folder, { recursive: true }));
    const path = join(folder, "a b.sock");
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)), {
      path,
    });
    const socket = await connect(`ws+unix:${encodeURI(path)}:/chat?x=1`);
    socket.terminate();
    expect(server.requests[0]).toMatch(/^GET \/chat\?x=1 HTTP\/1\.1\r\nHost: localhost\r\n/);
  });

  it("createConnection makes the connection", async () => {
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)));
    let calls = 0;
    const socket = await connect("ws://does-not-exist.invalid/", {
      createConnection: () => {
        calls++;
        return connectNet(server.port, "127.0.0.1");
      },
    });
    socket.terminate();
    expect(calls).toBe(1);
    expect(server.requests[0]).toContain("Host: does-not-exist.invalid\r\n");
  });
});
