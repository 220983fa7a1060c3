import { once } from "node:events";
import type { Socket } from "node:net";
import { ConnectError, type ConnectErrorCode, connect, WebSocket } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { startClient, turn, until } from "../support/pairs.js";
import {
  acceptance,
  acceptOf,
  ClientFrames,
  headerOf,
  serverFrame,
  startRawServer,
} from "../support/raw-server.js";

/** Connects to a server that answers so, and gives the error. */
async function failWith(
  answer: (socket: Socket, request: string) => void,
  options: ConstructorParameters<typeof WebSocket>[2] = {},
): Promise<ConnectError> {
  const server = await startRawServer(answer);
  const outcome = connect(server.url, options);
  const error = await outcome.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!(error instanceof ConnectError)) throw new Error(`no ConnectError but ${String(error)}`);
  // Nothing of the attempt stays open.
  await server.gone;
  return error;
}

async function turns(count: number): Promise<void> {
  for (let i = 0; i < count; i++) await turn();
}

/** A 101 whose lines are given. */
function switching(...lines: string[]): string {
  return `HTTP/1.1 101 Switching Protocols\r\n${lines.join("\r\n")}\r\n\r\n`;
}

describe("the request", () => {
  it("§4.1 has what the RFC asks for, and the headers of the application", async () => {
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)));
    const socket = await connect(`${server.url}path?query`, {
      headers: { "X-Own": ["1", "2"], Cookie: "a=b" },
      origin: "https://example.org",
      perMessageDeflate: false,
    });
    socket.terminate();
    const [request] = server.requests;
    expect(request).toMatch(/^GET \/path\?query HTTP\/1\.1\r\n/);
    expect(headerOf(request!, "Host")).toBe(`127.0.0.1:${server.port}`);
    expect(headerOf(request!, "Upgrade")).toBe("websocket");
    expect(headerOf(request!, "Connection")).toBe("Upgrade");
    expect(headerOf(request!, "Sec-WebSocket-Version")).toBe("13");
    expect(Buffer.from(headerOf(request!, "Sec-WebSocket-Key")!, "base64")).toHaveLength(16);
    expect(headerOf(request!, "Origin")).toBe("https://example.org");
    expect(headerOf(request!, "Cookie")).toBe("a=b");
    expect(request).toContain("X-Own: 1\r\nX-Own: 2\r\n");
    expect(headerOf(request!, "Sec-WebSocket-Extensions")).toBeUndefined();
  });

  it("§4.1 offers subprotocols in order and takes the one that the server chose", async () => {
    const server = await startRawServer((socket, request) =>
      socket.write(acceptance(request, "Sec-WebSocket-Protocol: wamp")),
    );
    const socket = await connect(server.url, { subprotocols: ["mqtt", "wamp"] });
    socket.terminate();
    expect(headerOf(server.requests[0]!, "Sec-WebSocket-Protocol")).toBe("mqtt, wamp");
    expect(socket.protocol).toBe("wamp");
  });

  it("offers permessage-deflate unless told otherwise", async () => {
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)));
    (await connect(server.url)).terminate();
    expect(headerOf(server.requests[0]!, "Sec-WebSocket-Extensions")).toMatch(
      /^permessage-deflate/,
    );
  });

  it("sends the user and password of the URL, unless there is an Authorization header", async () => {
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)));
    const url = server.url.replace("//", "//me:secret@");
    (await connect(url)).terminate();
    (await connect(url, { headers: { authorization: "Bearer x" } })).terminate();
    const sent = server.requests.map((request) => headerOf(request, "Authorization"));
    expect(sent).toEqual([`Basic ${btoa("me:secret")}`, "Bearer x"]);
  });
});

