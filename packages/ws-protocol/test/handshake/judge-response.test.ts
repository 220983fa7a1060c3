import { describe, expect, it } from "vitest";
import { DeflateOfferer, DeflateResponder } from "../../src/deflate/negotiation.js";
import { acceptRequest } from "../../src/handshake/accept-request.js";
import { type ClientRequestOptions, createRequest } from "../../src/handshake/client-request.js";
import type { HandshakeFailure } from "../../src/handshake/handshake-failure.js";
import { HeaderLines } from "../../src/handshake/header-lines.js";
import { judgeRequest } from "../../src/handshake/judge-request.js";
import { judgeResponse, type OpeningResponse } from "../../src/handshake/judge-response.js";
import { formatRefusal, refuseUnavailable } from "../../src/handshake/refusal.js";
import type { ResponseHead } from "../../src/handshake/response-head.js";
import { selectSubprotocol } from "../../src/handshake/subprotocols.js";
import { feedResponse, latin1, sha1, textOf } from "./feed.js";

const OPTIONS: ClientRequestOptions = {
  host: "server.example.com",
  secure: false,
  target: "/chat",
  nonce: latin1("the sample nonce"),
  subprotocols: ["html-chat", "text-chat"],
  deflate: new DeflateOfferer(),
  extensions: [{ name: "foo", parameters: [] }],
};

const HEADERS = {
  Upgrade: "websocket",
  Connection: "Upgrade",
  "Sec-WebSocket-Accept": "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
};

type Changes = Record<string, string | string[] | undefined>;

function judge(
  changes: Changes = {},
  parts: Partial<ResponseHead> = {},
  options: Partial<ClientRequestOptions> = {},
): OpeningResponse | HandshakeFailure {
  const headers = HeaderLines.fromMap({ ...HEADERS, ...changes });
  const head = { status: 101, reasonPhrase: "", httpVersion: "1.1", headers, ...parts };
  return judgeResponse(createRequest({ ...OPTIONS, ...options }), head, sha1);
}

function failureOf(changes: Changes, parts?: Partial<ResponseHead>): string {
  const judged = judge(changes, parts);
  if (judged.type !== "failed") throw new Error("was accepted");
  expect(judged.detail).toMatch(/\.$/);
  expect(judged.section).toMatch(/^RFC \d+ §/);
  return judged.code;
}

