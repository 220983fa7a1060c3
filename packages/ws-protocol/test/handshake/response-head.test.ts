import { describe, expect, it } from "vitest";
import { ResponseHeadParser } from "../../src/handshake/response-head.js";
import { feedResponse, latin1 } from "./feed.js";

const RESPONSE =
  "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";

function headOf(text: string): unknown[] {
  const { result, rest } = feedResponse(text);
  if (result.type !== "head" || !("status" in result.head)) throw new Error(result.type);
  const { httpVersion, status, reasonPhrase, headers } = result.head;
  return [httpVersion, status, reasonPhrase, [...headers], rest];
}

function failureOf(text: string, limits?: Parameters<typeof feedResponse>[1]): unknown {
  const { result } = feedResponse(text, limits);
  return result.type === "failed" ? result.code : result;
}

describe("a response head", () => {
  it("§4.2.2 a 101 response is read, and the frames behind it are left", () => {
    expect(headOf(`${RESPONSE}\x81\x02hi`)).toEqual([
      "1.1",
      101,
      "Switching Protocols",
      [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
      ],
      "\x81\x02hi",
    ]);
  });

  it("RFC 9112 §4 the reason phrase may be empty, and hold any byte that a field may", () => {
    expect(headOf("HTTP/1.1 404 \r\n\r\n").slice(1, 3)).toEqual([404, ""]);
    expect(headOf("HTTP/1.1 404\r\n\r\n").slice(1, 3)).toEqual([404, ""]);
    expect(headOf("HTTP/1.0 403 Nicht\tf\xfcr Sie\r\n\r\n").slice(0, 3)).toEqual([
      "1.0",
      403,
      "Nicht\tf\xfcr Sie",
    ]);
  });

  it("every byte from 0x80 to 0xFF in every header of a response is read without an error", () => {
    for (let code = 0x80; code <= 0xff; code++) {
      const odd = String.fromCharCode(code);
      const names = [
        "Upgrade",
        "Connection",
        "Sec-WebSocket-Accept",
        "Sec-WebSocket-Protocol",
        "X",
      ];
      const lines = names.map((name) => `${name}: ${odd}\r\n`).join("");
      const [, , , headers] = headOf(`HTTP/1.1 101 ${odd}\r\n${lines}\r\n`);
      expect(headers).toEqual(names.map((name) => [name, odd]));
    }
  });

  it("RFC 9110 §15.2 interim responses before the response are skipped", () => {
    const interim = "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n";
    const head = headOf(`HTTP/1.1 100 Continue\r\n\r\n${interim}${interim}${RESPONSE}\x89\x00`);
    expect(head.slice(1)).toEqual([
      101,
      "Switching Protocols",
      [
        ["Upgrade", "websocket"],
        ["Connection", "Upgrade"],
      ],
      "\x89\x00",
    ]);
  });

  it("interim responses without end fail at the limit", () => {
    const parser = new ResponseHeadParser();
    const interim = latin1("HTTP/1.1 100 Continue\r\n\r\n");
    let result = parser.receive(interim);
    let count = 1;
    for (; result.type === "incomplete"; count++) result = parser.receive(interim);
    expect(result).toMatchObject({ type: "failed", code: "head-too-long", status: undefined });
    expect(count).toBeLessThan(16 * 1024);
    expect(
      failureOf(`HTTP/1.1 100 Go\r\nA: b\r\n\r\nHTTP/1.1 101 S\r\nA: b\r\n\r\n`, {
        headerLinesMax: 1,
      }),
    ).toBe("headers-too-many");
  });

  it.each([
    ["SSH", "SSH-2.0-OpenSSH_9.2\r\n\r\n"],
    ["a version without dot", "HTTP/11 101 S\r\n\r\n"],
    ["a status of two digits", "HTTP/1.1 99 S\r\n\r\n"],
    ["a status of four digits", "HTTP/1.1 1010 S\r\n\r\n"],
    ["a status below 100", "HTTP/1.1 099 S\r\n\r\n"],
    ["a status that is no number", "HTTP/1.1 1x1 S\r\n\r\n"],
    ["a signed status", "HTTP/1.1 +10 S\r\n\r\n"],
    ["no space after the version", "HTTP/1.1_101 S\r\n\r\n"],
    ["a bare LF", "HTTP/1.1 101 S\nUpgrade: websocket\r\n\r\n"],
    ["nothing", "\r\n\r\n"],
  ])("§4.1 a response with a malformed status line (%s) fails", (_, text) => {
    expect(failureOf(text)).toBe("start-line-invalid");
  });

  it("§4.1 a malformed header line in the response fails", () => {
    expect(failureOf("HTTP/1.1 101 S\r\nUpgrade : websocket\r\n\r\n")).toBe("header-invalid");
    expect(failureOf("HTTP/1.1 101 S\r\nUpgrade: web\r\n socket\r\n\r\n")).toBe("header-invalid");
  });

  it("headers without end fail at the limit, as do long lines", () => {
    const long = "b".repeat(8 * 1024);
    expect(failureOf(`HTTP/1.1 101 S\r\n${"A: b\r\n".repeat(101)}`)).toBe("headers-too-many");
    expect(failureOf(`HTTP/1.1 101 S\r\nA: ${long}`)).toBe("header-too-long");
    expect(failureOf(`HTTP/1.1 101 ${long}`)).toBe("start-line-too-long");
    const lines = `A: ${"b".repeat(8000)}\r\n`.repeat(3);
    expect(failureOf(`HTTP/1.1 101 S\r\n${lines}`)).toBe("head-too-long");
  });

  it("a failure names its section and has no status where no status was read", () => {
    const { result } = feedResponse("nonsense\r\n\r\n");
    expect(result).toMatchObject({ type: "failed", section: "RFC 9112 §3", headers: undefined });
    expect(result).toMatchObject({ detail: expect.stringContaining("did not answer with HTTP") });
  });

  it("no more bytes are taken once the head is complete or has failed", () => {
    for (const text of [RESPONSE, "nonsense\r\n\r\n", "\n"]) {
      const parser = new ResponseHeadParser();
      parser.receive(latin1(text));
      expect(() => parser.receive(latin1("x"))).toThrow("complete");
    }
  });
});
