/** Security case C9: nothing that an application puts into a header can begin another line. */
import { connect, refuse, WebSocket } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { request, requestHead } from "../server/raw-client.js";
import { startServer } from "../server/started.js";
import { acceptance, startRawServer } from "../support/raw-server.js";

const INJECTED = "X-Injected: 1";
const BREAKS: readonly [string, string][] = [
  ["CR LF", "\r\n"],
  ["LF", "\n"],
  ["CR", "\r"],
  ["NUL", "\0"],
  ["LF in two bytes", "\u010a"],
  ["CR and LF in two bytes", "\u560d\u560a"],
];

describe.each(BREAKS)("C9 CVE-2026-1527, CVE-2020-35678: %s, by a client", (_, breaks) => {
  const evil = `a${breaks}${INJECTED}`;

  it.each<[string, (url: string) => WebSocket]>([
    ["a subprotocol", (url) => new WebSocket(url, evil)],
    ["a header's value", (url) => new WebSocket(url, { headers: { "X-A": evil } })],
    ["a header's name", (url) => new WebSocket(url, { headers: { [evil]: "a" } })],
    ["Cookie", (url) => new WebSocket(url, { headers: { Cookie: evil } })],
    ["Origin", (url) => new WebSocket(url, { origin: evil })],
    ["the path", (url) => new WebSocket(`${url}${evil}`)],
    ["the query", (url) => new WebSocket(`${url}?${evil}`)],
    ["user and password", (url) => new WebSocket(url.replace("//", `//${evil}:${evil}@`))],
  ])("%s is refused, or sent as something harmless", async (_name, create) => {
    const server = await startRawServer((socket, head) => socket.write(acceptance(head)));
    let client: WebSocket;
    try {
      client = create(server.url);
    } catch (error) {
      expect(error).toBeInstanceOf(Error);
      expect(server.requests).toEqual([]);
      return;
    }
    await new Promise((resolve) => {
      client.onopen = resolve;
      client.onclose = resolve;
    });
    client.terminate();
    for (const head of server.requests) expect(head).not.toMatch(/[\r\n\0]X-Injected/);
  });

  it("a redirect to such a place is not followed there", async () => {
    const server = await startRawServer((socket, head, index) =>
      socket.write(
        index === 0
          ? Buffer.from(
              `HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: /a${breaks}${INJECTED}\r\n\r\n`,
            )
          : acceptance(head),
      ),
    );
    await connect(server.url, { followRedirects: 1 }).then(
      (client) => client.terminate(),
      (error: unknown) => expect(error).toBeInstanceOf(Error),
    );
    for (const head of server.requests) expect(head).not.toMatch(/[\r\n\0]X-Injected/);
  });
});

describe.each(BREAKS)("C9 CVE-2026-1527, CVE-2020-35678: %s, by a server", (_, breaks) => {
  const evil = `a${breaks}${INJECTED}`;
  const offer = requestHead("/", "Sec-WebSocket-Protocol: a");

  it.each([
    ["the chosen subprotocol", { subprotocols: () => evil }],
    ["a header's value", { headers: () => [["X-A", evil] as const] }],
    ["a header's name", { headers: () => [[evil, "a"] as const] }],
    ["a cookie", { headers: () => [["Set-Cookie", evil] as const] }],
    ["the header of a refusal", { authenticate: () => refuse(403, "no", [["Location", evil]]) }],
    ["the body of a refusal", { authenticate: () => refuse(403, evil) }],
  ])("%s never begins a line of the head", async (_name, options) => {
    const { port, server } = await startServer<unknown>({ refused: () => {}, ...options });
    const answer = await request(port, offer);
    expect([403, 500]).toContain(answer.status);
    expect(answer.headers.has("x-injected")).toBe(false);
    expect([...answer.headers.keys()].join()).not.toMatch(/[\r\n\0]/);
    expect(server.connections.size).toBe(0);
  });
});