describe("a client judging a response", () => {
  it("§1.3 the RFC's example opens the connection, with no subprotocol and no extension", () => {
    expect(judge()).toMatchObject({
      type: "opened",
      subprotocol: undefined,
      extensions: [],
      deflate: undefined,
    });
  });

  it.each(["websocket", "WebSocket", "WEBSOCKET"])("§4.1 Upgrade: %s is accepted", (Upgrade) => {
    expect(judge({ Upgrade }).type).toBe("opened");
  });

  it.each([undefined, "", "h2c", "websocket, h2c", "websocket/13", "websocke"])(
    "§4.1 Upgrade: %s in the response fails",
    (Upgrade) => {
      expect(failureOf({ Upgrade })).toBe("upgrade-invalid");
    },
  );

  it.each(["Upgrade", "upgrade", "keep-alive, UPGRADE"])(
    "§4.1 a Connection header with the token Upgrade (%s) is accepted",
    (Connection) => {
      expect(judge({ Connection }).type).toBe("opened");
    },
  );

  it.each([undefined, "", "keep-alive", "close", "upgraded", "Upgrade;"])(
    "§4.1 a Connection header without the token Upgrade (%s) fails",
    (Connection) => {
      expect(failureOf({ Connection })).toBe("connection-invalid");
    },
  );

  it.each([
    undefined,
    "",
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo",
    "S3PPLMBITXAQ9KYGZZHZRBK+XOO=",
    "5TJpAB7/UaAJe8PMrbF3FsUzmfU=",
    "dGhlIHNhbXBsZSBub25jZQ==",
    "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=, s3pPLMBiTxaQ9kYGzzhZRbK+xOo=",
  ])("§4.1 Sec-WebSocket-Accept %s is not accepted: it must match the key exactly", (accept) => {
    expect(failureOf({ "Sec-WebSocket-Accept": accept })).toBe("accept-invalid");
  });

  it("§4.1 blanks around Sec-WebSocket-Accept are ignored when it is accepted", () => {
    const { result } = feedResponse(
      "HTTP/1.1 101 Switching Protocols\r\nUpgrade:websocket\r\nConnection:\tUpgrade\r\n" +
        "Sec-WebSocket-Accept: \t s3pPLMBiTxaQ9kYGzzhZRbK+xOo= \t\r\n\r\n",
    );
    if (result.type !== "head" || !("status" in result.head)) throw new Error(result.type);
    expect(judgeResponse(createRequest(OPTIONS), result.head, sha1).type).toBe("opened");
  });

  it("§4.1 a subprotocol that was offered is in use", () => {
    expect(judge({ "Sec-WebSocket-Protocol": "text-chat" })).toMatchObject({
      type: "opened",
      subprotocol: "text-chat",
    });
  });

  it.each(["new-chat", "HTML-chat", "", "html-chat, text-chat", "text-chat;", "__proto__"])(
    "§4.1 the subprotocol %j was not offered: html-chat and text-chat were, and it fails",
    (name) => {
      expect(failureOf({ "Sec-WebSocket-Protocol": name })).toBe("subprotocol-not-offered");
    },
  );

  it("§4.1 a subprotocol fails when none was offered", () => {
    const changes = { "Sec-WebSocket-Protocol": "chat" };
    expect(judge(changes, {}, { subprotocols: [] })).toMatchObject({
      code: "subprotocol-not-offered",
      detail: expect.stringContaining("Offered: none."),
    });
  });

  it.each(["Upgrade", "Sec-WebSocket-Accept", "Sec-WebSocket-Protocol"])(
    "§11.3 a second %s in the response fails",
    (name) => {
      const value = HEADERS[name as keyof typeof HEADERS] ?? "text-chat";
      expect(failureOf({ [name]: [value, value] })).toBe("header-repeated");
    },
  );

  it("§4.1 extensions that were offered are in use, on one line or on several", () => {
    for (const value of ["foo; a=1, permessage-deflate", ["foo; a=1", "permessage-deflate"]]) {
      expect(judge({ "Sec-WebSocket-Extensions": value })).toMatchObject({
        type: "opened",
        extensions: [{ name: "foo" }, { name: "permessage-deflate" }],
        deflate: { serverMaxWindowBits: 15 },
      });
    }
  });

  it.each(["bar", "foo, bar", "Foo", "permessage-deflate, bar", "__proto__", "constructor"])(
    "§4.1 an extension that was not offered (%s) fails",
    (value) => {
      expect(failureOf({ "Sec-WebSocket-Extensions": value })).toBe("extension-not-offered");
    },
  );

  it("§4.1 permessage-deflate fails as an extension when it was not offered", () => {
    const changes = { "Sec-WebSocket-Extensions": "permessage-deflate" };
    expect(judge(changes, {}, { deflate: undefined })).toMatchObject({
      code: "extension-not-offered",
    });
  });

  it("permessage-deflate offered by name alone is left to the caller to judge", () => {
    const extensions = [{ name: "permessage-deflate", parameters: [] }];
    const changes = { "Sec-WebSocket-Extensions": "permessage-deflate; x" };
    expect(judge(changes, {}, { deflate: undefined, extensions })).toMatchObject({
      type: "opened",
      deflate: undefined,
    });
  });

  it("§4.1 an invalid answer about extensions fails: repeated, against the grammar, too many", () => {
    const failing = (value: string): string => failureOf({ "Sec-WebSocket-Extensions": value });
    expect(failing("foo, foo")).toBe("extensions-invalid");
    expect(failing("permessage-deflate, permessage-deflate")).toBe("extensions-invalid");
    expect(failing("foo;")).toBe("extensions-invalid");
    expect(failing("")).toBe("extensions-invalid");
    expect(failing("foo,".repeat(17))).toBe("extensions-too-many");
  });

  it("RFC 7692 §7.1 an answer that does not fit the offer of permessage-deflate fails", () => {
    const value = "permessage-deflate; server_max_window_bits=16";
    expect(failureOf({ "Sec-WebSocket-Extensions": value })).toBe("deflate-answer-invalid");
  });

  it("§4.1 a 101 in HTTP/1.0 is a malformed response and fails", () => {
    expect(failureOf({}, { httpVersion: "1.0" })).toBe("http-version-unsupported");
  });

  it("headerLinesMax: n lines are taken, n + 1 fail, also where somebody else read them", () => {
    const filler = (count: number): Changes =>
      Object.fromEntries(Array.from({ length: count }, (_, index) => [`X-${index}`, "1"]));
    // Beside Upgrade, Connection and Sec-WebSocket-Accept.
    expect(judge(filler(97))).toMatchObject({ type: "opened" });
    expect(failureOf(filler(98))).toBe("headers-too-many");
  });

  it.each([
    [100, "Check that the URL"],
    [200, "Check that the URL"],
    [302, "Location"],
    [401, "credentials"],
    [403, "may not connect"],
    [404, "no WebSocket at this path"],
    [407, "credentials"],
    [426, "another version"],
    [429, "Try again later"],
    [500, "Check that the URL"],
    [503, "Try again later"],
  ])("§4.1 status %i instead of 101 fails, and says what it means", (status, detail) => {
    const judged = judge({ "X-Why": "because" }, { status });
    expect(judged).toMatchObject({ type: "failed", code: "status-unexpected", status });
    if (judged.type === "failed") {
      expect(judged.detail).toContain(detail);
      expect(judged.headers?.value("x-why")).toBe("because");
    }
  });

  it("every byte from 0x80 to 0xFF in each header of a response fails or is ignored, and never throws", () => {
    const names = [...Object.keys(HEADERS), "Sec-WebSocket-Protocol", "Sec-WebSocket-Extensions"];
    for (let code = 0x80; code <= 0xff; code++) {
      const odd = String.fromCharCode(code);
      for (const name of names) expect(judge({ [name]: odd }).type).toBe("failed");
      expect(judge({ Server: odd }).type).toBe("opened");
    }
  });
});

