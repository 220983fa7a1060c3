import { describe, expect, it } from "vitest";
import { resolveHandshakeLimits } from "../../src/handshake/handshake-limits.js";
import { RequestHeadParser } from "../../src/handshake/request-head.js";
import { createRandom, feedRequest, latin1 } from "./feed.js";

const REQUEST =
  "GET /chat?room=1 HTTP/1.1\r\n" +
  "Host: server.example.com\r\n" +
  "Upgrade: websocket\r\n" +
  "Connection: Upgrade\r\n" +
  "\r\n";

function refusalOf(text: string, limits?: Parameters<typeof feedRequest>[1]): unknown {
  const { result } = feedRequest(text, limits);
  return result.type === "refused" ? [result.status, result.code] : result;
}

describe("a request head", () => {
  it("§4.2.1 a request line and headers are read, and the bytes after the head are left", () => {
    const { result, rest } = feedRequest(`${REQUEST}\x81\x85frames`);
    expect(rest).toBe("\x81\x85frames");
    if (result.type !== "head" || !("method" in result.head)) throw new Error(result.type);
    const { method, target, httpVersion, headers } = result.head;
    expect([method, target, httpVersion]).toEqual(["GET", "/chat?room=1", "1.1"]);
    expect([...headers]).toEqual([
      ["Host", "server.example.com"],
      ["Upgrade", "websocket"],
      ["Connection", "Upgrade"],
    ]);
  });

  it("its bytes can be had again, for another server, wherever it was cut", () => {
    const bytes = latin1(`${REQUEST}frames`);
    for (let cut = 0; cut <= REQUEST.length; cut++) {
      const parser = new RequestHeadParser();
      if (parser.receive(bytes.subarray(0, cut)).type === "incomplete") {
        parser.receive(bytes.subarray(cut));
      }
      expect(parser.bytes, `${cut}`).toEqual(latin1(REQUEST));
    }
  });

  it("a parser that is reset reads another head as a new one would, wherever it was before", () => {
    const parser = new RequestHeadParser(resolveHandshakeLimits({ headerLinesMax: 4 }));
    const heads = [REQUEST, "GET /other HTTP/1.0\r\nA: b\r\n\r\n", "GET\u0000", "\r\n", REQUEST];
    for (const before of heads) {
      for (let cut = 1; cut <= before.length; cut++) {
        parser.receive(latin1(before.slice(0, cut)));
        parser.reset();
        const result = parser.receive(latin1(`${REQUEST}frames`));
        if (result.type !== "head") throw new Error(result.type);
        expect(result.head.target).toBe("/chat?room=1");
        expect(result.head.headers.count).toBe(3);
        expect(result.consumed).toBe(REQUEST.length);
        parser.reset();
      }
    }
  });

  it("§4.2.1 a request without any header is a complete head, for the judge to refuse", () => {
    const { result } = feedRequest("GET / HTTP/1.1\r\n\r\n");
    expect(result.type).toBe("head");
  });

  it("RFC 9112 §5.1 blanks around a value are dropped, those inside kept, and a value may be empty", () => {
    const { result } = feedRequest(
      "GET / HTTP/1.1\r\nA: \t x \t y\t \r\nB:\r\nC: \t \r\nD:z\r\n\r\n",
    );
    if (result.type !== "head") throw new Error(result.type);
    expect([...result.head.headers]).toEqual([
      ["A", "x \t y"],
      ["B", ""],
      ["C", ""],
      ["D", "z"],
    ]);
  });

  it("RFC 9110 §5.5 bytes 0x80 to 0xFF in a value are kept as latin1", () => {
    let bytes = "";
    for (let code = 0x80; code <= 0xff; code++) bytes += String.fromCharCode(code);
    const { result } = feedRequest(`GET / HTTP/1.1\r\nCookie: ${bytes}\r\n\r\n`);
    if (result.type !== "head") throw new Error(result.type);
    expect(result.head.headers.value("cookie")).toBe(bytes);
  });

  it("the platform may bring its own decoder", () => {
    const decode = (bytes: Uint8Array, start: number, end: number): string =>
      Buffer.from(bytes).toString("latin1", start, end);
    const result = new RequestHeadParser(undefined, decode).receive(latin1(REQUEST));
    const expected = new RequestHeadParser().receive(latin1(REQUEST));
    if (result.type !== "head" || expected.type !== "head") throw new Error(result.type);
    expect([...result.head.headers]).toEqual([...expected.head.headers]);
  });

  it("an unfinished head is incomplete", () => {
    for (let length = 0; length < REQUEST.length; length++) {
      expect(feedRequest(REQUEST.slice(0, length)).result).toEqual({ type: "incomplete" });
    }
  });

  it.each([
    ["a bare LF after the request line", "GET / HTTP/1.1\nHost: a\r\n\r\n", "start-line-invalid"],
    ["a bare CR in the request line", "GET /\rx HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["an empty first line", "\r\nGET / HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["no target", "GET HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["no version", "GET /\r\n\r\n", "start-line-invalid"],
    ["one word", "GET\r\n\r\n", "start-line-invalid"],
    ["two spaces", "GET  / HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["a space in the target", "GET /a b HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["a leading space", " GET / HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["a trailing space", "GET / HTTP/1.1 \r\n\r\n", "start-line-invalid"],
    ["a tab", "GET\t/ HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["a method that is no token", "G@T / HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["another protocol", "GET / HTTQ/1.1\r\n\r\n", "start-line-invalid"],
    ["a version without dot", "GET / HTTP/1,1\r\n\r\n", "start-line-invalid"],
    ["a version that is no number", "GET / HTTP/x.1\r\n\r\n", "start-line-invalid"],
    ["a minor version that is no number", "GET / HTTP/1.x\r\n\r\n", "start-line-invalid"],
    ["a long version", "GET / HTTP/1.10\r\n\r\n", "start-line-invalid"],
    ["a TLS greeting", "\x16\x03\x01\x02\x00", "start-line-invalid"],
    ["a byte over 0x7F in the target", "GET /\xe9 HTTP/1.1\r\n\r\n", "start-line-invalid"],
    ["a bare LF after a header", "GET / HTTP/1.1\r\nA: b\nC: d\r\n\r\n", "header-invalid"],
    ["a bare CR after a header", "GET / HTTP/1.1\r\nA: b\rC: d\r\n\r\n", "header-invalid"],
    ["a bare LF as the last line", "GET / HTTP/1.1\r\nA: b\r\n\n", "header-invalid"],
    ["a bare CR as the last line", "GET / HTTP/1.1\r\nA: b\r\n\rx", "header-invalid"],
    ["a space before the colon", "GET / HTTP/1.1\r\nA : b\r\n\r\n", "header-invalid"],
    ["a folded line", "GET / HTTP/1.1\r\nA: b\r\n c\r\n\r\n", "header-invalid"],
    ["a folded line by tab", "GET / HTTP/1.1\r\nA: b\r\n\tc\r\n\r\n", "header-invalid"],
    ["an empty name", "GET / HTTP/1.1\r\n: b\r\n\r\n", "header-invalid"],
    ["a name that is no token", "GET / HTTP/1.1\r\nA(: b\r\n\r\n", "header-invalid"],
    ["a name with a byte over 0x7F", "GET / HTTP/1.1\r\n\xc4: b\r\n\r\n", "header-invalid"],
    ["no colon", "GET / HTTP/1.1\r\nAb\r\n\r\n", "header-invalid"],
    ["a NUL in a value", "GET / HTTP/1.1\r\nA: b\0c\r\n\r\n", "header-invalid"],
    ["a DEL in a value", "GET / HTTP/1.1\r\nA: b\x7fc\r\n\r\n", "header-invalid"],
    ["an escape in a value", "GET / HTTP/1.1\r\nA: \x1b[0m\r\n\r\n", "header-invalid"],
  ])("§4.2.1 a request with %s is refused with 400", (_, text, code) => {
    expect(refusalOf(text)).toEqual([400, code]);
  });

  it("RFC 9110 §5.5 every control byte in a value is refused with 400, but the tab", () => {
    for (let code = 0; code < 0x20; code++) {
      const head = `GET / HTTP/1.1\r\nA: b${String.fromCharCode(code)}c\r\n\r\n`;
      if (code === 0x09) expect(feedRequest(head).result.type).toBe("head");
      else expect(refusalOf(head), `0x${code.toString(16)}`).toEqual([400, "header-invalid"]);
    }
  });

  it("a refusal names the line and the position, but repeats nothing of what was sent", () => {
    const { result } = feedRequest("GET / HTTP/1.1\r\nOk: x\r\nSecret\0: b\r\n\r\n");
    if (result.type !== "refused") throw new Error(result.type);
    expect(result.body).toBe("Header line 2 has the byte 0x00 in its name at position 6.");
  });

  it("no more bytes are taken once the head is complete or refused", () => {
    for (const text of [REQUEST, "\n"]) {
      const parser = new RequestHeadParser();
      parser.receive(latin1(text));
      expect(() => parser.receive(latin1("x"))).toThrow("complete");
    }
  });
});

describe("the limits of a request head", () => {
  it("headBytesMax: a head of n bytes is taken, one of n + 1 is refused with 431", () => {
    expect(feedRequest(REQUEST, { headBytesMax: REQUEST.length }).result.type).toBe("head");
    expect(refusalOf(REQUEST, { headBytesMax: REQUEST.length - 1 })).toEqual([
      431,
      "head-too-long",
    ]);
  });

  it("headBytesMax: bytes after the head do not count", () => {
    const { result } = feedRequest(`${REQUEST}${"f".repeat(100)}`, {
      headBytesMax: REQUEST.length,
    });
    expect(result.type).toBe("head");
  });

  it("headBytesMax: a broken line within the limit is found before the limit is", () => {
    expect(refusalOf(`GET / HTTP/1.1\r\n\0${"x".repeat(99)}`, { headBytesMax: 50 })).toEqual([
      400,
      "header-invalid",
    ]);
  });

  it("headerLinesMax: n lines are taken, n + 1 refused with 431, also under one name", () => {
    const lines = (count: number): string => `GET / HTTP/1.1\r\n${"A: b\r\n".repeat(count)}\r\n`;
    expect(feedRequest(lines(7), { headerLinesMax: 7 }).result.type).toBe("head");
    expect(refusalOf(lines(8), { headerLinesMax: 7 })).toEqual([431, "headers-too-many"]);
    expect(feedRequest(lines(100)).result.type).toBe("head");
    expect(refusalOf(lines(101))).toEqual([431, "headers-too-many"]);
  });

  it("lineBytesMax: a request line of n bytes is taken, one of n + 1 is refused with 414", () => {
    const line = "GET /long HTTP/1.1";
    const text = `${line}\r\nA: b\r\n\r\n`;
    expect(feedRequest(text, { lineBytesMax: line.length }).result.type).toBe("head");
    expect(refusalOf(text, { lineBytesMax: line.length - 1 })).toEqual([
      414,
      "start-line-too-long",
    ]);
  });

  it("lineBytesMax: a header of n bytes is taken, one of n + 1 is refused with 431", () => {
    for (const line of [`A: ${"b".repeat(20)}`, `${"A".repeat(22)}:`]) {
      const text = `GET / HTTP/1.1\r\n${line}\r\n\r\n`;
      expect(feedRequest(text, { lineBytesMax: line.length }).result.type).toBe("head");
      expect(refusalOf(text, { lineBytesMax: line.length - 1 })).toEqual([431, "header-too-long"]);
    }
  });

  it("lineBytesMax: a name that never ends is refused with 431", () => {
    expect(refusalOf(`GET / HTTP/1.1\r\n${"A".repeat(9000)}`)).toEqual([431, "header-too-long"]);
  });

  it.each([0, -1, 1.5, Number.NaN, Number.POSITIVE_INFINITY])(
    "a limit of %s is a RangeError",
    (limit) => {
      expect(() => resolveHandshakeLimits({ headBytesMax: limit })).toThrow(
        new RangeError(`headBytesMax must be a positive integer, not ${limit}`),
      );
    },
  );
});

describe("hostile request heads", () => {
  it("random damage has the same outcome at every cut, also at the edge of each limit", () => {
    const random = createRandom(5);
    const below = (end: number): number => Math.floor(random() * end);
    const damage = "\r\n: \t\0\xff\x7fA1/";
    const seen = new Set<string>();
    for (let round = 0; round < 400; round++) {
      let text = `${REQUEST.replace("Host: ", "Host:  ")}frames`;
      for (let count = below(4); count > 0; count--) {
        const at = below(text.length);
        const character = damage[below(damage.length)] ?? "";
        text = text.slice(0, at) + character + text.slice(at + below(2));
      }
      const limits = {
        headBytesMax: REQUEST.length - 2 + below(8),
        lineBytesMax: 23 + below(5),
        headerLinesMax: 2 + below(3),
      };
      const { result } = feedRequest(text, round % 2 === 0 ? limits : {});
      seen.add(result.type === "refused" ? result.code : result.type);
    }
    expect([...seen].sort()).toEqual([
      "head",
      "head-too-long",
      "header-invalid",
      "header-too-long",
      "headers-too-many",
      "start-line-invalid",
      "start-line-too-long",
    ]);
  });

  it("a header of 1 MB, one byte at a time, is refused at the limit", () => {
    const parser = new RequestHeadParser();
    const one = latin1("x");
    parser.receive(latin1("GET / HTTP/1.1\r\nA:"));
    let fed = 0;
    let result = parser.receive(one);
    while (result.type === "incomplete") {
      result = parser.receive(one);
      fed++;
    }
    expect(fed).toBeLessThan(8 * 1024);
    expect(result).toMatchObject({ type: "refused", status: 431, code: "header-too-long" });
  });

  it("a list of headers that never ends is refused at the limit", () => {
    const parser = new RequestHeadParser(resolveHandshakeLimits({ headerLinesMax: 1_000_000 }));
    const line = latin1("A: b\r\n");
    let result = parser.receive(latin1("GET / HTTP/1.1\r\n"));
    let lines = 0;
    for (; result.type === "incomplete"; lines++) result = parser.receive(line);
    expect(result).toMatchObject({ type: "refused", status: 431, code: "head-too-long" });
    expect(lines).toBeLessThan(16 * 1024);
  });

  it("the work is linear: a header of 2 MB, one byte at a time, under limits that allow it", () => {
    // Parsing again from the start at each byte would take 10^12 steps here.
    const bytes = 2_000_000;
    const limits = resolveHandshakeLimits({ headBytesMax: 2 * bytes, lineBytesMax: 2 * bytes });
    const parser = new RequestHeadParser(limits);
    parser.receive(latin1("GET / HTTP/1.1\r\nA:"));
    const one = latin1(" ");
    for (let index = 0; index < bytes; index++) parser.receive(one);
    const result = parser.receive(latin1("x\r\n\r\n"));
    if (result.type !== "head") throw new Error(result.type);
    expect(result.head.headers.value("a")).toBe("x");
    expect(result.consumed).toBe(5);
  });
});
