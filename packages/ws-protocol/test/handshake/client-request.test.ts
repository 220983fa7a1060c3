import { describe, expect, it } from "vitest";
import { DeflateOfferer } from "../../src/deflate/negotiation.js";
import {
  type ClientRequestOptions,
  createRequest,
  formatRequest,
} from "../../src/handshake/client-request.js";
import { HeaderLines } from "../../src/handshake/header-lines.js";
import { judgeRequest } from "../../src/handshake/judge-request.js";
import { feedRequest, latin1, textOf } from "./feed.js";

const OPTIONS: ClientRequestOptions = {
  host: "server.example.com",
  secure: false,
  target: "/chat",
  nonce: latin1("the sample nonce"),
};

function textWith(options: Partial<ClientRequestOptions>): string {
  return textOf(formatRequest(createRequest({ ...OPTIONS, ...options })));
}

describe("a client's request", () => {
  it("§4.1 the request is a GET in HTTP/1.1 with Host, Upgrade, Connection, key and version 13", () => {
    expect(textWith({})).toBe(
      "GET /chat HTTP/1.1\r\n" +
        "Host: server.example.com\r\n" +
        "Upgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "Sec-WebSocket-Version: 13\r\n\r\n",
    );
  });

  it("§4.1 origin, subprotocols, extensions and other headers are added on request", () => {
    const text = textWith({
      origin: "http://example.com",
      subprotocols: ["chat", "superchat"],
      extensions: [{ name: "foo", parameters: [{ name: "a", value: "1" }] }],
      deflate: new DeflateOfferer(),
      headers: [
        ["Cookie", "a=1"],
        ["Authorization", "Bearer x"],
      ],
    });
    expect(text.split("\r\n").slice(6)).toEqual([
      "Origin: http://example.com",
      "Sec-WebSocket-Protocol: chat, superchat",
      "Sec-WebSocket-Extensions: foo; a=1, permessage-deflate; client_max_window_bits",
      "Cookie: a=1",
      "Authorization: Bearer x",
      "",
      "",
    ]);
  });

  it("§4.1 our server accepts our request, at any cut", () => {
    const request = createRequest({
      ...OPTIONS,
      subprotocols: ["chat"],
      deflate: new DeflateOfferer(),
    });
    const { result } = feedRequest(textOf(formatRequest(request)));
    if (result.type !== "head" || !("method" in result.head)) throw new Error(result.type);
    expect(judgeRequest(result.head)).toMatchObject({
      type: "request",
      key: request.key,
      subprotocols: request.subprotocols,
      extensions: request.extensions,
    });
    expect(judgeRequest(request).type).toBe("request");
  });

  it.each([
    [80, false, ""],
    [443, true, ""],
    [443, false, ":443"],
    [80, true, ":80"],
    [8080, false, ":8080"],
    [1, true, ":1"],
    [65535, true, ":65535"],
    [undefined, true, ""],
  ])("§4.1 Host with port %s and secure %s ends in %j", (port, secure, end) => {
    const host = createRequest({ ...OPTIONS, port, secure }).headers.value("host");
    expect(host).toBe(`server.example.com${end}`);
  });

  it("§4.1 an IPv6 host stands in brackets", () => {
    expect(textWith({ host: "[::1]", port: 81 })).toContain("Host: [::1]:81\r\n");
    expect(() => textWith({ host: "::1" })).toThrow("in brackets");
    expect(() => textWith({ host: "a.example:80" })).toThrow("port option");
  });

  it.each([0, -1, 65536, 1.5, Number.NaN])("port %s is a RangeError", (port) => {
    expect(() => textWith({ port })).toThrow(RangeError);
  });

  it.each([0, 15, 17])("§4.1 a key is made of 16 bytes, not of %i", (length) => {
    expect(() => textWith({ nonce: new Uint8Array(length) })).toThrow(RangeError);
  });

  it.each(["\r\nX: y", "\n", "\r", "\0", "\x7f", "\u0100", " \u{1F600}"])(
    "%j in any string of the request is a TypeError that names where",
    (bad) => {
      expect(() => textWith({ host: `a${bad}` })).toThrow(/host has U\+[0-9A-F]{4} at position/);
      expect(() => textWith({ target: `/a${bad}` })).toThrow(
        /target has U\+[0-9A-F]{4} at position/,
      );
      expect(() => textWith({ origin: `http://a${bad}` })).toThrow(/Origin header has U\+/);
      expect(() => textWith({ subprotocols: [`a${bad}`] })).toThrow(TypeError);
      expect(() => textWith({ headers: [["Cookie", `a${bad}`]] })).toThrow(/Cookie header has U\+/);
      expect(() => textWith({ headers: [[`Cookie${bad}`, "a"]] })).toThrow("is not a header name");
      const parameters = [{ name: "b", value: bad }];
      expect(() => textWith({ extensions: [{ name: "a", parameters }] })).toThrow(TypeError);
      expect(() => textWith({ extensions: [{ name: bad, parameters: [] }] })).toThrow(TypeError);
    },
  );

  it.each(["", "chat", "http://a/", "/a#b", "/a b", "*"])(
    "the target %j is a TypeError",
    (target) => {
      expect(() => textWith({ target })).toThrow(TypeError);
    },
  );

  it.each(["", "a b", "a/b", "a@b", "a,b", "bücher"])("the host %j is a TypeError", (host) => {
    expect(() => textWith({ host })).toThrow(/^The host has/);
  });

  it("§4.1 a subprotocol repeated or not a token is a TypeError", () => {
    expect(() => textWith({ subprotocols: ["a", "a"] })).toThrow("twice");
    expect(() => textWith({ subprotocols: ["a b"] })).toThrow("token");
  });

  it.each([
    "Host",
    "upgrade",
    "Connection",
    "Sec-WebSocket-Key",
    "sec-websocket-version",
    "Sec-WebSocket-Protocol",
    "Sec-WebSocket-Extensions",
    "Content-Length",
    "Transfer-Encoding",
  ])("the application cannot override %s", (name) => {
    expect(() => textWith({ headers: [[name, "x"]] })).toThrow("belongs to the handshake");
  });

  it("a request changed by hand is checked again before it becomes bytes", () => {
    const request = createRequest(OPTIONS);
    expect(() => formatRequest({ ...request, target: "/ HTTP/1.1\r\nX: y" })).toThrow(TypeError);
    const headers = HeaderLines.fromRaw(["X", "a\r\nY: z"]);
    expect(() => formatRequest({ ...request, headers })).toThrow(TypeError);
  });

  it("Origin may be given as an option or as a header, but not as both", () => {
    expect(textWith({ headers: [["origin", "http://a"]] })).toContain("origin: http://a\r\n");
    expect(() => textWith({ origin: "http://a", headers: [["origin", "http://b"]] })).toThrow(
      "twice",
    );
  });
});