describe("both roles", () => {
  it("§4.2.2 a client that offers the subprotocols mqtt and wamp to a server of wamp speaks wamp", () => {
    const request = createRequest({ ...OPTIONS, subprotocols: ["mqtt", "wamp"] });
    const judged = judgeRequest(request);
    if (judged.type !== "request") throw new Error(judged.body);
    const agreement = new DeflateResponder().agree(judged.extensions);
    const bytes = acceptRequest(judged, {
      sha1,
      subprotocol: selectSubprotocol(judged.subprotocols, ["wamp"]),
      extensions: agreement === undefined ? [] : [agreement.answer],
    });
    expect(textOf(bytes)).toContain("\r\nSec-WebSocket-Protocol: wamp\r\n");
    const { result } = feedResponse(textOf(bytes));
    if (result.type !== "head" || !("status" in result.head)) throw new Error(result.type);
    expect(judgeResponse(request, result.head, sha1)).toMatchObject({
      type: "opened",
      subprotocol: "wamp",
      deflate: agreement?.parameters,
    });
  });

  it("a client learns from a refusal what its status was and when to try again", () => {
    const { result, rest } = feedResponse(textOf(formatRefusal(refuseUnavailable(7))));
    if (result.type !== "head" || !("status" in result.head)) throw new Error(result.type);
    const judged = judgeResponse(createRequest(OPTIONS), result.head, sha1);
    if (judged.type !== "failed") throw new Error("was accepted");
    expect(judged).toMatchObject({ status: 503, detail: expect.stringContaining("Retry-After") });
    expect(judged.headers?.value("retry-after")).toBe("7");
    expect(rest).toContain("Try again in 7 s.");
  });
});