describe("the answer", () => {
  it("§4.1 nothing is sent behind the request until the response came", async () => {
    let early = "";
    let frames!: ClientFrames;
    const server = await startRawServer((socket, request) => {
      early = request.slice(request.indexOf("\r\n\r\n") + 4);
      const note = (chunk: Buffer): void => {
        early += chunk.toString("latin1");
      };
      socket.on("data", note);
      void turns(20).then(() => {
        socket.off("data", note);
        frames = new ClientFrames(socket);
        socket.write(acceptance(request));
      });
    });
    const socket = startClient(server.url);
    const stream = socket.toNodeStream();
    stream.on("error", () => {});
    stream.write("patience");
    await once(socket, "open");
    expect(early).toBe("");
    expect((await frames.next()).payload.toString()).toBe("patience");
  });

  it("§4.1 frames right behind the 101 are read, and by whoever listens after `await connect`", async () => {
    const server = await startRawServer((socket, request) =>
      socket.write(Buffer.concat([Buffer.from(acceptance(request)), serverFrame(0x81, "early")])),
    );
    const socket = await connect(server.url);
    const data = await new Promise((resolve) => {
      socket.onmessage = (event) => resolve(event.data);
    });
    socket.terminate();
    expect(data).toBe("early");
  });

  it.each<[string, (request: string) => string, ConnectErrorCode, string]>([
    [
      "a wrong accept value",
      (r) => acceptance(`${r}\r\nSec-WebSocket-Key: x\r\n`).replace(/Accept: ./, "Accept: _"),
      "handshake-invalid",
      "accept-invalid",
    ],
    [
      "no accept value",
      () => switching("Upgrade: websocket", "Connection: Upgrade"),
      "handshake-invalid",
      "accept-invalid",
    ],
    [
      "no Upgrade header",
      (r) => switching("Connection: Upgrade", `Sec-WebSocket-Accept: ${acceptOf(r)}`),
      "handshake-invalid",
      "upgrade-invalid",
    ],
    [
      "another upgrade",
      (r) =>
        switching("Upgrade: h2c", "Connection: Upgrade", `Sec-WebSocket-Accept: ${acceptOf(r)}`),
      "handshake-invalid",
      "upgrade-invalid",
    ],
    [
      "an accept value twice",
      (r) => acceptance(r, `Sec-WebSocket-Accept: ${acceptOf(r)}`),
      "handshake-invalid",
      "header-repeated",
    ],
    [
      "a subprotocol that was not offered",
      (r) => acceptance(r, "Sec-WebSocket-Protocol: new-chat"),
      "handshake-invalid",
      "subprotocol-not-offered",
    ],
    [
      "an extension that was not offered",
      (r) => acceptance(r, "Sec-WebSocket-Extensions: x-other"),
      "handshake-invalid",
      "extension-not-offered",
    ],
  ])("§4.1 with %s fails the handshake", async (_, answer, code, fault) => {
    const error = await failWith((socket, request) => socket.write(answer(request)), {
      subprotocols: ["html-chat", "text-chat"],
    });
    expect(error).toMatchObject({ code, fault, status: 101 });
  });

  // Security case B7.
  it.each([
    "server_max_window_bits=0",
    "server_max_window_bits=7",
    "server_max_window_bits=16",
    "server_max_window_bits=99",
    'server_max_window_bits=""',
    "server_max_window_bits=08",
    "server_max_window_bits",
    "server_max_window_bits=10; server_max_window_bits=10",
    "client_max_window_bits=7",
    "client_max_window_bits",
    "server_no_context_takeover=1",
    "unknown",
  ])("RFC 7692 §7.1: the deflate parameter %s fails the handshake", async (parameter) => {
    const error = await failWith((socket, request) =>
      socket.write(
        acceptance(request, `Sec-WebSocket-Extensions: permessage-deflate; ${parameter}`),
      ),
    );
    expect(error.code).toBe("handshake-invalid");
    expect(["deflate-answer-invalid", "extensions-invalid"]).toContain(error.fault);
  });

  it("a refusal tells status, headers and the beginning of its body", async () => {
    const body = "no such room. ".repeat(1000);
    const error = await failWith((socket) =>
      socket.end(
        `HTTP/1.1 403 Forbidden\r\nRetry-After: 7\r\nContent-Length: ${body.length}\r\n\r\n${body}`,
      ),
    );
    expect(error).toMatchObject({ code: "refused-by-server", status: 403 });
    expect(error.headers?.get("retry-after")).toBe("7");
    expect(error.body).toBe(body.slice(0, 8192));
  });

  it("a refusal whose body never ends is told all the same", async () => {
    const error = await failWith((socket) =>
      socket.write("HTTP/1.1 503 Busy\r\nContent-Length: 100\r\n\r\nlater"),
    );
    expect(error).toMatchObject({ code: "refused-by-server", status: 503, body: "later" });
  });

  // Security case C6.
  it("every byte from 0x80 to 0xFF in a header is survived", async () => {
    const odd = Buffer.from(Array.from({ length: 128 }, (_, i) => 0x80 + i)).toString("latin1");
    const server = await startRawServer((socket, request, index) => {
      const lines = [
        [`X-Odd: ${odd}`],
        [`Sec-WebSocket-Protocol: ${odd}`],
        [`Sec-WebSocket-Extensions: ${odd}`],
        [`X-${odd}: a`],
      ][index]!;
      socket.write(acceptance(request, ...lines), "latin1");
    });
    (await connect(server.url)).terminate();
    for (let i = 0; i < 3; i++) {
      await expect(connect(server.url)).rejects.toMatchObject({ code: "handshake-invalid" });
    }
  });

  // Security case C8.
  it.each([
    ["header lines", "X-Endless: 1\r\n".repeat(1000)],
    ["one header line", "a".repeat(16_384)],
    ["interim responses", "", "HTTP/1.1 100 Continue\r\n\r\n".repeat(100)],
  ])("never-ending %s are given up", async (_, part, before = "") => {
    const error = await failWith((socket) => {
      socket.write(before === "" ? "HTTP/1.1 101 Switching Protocols\r\n" : before);
      const more = (): void => {
        if (!socket.destroyed && part !== "") socket.write(part, () => setImmediate(more));
      };
      more();
    });
    expect(error.code).toBe("handshake-invalid");
  });

  it.each([
    ["nothing at all", ""],
    ["no HTTP", "SSH-2.0-OpenSSH_9.2\r\n"],
    ["half a head", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: web"],
  ])("a server that says %s and hangs up is told apart", async (_, bytes) => {
    const error = await failWith((socket) => socket.end(bytes));
    expect(["network", "handshake-invalid"]).toContain(error.code);
  });

  // Security case C11, as a client sees it.
  it("a reset at each byte of the answer ends in an error and nothing worse", async () => {
    let length = 0;
    const server = await startRawServer((socket, request, index) => {
      const answer = acceptance(request);
      ({ length } = answer);
      socket.write(answer.slice(0, index), () => socket.resetAndDestroy());
    });
    let failed = 0;
    do {
      await connect(server.url).then(
        (socket) => socket.closed,
        (error) => expect(error.code).toBe("network"),
      );
    } while (++failed < length);
  });
});

describe("time and abortion", () => {
  it("a server that does not answer is given up after handshakeTimeoutMs", async () => {
    const error = await failWith(() => {}, { handshakeTimeoutMs: 20 });
    expect(error).toMatchObject({ code: "timeout" });
    expect(error.message).toContain("20 ms");
  });

  it("a signal that is aborted gives up, with its reason", async () => {
    const controller = new AbortController();
    const error = await failWith(() => controller.abort("enough"), { signal: controller.signal });
    expect(error).toMatchObject({ code: "aborted", cause: "enough" });
  });

  it("a signal that was aborted before fails without connecting", async () => {
    const outcome = connect("ws://127.0.0.1:1/", { signal: AbortSignal.abort("no") });
    await expect(outcome).rejects.toMatchObject({ code: "aborted", cause: "no" });
  });

  it("a signal aborted later terminates the socket", async () => {
    const controller = new AbortController();
    const server = await startRawServer((socket, request) => socket.write(acceptance(request)));
    const socket = await connect(server.url, { signal: controller.signal });
    controller.abort();
    expect(await socket.closed).toEqual({ code: 1006, reason: "", wasClean: false });
  });

  it("close() while connecting: CLOSING at once, then error and close 1006", async () => {
    const server = await startRawServer(() => {});
    const socket = startClient(server.url);
    const seen: string[] = [];
    socket.onopen = () => seen.push("open");
    socket.onerror = ({ error }) => seen.push((error as ConnectError).code);
    socket.onclose = ({ code, wasClean }) => seen.push(`${code} ${wasClean}`);
    expect(socket.readyState).toBe(WebSocket.CONNECTING);
    socket.close(4000, "changed my mind");
    expect(socket.readyState).toBe(WebSocket.CLOSING);
    expect(seen).toEqual([]);
    await socket.closed;
    expect(socket.readyState).toBe(WebSocket.CLOSED);
    expect(seen).toEqual(["aborted", "1006 false"]);
  });

  it("§4.1 a port where nobody listens is a network error with its cause", async () => {
    await expect(connect("ws://127.0.0.1:1/")).rejects.toMatchObject({
      code: "network",
      cause: { code: "ECONNREFUSED" },
    });
  });

  it("nobody has to listen for errors", async () => {
    const socket = startClient("ws://127.0.0.1:1/");
    await until(() => socket.readyState === WebSocket.CLOSED);
    expect(socket.failure).toBeInstanceOf(ConnectError);
  });
});
