import { WebSocket } from "@tidewire/websocket";
import { describe, expect, it } from "vitest";
import { readUrl } from "../../src/client/client-url.js";

const LATER = { signal: AbortSignal.abort() };

describe("the URL of a client (WHATWG WebSocket constructor)", () => {
  it.each([
    ["ws://example.org", "ws://example.org/", false, 80, "/"],
    ["wss://example.org/a?b=c", "wss://example.org/a?b=c", true, 443, "/a?b=c"],
    ["http://example.org:81/x", "ws://example.org:81/x", false, 81, "/x"],
    ["https://EXAMPLE.org", "wss://example.org/", true, 443, "/"],
    ["ws://[::1]:5/", "ws://[::1]:5/", false, 5, "/"],
    [
      "ws://bücher.example/ä?ö",
      "ws://xn--bcher-kva.example/%C3%A4?%C3%B6",
      false,
      80,
      "/%C3%A4?%C3%B6",
    ],
  ])("takes %s", (given, href, secure, port, target) => {
    expect(readUrl(given)).toMatchObject({ href, secure, port, target, socketPath: undefined });
  });

  it.each([
    "",
    "/relative",
    "example.org",
    "ftp://example.org/",
    "file:///etc/passwd",
    "ws://example.org/#fragment",
    "ws://example.org/#",
    "ws://",
    "ws://exa mple.org/",
    "ws+unix:",
    "ws+unix://host/path",
    "ws+unix:/a%00b:/",
    "ws+unix:/a:relative",
    "ws+unix:/%zz",
  ])("§4.1 refuses the URL %j with a SyntaxError", (given) => {
    expect(() => new WebSocket(given, LATER)).toThrow(
      expect.objectContaining({ name: "SyntaxError" }),
    );
  });

  it.each([
    ["ws+unix:/run/app.sock:/chat?x=1", false, "/run/app.sock", "/chat?x=1"],
    ["wss+unix:/run/app.sock", true, "/run/app.sock", "/"],
    ["ws+unix:./near.sock:/", false, "./near.sock", "/"],
    ["ws+unix:/a%20b%3Ac.sock:/x:y", false, "/a b:c.sock", "/x:y"],
  ])("takes %s", (given, secure, socketPath, target) => {
    expect(readUrl(given)).toMatchObject({ secure, socketPath, target, host: "localhost" });
  });

  it("turns user and password into Basic credentials", () => {
    const { authorization } = readUrl("ws://us%3Aer:p%C3%A4ss@example.org/");
    expect(authorization).toBe(`Basic ${Buffer.from("us:er:päss").toString("base64")}`);
  });

  it.each([
    ["twice", ["a", "a"]],
    ["empty", [""]],
    ["with a space", ["a b"]],
    ["with a comma", "a,b"],
    ["with CR and LF", "a\r\nX: y"],
    ["with NUL", "a\0"],
    ["beyond ASCII", "ä"],
    ["not a string", [{}] as never],
  ])("refuses a subprotocol that is %s with a SyntaxError", (_, subprotocols) => {
    expect(() => new WebSocket("ws://localhost/", subprotocols, LATER)).toThrow(
      expect.objectContaining({ name: "SyntaxError" }),
    );
    expect(() => new WebSocket("ws://localhost/", { subprotocols, ...LATER })).toThrow(
      expect.objectContaining({ name: "SyntaxError" }),
    );
  });
});

describe("the options of a client", () => {
  it.each([
    [{ handshakeTimeoutMs: 0 }, RangeError, /handshakeTimeoutMs/],
    [{ handshakeTimeoutMs: Number.NaN }, RangeError, /handshakeTimeoutMs/],
    [{ followRedirects: -1 }, RangeError, /followRedirects/],
    [{ sendQueueBytesMax: 0 }, RangeError, /sendQueueBytesMax/],
    [{ sendQueuePolicy: "drop" as never }, TypeError, /sendQueuePolicy/],
    [{ limits: { messageBytesMax: 0 } }, RangeError, /messageBytesMax/],
    [{ tls: { rejectUnauthorized: 0 as never } }, TypeError, /rejectUnauthorized/],
    [{ signal: {} as never }, TypeError, /signal/],
    [{ perMessageDeflate: { level: 10 } }, RangeError, /level/],
    [{ headers: { "Sec-WebSocket-Key": "x" } }, TypeError, /Sec-WebSocket-Key/],
    [{ headers: { Host: "x" } }, TypeError, /Host/],
    [{ headers: { "X-A": "a\r\nX-B: b" } }, TypeError, /X-A/],
    [{ headers: { "X-A": "a\0" } }, TypeError, /X-A/],
    [{ headers: { "X A": "a" } }, TypeError, /X A/],
    [{ headers: [["X-A", "\n"]] as const }, TypeError, /X-A/],
    [{ origin: "http://a\r\nX: y" }, TypeError, /Origin/],
  ])("refuses %j", (options, kind, message) => {
    const create = () => new WebSocket("ws://127.0.0.1:1/", options);
    expect(create).toThrow(kind);
    expect(create).toThrow(message);
  });
});
