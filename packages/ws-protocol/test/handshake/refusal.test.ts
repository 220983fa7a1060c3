import { describe, expect, it } from "vitest";
import {
  createHandshakeFault,
  HANDSHAKE_FAULTS,
  type HandshakeFaultCode,
} from "../../src/handshake/handshake-faults.js";
import {
  formatRefusal,
  type Refusal,
  refuse,
  refuseFault,
  refuseForbidden,
  refuseMisdirected,
  refuseNotFound,
  refuseTooLarge,
  refuseTooManyRequests,
  refuseUnauthorized,
  refuseUnavailable,
} from "../../src/handshake/refusal.js";
import { feedResponse, textOf } from "./feed.js";

describe("a refusal", () => {
  it("§4.2.2 an unwanted origin gets 403 with a plain text that says why", () => {
    expect(textOf(formatRefusal(refuseForbidden("Not from this origin.")))).toBe(
      "HTTP/1.1 403 Forbidden\r\n" +
        "Content-Type: text/plain; charset=utf-8\r\n" +
        "Content-Length: 22\r\n" +
        "Connection: close\r\n\r\n" +
        "Not from this origin.\n",
    );
  });

  it("§4.2.2 another version gets 426 with Upgrade, which Connection lists, and version 13", () => {
    const fault = createHandshakeFault("version-unsupported", "Why.");
    expect(textOf(formatRefusal(refuseFault(fault)))).toBe(
      "HTTP/1.1 426 Upgrade Required\r\n" +
        "Upgrade: websocket\r\n" +
        "Sec-WebSocket-Version: 13\r\n" +
        "Content-Type: text/plain; charset=utf-8\r\n" +
        "Content-Length: 5\r\n" +
        "Connection: Upgrade, close\r\n\r\n" +
        "Why.\n",
    );
  });

  it.each([
    [401, "unauthorized", refuseUnauthorized('Bearer realm="chat"')],
    [403, "forbidden", refuseForbidden()],
    [404, "not-found", refuseNotFound()],
    [413, "content-too-large", refuseTooLarge()],
    [421, "misdirected-request", refuseMisdirected()],
    [429, "too-many-requests", refuseTooManyRequests(30)],
    [503, "service-unavailable", refuseUnavailable(0)],
    [418, "refused", refuse(418, "Teapots only.")],
  ])("§4.2.2 a server may refuse with %i (%s)", (status, code, refusal) => {
    expect(refusal).toMatchObject({ type: "refused", status, code });
    expect(refusal.body).toMatch(/^[A-Z].*\.$/);
    const { result, rest } = feedResponse(textOf(formatRefusal(refusal)));
    if (result.type !== "head" || !("status" in result.head)) throw new Error(result.type);
    expect(result.head.status).toBe(status);
    expect(result.head.headers.value("content-length")).toBe(`${rest.length}`);
  });

  it("RFC 9110 §11.6.1 a 401 carries the challenge", () => {
    expect(refuseUnauthorized("Bearer").headers).toEqual([["WWW-Authenticate", "Bearer"]]);
  });

  it("RFC 6585 §4 429 and 503 say after how many seconds to try again", () => {
    expect(refuseTooManyRequests(30).headers).toEqual([["Retry-After", "30"]]);
    expect(refuseUnavailable(5).headers).toEqual([["Retry-After", "5"]]);
    for (const bad of [-1, 1.5, Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => refuseTooManyRequests(bad)).toThrow(RangeError);
      expect(() => refuseUnavailable(bad)).toThrow(RangeError);
    }
  });

  it("each fault of a request has a status with a reason phrase, and 405 names the method", () => {
    for (const code of Object.keys(HANDSHAKE_FAULTS) as HandshakeFaultCode[]) {
      const { status, section, meaning } = HANDSHAKE_FAULTS[code];
      expect([section, meaning]).not.toContain("");
      if (status === 0) continue; // only a client finds it
      const text = textOf(formatRefusal(refuseFault(createHandshakeFault(code, "Why."))));
      expect(text).toMatch(new RegExp(`^HTTP/1\\.1 ${status} (?!Refused)`));
      expect(text.includes("Allow: GET")).toBe(status === 405);
    }
  });

  it("the body is UTF-8 and its length is counted in bytes", () => {
    for (const body of [
      "",
      "é",
      "Grüße",
      "日本語",
      "👋🏽",
      "a\u07ff\u0800\uffff\u{10000}\u{10ffff}",
    ]) {
      const bytes = Buffer.from(formatRefusal(refuse(400, body)));
      const split = bytes.indexOf("\r\n\r\n") + 4;
      expect(bytes.subarray(split).toString("utf8")).toBe(`${body}\n`);
      expect(bytes.subarray(0, split).toString()).toContain(
        `Content-Length: ${bytes.length - split}\r\n`,
      );
    }
    expect(Buffer.from(formatRefusal(refuse(400, "\ud800x"))).toString()).toMatch(/\ufffdx\n$/);
  });

  it("the application may send another type of body", () => {
    const refusal = refuse(400, '{"why":"x"}', [["content-type", "application/json"]]);
    const text = textOf(formatRefusal(refusal));
    expect(text).toContain("content-type: application/json\r\n");
    expect(text).not.toContain("text/plain");
  });

  it.each([0, 101, 200, 299, 600, 403.5, Number.NaN])("status %s is a RangeError", (status) => {
    expect(() => refuse(status, "Why.")).toThrow(RangeError);
  });

  it.each(["Connection", "content-length", "Transfer-Encoding"])("%s cannot be set", (name) => {
    expect(() => refuse(403, "Why.", [[name, "x"]])).toThrow("writes its own");
  });

  it.each(["\r\nX: y", "\n", "\0", "\u20ac"])("%j in a header cannot be sent", (bad) => {
    expect(() => refuse(302, "Moved.", [["Location", `/a${bad}`]])).toThrow(TypeError);
    expect(() => refuse(302, "Moved.", [[`Location${bad}`, "/a"]])).toThrow(TypeError);
    expect(() => refuseUnauthorized(`Bearer${bad}`)).toThrow(TypeError);
    const byHand: Refusal = { ...refuse(302, "Moved."), headers: [["Location", bad]] };
    expect(() => formatRefusal(byHand)).toThrow(TypeError);
  });
});
