import { describe, expect, it } from "vitest";
import { acceptRequest, formatAcceptance } from "../../src/handshake/accept-request.js";
import { acceptValue } from "../../src/handshake/accept-value.js";
import { encodeBase64 } from "../../src/handshake/base64.js";
import { HeaderLines } from "../../src/handshake/header-lines.js";
import type { OpeningRequest } from "../../src/handshake/judge-request.js";
import { createRandom, latin1, sha1, textOf } from "./feed.js";

const REQUEST: OpeningRequest = {
  type: "request",
  resourceName: "/chat",
  host: "server.example.com",
  origin: undefined,
  key: "dGhlIHNhbXBsZSBub25jZQ==",
  subprotocols: ["chat", "superchat"],
  extensions: [
    { name: "foo", parameters: [] },
    { name: "bar", parameters: [] },
  ],
  headers: HeaderLines.fromRaw([]),
};

const foo = { name: "foo", parameters: [] };

describe("the accept value", () => {
  it.each([
    ["dGhlIHNhbXBsZSBub25jZQ==", "s3pPLMBiTxaQ9kYGzzhZRbK+xOo="],
    ["NnRlZW4gYnl0ZXMgbG9uZw==", "5TJpAB7/UaAJe8PMrbF3FsUzmfU="],
  ])("§1.3 the key %s is accepted with %s", (key, value) => {
    expect(acceptValue(key, sha1)).toBe(value);
  });

  it("RFC 4648 §4 base64 of every length is what Node writes", () => {
    const random = createRandom(3);
    for (let length = 0; length < 70; length++) {
      const bytes = Uint8Array.from({ length }, () => random() * 256);
      expect(encodeBase64(bytes)).toBe(Buffer.from(bytes).toString("base64"));
    }
  });

  it.each([
    ["", ""],
    ["f", "Zg=="],
    ["fo", "Zm8="],
    ["foo", "Zm9v"],
    ["foob", "Zm9vYg=="],
    ["fooba", "Zm9vYmE="],
    ["foobar", "Zm9vYmFy"],
  ])("RFC 4648 §10 base64 of %j is %j", (text, base64) => {
    expect(encodeBase64(latin1(text))).toBe(base64);
  });
});

describe("a server accepting a request", () => {
  it("§4.2.2 a platform may take SHA-1 and base64 in one step", () => {
    const sha1Base64 = (text: string): string => Buffer.from(sha1(latin1(text))).toString("base64");
    expect(formatAcceptance(REQUEST, { sha1, sha1Base64 })).toBe(
      formatAcceptance(REQUEST, { sha1 }),
    );
  });

  it("§4.2.2 the 101 has Upgrade, Connection and the accept value, and nothing that was not chosen", () => {
    expect(textOf(acceptRequest(REQUEST, { sha1 }))).toBe(
      "HTTP/1.1 101 Switching Protocols\r\n" +
        "Upgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n",
    );
  });

  it("§4.2.2 the 101 names one subprotocol, the extensions and the application's headers", () => {
    const headers = [
      ["Set-Cookie", "a=1"],
      ["Set-Cookie", "b=\xe9"],
    ] as const;
    const options = { sha1, subprotocol: "superchat", extensions: [foo], headers };
    expect(formatAcceptance(REQUEST, options)).toBe(textOf(acceptRequest(REQUEST, options)));
    expect(textOf(acceptRequest(REQUEST, options))).toBe(
      "HTTP/1.1 101 Switching Protocols\r\n" +
        "Upgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n" +
        "Sec-WebSocket-Protocol: superchat\r\n" +
        "Sec-WebSocket-Extensions: foo\r\n" +
        "Set-Cookie: a=1\r\n" +
        "Set-Cookie: b=\xe9\r\n\r\n",
    );
  });

  it("§4.2.2 no subprotocol and an empty list of extensions leave their headers out", () => {
    const options = { sha1, subprotocol: undefined, extensions: [] };
    expect(textOf(acceptRequest(REQUEST, options))).not.toMatch(/protocol:|extensions/i);
  });

  it.each(["new-chat", "Chat", "", "chat\r\nX: y"])(
    "§4.2.2 the subprotocol %j, which was not offered, cannot be chosen",
    (subprotocol) => {
      expect(() => acceptRequest(REQUEST, { sha1, subprotocol })).toThrow(TypeError);
    },
  );

  it("§4.2.2 an extension that was not offered, or is repeated, cannot be listed", () => {
    const accept = (...extensions: (typeof foo)[]): unknown =>
      acceptRequest(REQUEST, { sha1, extensions });
    expect(() => accept({ name: "baz", parameters: [] })).toThrow("was not offered");
    expect(() => accept(foo, foo)).toThrow("answered twice");
  });

  it.each(["\r", "\n", "\0", "\r\n", "\x7f", "\x1b", "\u0100", "\u{1F600}"])(
    "a header with %j in its name or value cannot be sent",
    (bad) => {
      const accept = (name: string, value: string): unknown =>
        acceptRequest(REQUEST, { sha1, headers: [[name, value]] });
      expect(() => accept("X", `a${bad}b`)).toThrow(
        /^The X header has U\+[0-9A-F]{4} at position 1/,
      );
      expect(() => accept(`X${bad}`, "a")).toThrow("is not a header name");
    },
  );

  it.each([
    "Upgrade",
    "connection",
    "Sec-WebSocket-Accept",
    "sec-websocket-protocol",
    "Sec-WebSocket-Extensions",
    "Content-Length",
    "Transfer-Encoding",
  ])("the application cannot set %s", (name) => {
    expect(() => acceptRequest(REQUEST, { sha1, headers: [[name, "x"]] })).toThrow(
      "belongs to the handshake",
    );
  });
});
