import { describe, expect, it } from "vitest";
import { DEFAULT_HANDSHAKE_LIMITS } from "../../src/handshake/handshake-limits.js";
import { HeaderLines } from "../../src/handshake/header-lines.js";
import { judgeRequest, type OpeningRequest } from "../../src/handshake/judge-request.js";
import type { Refusal } from "../../src/handshake/refusal.js";
import type { RequestHead } from "../../src/handshake/request-head.js";
import { createRandom, feedRequest } from "./feed.js";

const HEADERS = {
  host: "server.example.com",
  upgrade: "websocket",
  connection: "Upgrade",
  "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  "sec-websocket-version": "13",
};

type Changes = Record<string, string | string[] | undefined>;

function headWith(changes: Changes = {}, parts: Partial<RequestHead> = {}): RequestHead {
  const headers = HeaderLines.fromMap({ ...HEADERS, ...changes });
  return { method: "GET", target: "/chat", httpVersion: "1.1", headers, ...parts };
}

function judge(changes?: Changes, parts?: Partial<RequestHead>): OpeningRequest | Refusal {
  return judgeRequest(headWith(changes, parts));
}

function accepted(changes?: Changes, parts?: Partial<RequestHead>): OpeningRequest {
  const judged = judge(changes, parts);
  if (judged.type !== "request") throw new Error(`${judged.code}: ${judged.body}`);
  return judged;
}

function refused(changes?: Changes, parts?: Partial<RequestHead>): [number, string] {
  const judged = judge(changes, parts);
  if (judged.type !== "refused") throw new Error("was accepted");
  expect(judged.body).toMatch(/^[A-Z].*\.$/);
  return [judged.status, judged.code];
}

describe("a server judging an opening request", () => {
  it("§1.2 the request of the RFC's example gives its facts", () => {
    const { result } = feedRequest(
      "GET /chat HTTP/1.1\r\n" +
        "Host: server.example.com\r\n" +
        "Upgrade: websocket\r\n" +
        "Connection: Upgrade\r\n" +
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n" +
        "Origin: http://example.com\r\n" +
        "Sec-WebSocket-Protocol: chat, superchat\r\n" +
        "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits\r\n" +
        "Sec-WebSocket-Version: 13\r\n\r\n",
    );
    if (result.type !== "head" || !("method" in result.head)) throw new Error(result.type);
    expect(judgeRequest(result.head)).toEqual({
      type: "request",
      resourceName: "/chat",
      host: "server.example.com",
      origin: "http://example.com",
      key: "dGhlIHNhbXBsZSBub25jZQ==",
      subprotocols: ["chat", "superchat"],
      extensions: [
        {
          name: "permessage-deflate",
          parameters: [{ name: "client_max_window_bits", value: undefined }],
        },
      ],
      headers: result.head.headers,
    });
  });

  it("§4.2.1 a request without Origin, subprotocols and extensions is accepted", () => {
    const request = accepted();
    expect(request.origin).toBeUndefined();
    expect(request.subprotocols).toEqual([]);
    expect(request.extensions).toEqual([]);
  });

  it("§4.2.1 unknown headers, and the order of headers, make no difference", () => {
    const lines = [...HeaderLines.fromMap({ ...HEADERS, cookie: "a=\xff", "x-constructor": "1" })];
    const random = createRandom(7);
    for (let round = 0; round < 50; round++) {
      lines.sort(() => random() - 0.5);
      const judged = judge({}, { headers: HeaderLines.fromRaw(lines.flat()) });
      expect(judged.type).toBe("request");
    }
  });

  it("§4.2.1 header names are taken in any case", () => {
    const flat = [...HeaderLines.fromMap(HEADERS)].flatMap(([name, value]) => [
      name.toUpperCase(),
      value,
    ]);
    expect(judge({}, { headers: HeaderLines.fromRaw(flat) }).type).toBe("request");
  });

  it.each(["POST", "HEAD", "CONNECT", "get", "OPTIONS"])(
    "§4.2.1 the method %s is refused with 405, which names GET",
    (method) => {
      const judged = judge({}, { method });
      expect(judged).toMatchObject({ status: 405, headers: [["Allow", "GET"]] });
    },
  );

  it.each(["0.9", "1.0", "2.0", "3.0"])("§4.2.1 HTTP/%s is refused with 505", (httpVersion) => {
    expect(refused({}, { httpVersion })).toEqual([505, "http-version-unsupported"]);
  });

  it("§4.2.1 HTTP/1.1 or later: a later minor version is taken as 1.1", () => {
    expect(accepted({}, { httpVersion: "1.2" }).type).toBe("request");
  });

  it.each([
    ["missing", undefined],
    ["empty", ""],
    ["two joined", "a.example, b.example"],
    ["two joined without blank", "a.example,b.example"],
    ["with a path", "a.example/chat"],
    ["with a user", "me@a.example"],
    ["with a blank", "a b"],
    ["not ASCII", "b\xfccher.example"],
  ])("§4.2.1 a Host that is %s is refused with 400", (_, host) => {
    expect(refused({ host })).toEqual([400, "host-invalid"]);
  });

  it.each(["a.example", "a.example:8080", "127.0.0.1:80", "[::1]:8080", "a_b.internal"])(
    "§4.2.1 the Host %s is accepted",
    (host) => {
      expect(accepted({ host }).host).toBe(host);
    },
  );

  it.each([
    "websocket",
    "WebSocket",
    "WEBSOCKET",
    "h2c, websocket",
    "websocket, h2c",
    " \twebsocket ,",
    "TLS/1.0,websocket",
  ])("§4.2.1 Upgrade: %s is accepted", (upgrade) => {
    expect(accepted({ upgrade }).type).toBe("request");
  });

  it("§4.2.1 Upgrade and Connection may be spread over several lines", () => {
    const changes = { upgrade: ["h2c", "websocket"], connection: ["keep-alive", "upgrade"] };
    expect(accepted(changes).type).toBe("request");
  });

  it.each([undefined, "", "h2c", "websockets", "websocke", "websocket/13", ","])(
    "§4.2.1 Upgrade: %s, which does not list websocket, is refused with 426",
    (upgrade) => {
      expect(judge({ upgrade })).toMatchObject({
        status: 426,
        code: "upgrade-missing",
        headers: [
          ["Upgrade", "websocket"],
          ["Sec-WebSocket-Version", "13"],
        ],
      });
    },
  );

  it.each(["web socket", "websocket;", "websocket/", "/1", "web\xffsocket", "h2c websocket"])(
    "§4.2.1 Upgrade: %s breaks the grammar and is refused with 400",
    (upgrade) => {
      expect(refused({ upgrade })).toEqual([400, "upgrade-invalid"]);
    },
  );

  it.each(["Upgrade", "upgrade", "keep-alive, Upgrade", "UPGRADE,close", ",,upgrade,,"])(
    "§4.2.1 Connection: %s is accepted",
    (connection) => {
      expect(accepted({ connection }).type).toBe("request");
    },
  );

  it.each([undefined, "", "keep-alive", "upgrades", "keep-alive upgrade", "upgrade=1", ","])(
    "§4.2.1 Connection: %s is refused with 400",
    (connection) => {
      expect(refused({ connection })).toEqual([400, "connection-invalid"]);
    },
  );

  it.each([
    undefined,
    "",
    "0",
    "8",
    "12",
    "14",
    "013",
    "13, 8",
    "13,13",
    "+13",
    "13.0",
    "1\u0033 ",
  ])("§4.4 Sec-WebSocket-Version %s is refused with 426 and the version spoken, 13", (version) => {
    expect(judge({ "sec-websocket-version": version })).toMatchObject({
      status: 426,
      code: "version-unsupported",
      headers: [
        ["Upgrade", "websocket"],
        ["Sec-WebSocket-Version", "13"],
      ],
      body: expect.stringContaining("Send Sec-WebSocket-Version: 13"),
    });
  });

  it("§4.2.2 the drafts hixie-75 and hixie-76 are refused with 426 and the version spoken", () => {
    const none = { "sec-websocket-version": undefined, "sec-websocket-key": undefined };
    const keys = {
      "sec-websocket-key1": "4 @1  46546xW%0l 1 5",
      "sec-websocket-key2": "12998 5 Y3",
    };
    for (const draft of [none, { ...none, ...keys }, { ...none, "websocket-protocol": "sample" }]) {
      expect(refused({ ...draft, upgrade: "WebSocket" })).toEqual([426, "version-unsupported"]);
    }
  });

  it.each([
    ["the RFC's", "dGhlIHNhbXBsZSBub25jZQ==", true],
    ["bytes 1 to 16", "AQIDBAUGBwgJCgsMDQ4PEC==", false], // the RFC's own, with bits that encode nothing
    ["bytes 1 to 16, canonical", "AQIDBAUGBwgJCgsMDQ4PEA==", true],
    ["16 zero bytes", "AAAAAAAAAAAAAAAAAAAAAA==", true],
    ["ending in Q", "AAAAAAAAAAAAAAAAAAAAAQ==", true],
    ["ending in g", "AAAAAAAAAAAAAAAAAAAAAg==", true],
    ["ending in w", "AAAAAAAAAAAAAAAAAAAAAw==", true],
    ["all bits set", "/////////////////////w==", true],
    ["20 bytes", "BOq0IliaPZlnbMHEBYtdjmKIL38=", false],
    ["15 bytes", "AAAAAAAAAAAAAAAAAAAA", false],
    ["17 bytes", "AAAAAAAAAAAAAAAAAAAAAAA=", false],
    ["unused bits set", "AAAAAAAAAAAAAAAAAAAAAB==", false],
    ["without padding", "AAAAAAAAAAAAAAAAAAAAAA", false],
    ["half padding", "AAAAAAAAAAAAAAAAAAAAAA=A", false],
    ["padding inside", "AAAAAAAAAAAAAAAAAAAA=A==", false],
    ["the URL alphabet", "-_AAAAAAAAAAAAAAAAAAAA==", false],
    ["a blank inside", "AAAAAAAAAA AAAAAAAAAAA==", false],
    ["not ASCII", "AAAAAAAAAA\u0100AAAAAAAAAAA==", false],
    ["two joined", "dGhlIHNhbXBsZSBub25jZQ==, dGhlIHNhbXBsZSBub25jZQ==", false],
    ["empty", "", false],
    ["missing", undefined, false],
  ])("§4.2.1 a key that is %s", (_, key, good) => {
    if (good) expect(accepted({ "sec-websocket-key": key }).key).toBe(key);
    else expect(refused({ "sec-websocket-key": key })).toEqual([400, "key-invalid"]);
  });

  it("§4.2.1 of the 64 last characters a key may have, the four with zero bits are accepted", () => {
    const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const good = [...alphabet].filter((last) => {
      return judge({ "sec-websocket-key": `AAAAAAAAAAAAAAAAAAAAA${last}==` }).type === "request";
    });
    expect(good.join("")).toBe("AQgw");
  });

  it.each([
    "host",
    "sec-websocket-key",
    "sec-websocket-version",
    "origin",
    "content-length",
    "authorization",
  ])("RFC 9110 §5.3 a second %s line is refused with 400, equal or not", (name) => {
    const value = HEADERS[name as keyof typeof HEADERS] ?? "0";
    expect(refused({ [name]: [value, value] })).toEqual([400, "header-repeated"]);
    expect(refused({ [name]: [value, "x"] })).toEqual([400, "header-repeated"]);
  });

  it("§1.3 a request with a body is refused with 400", () => {
    expect(accepted({ "content-length": "0" }).type).toBe("request");
    for (const length of ["1", "00", "-0", "", "x", "0, 0"]) {
      expect(refused({ "content-length": length })).toEqual([400, "body-unexpected"]);
    }
    expect(refused({ "transfer-encoding": "chunked" })).toEqual([400, "body-unexpected"]);
    expect(refused({ "transfer-encoding": "" })).toEqual([400, "body-unexpected"]);
  });

  it.each([
    ["/", "/"],
    ["/chat?a=/b?c", "/chat?a=/b?c"],
    ["//double", "//double"],
    ["http://server.example.com/chat", "/chat"],
    ["HTTPS://SERVER.example.com/chat?x", "/chat?x"],
    ["http://server.example.com", "/"],
    ["https://server.example.com?x", "/?x"],
  ])("§4.2.1 the target %s names the resource %s", (target, resourceName) => {
    expect(accepted({}, { target }).resourceName).toBe(resourceName);
  });

  it.each([
    "",
    "*",
    "chat",
    "server.example.com:80",
    "/chat#part",
    "/a b",
    "/caf\xe9",
    "/\r\nX: y",
    "ftp://server.example.com/",
    "ws://server.example.com/",
    "http://other.example/",
    "http://server.example.com:81/",
    "http://me@server.example.com/",
    "http://server.example.com\\@x/",
    "http:///chat",
  ])("§4.2.1 the target %j is refused with 400", (target) => {
    expect(refused({}, { target })).toEqual([400, "target-invalid"]);
  });

  it("§4.2.1 subprotocols and extensions against their grammar are refused with 400", () => {
    const subprotocols = { "sec-websocket-protocol": "a, a" };
    expect(refused(subprotocols)).toEqual([400, "subprotocols-invalid"]);
    const extensions = { "sec-websocket-extensions": "a; b=" };
    expect(refused(extensions)).toEqual([400, "extensions-invalid"]);
  });

  it("too many lines, subprotocols or extensions are refused with 431", () => {
    const names = Array.from({ length: 40 }, (_, index) => `x${index}`);
    expect(refused({ "sec-websocket-protocol": names.join() })).toEqual([
      431,
      "subprotocols-too-many",
    ]);
    expect(refused({ "sec-websocket-extensions": names })).toEqual([431, "extensions-too-many"]);
    const lines = (count: number): Changes => ({ x: Array<string>(count).fill("y") });
    expect(accepted(lines(95)).type).toBe("request");
    expect(refused(lines(96))).toEqual([431, "headers-too-many"]);
    expect(refused(lines(2000))).toEqual([431, "headers-too-many"]);
    const limits = { ...DEFAULT_HANDSHAKE_LIMITS, headerLinesMax: 5 };
    expect(judgeRequest(headWith(), limits).type).toBe("request");
    expect(judgeRequest(headWith({ x: "y" }), limits)).toMatchObject({ status: 431 });
  });

  it("a head whose header table was cut short, with any header missing, is refused and never throws", () => {
    for (const name of Object.keys(HEADERS)) {
      expect(refused({ [name]: undefined })[0]).toBeGreaterThanOrEqual(400);
    }
    expect(judge({}, { headers: HeaderLines.fromRaw([]) }).type).toBe("refused");
  });

  const MANY = 2_000_000;
  it.each([
    ["blanks", `b${" ".repeat(MANY)}x`],
    ["commas", `${",".repeat(MANY)};`],
    ["blanks and commas", `${" ,".repeat(MANY)};`],
    ["letters", `${"a".repeat(MANY)} b`],
    ["slashes", "/".repeat(MANY)],
    ["tokens", `${"upgrade,".repeat(MANY / 8)};`],
  ])(
    "hostile Upgrade and Connection headers of millions of %s are refused in linear time",
    (_, bad) => {
      expect(refused({ upgrade: bad })).toEqual([400, "upgrade-invalid"]);
      expect(refused({ connection: bad })).toEqual([400, "connection-invalid"]);
    },
  );

  it("random heads are accepted or refused, and never throw", () => {
    const random = createRandom(11);
    const pick = <T>(from: readonly T[]): T => from[Math.floor(random() * from.length)] as T;
    const values = ["", "websocket", "Upgrade", "13", ",", '"', "\\", "\xff", "a;b=c", "__proto__"];
    const names = [...Object.keys(HEADERS), "origin", "sec-websocket-extensions", "__proto__"];
    for (let round = 0; round < 2000; round++) {
      const flat = [...HeaderLines.fromMap(HEADERS)].flat();
      for (let change = 0; change < 3; change++) {
        if (random() < 0.5) flat.push(pick(names), pick(values) + pick(values));
        else flat.splice(2 * Math.floor((random() * flat.length) / 2), 2);
      }
      const judged = judge({}, { headers: HeaderLines.fromRaw(flat) });
      expect(["request", "refused"]).toContain(judged.type);
    }
  });
});
