import { describe, expect, it } from "vitest";
import { DEFAULT_HANDSHAKE_LIMITS } from "../../src/handshake/handshake-limits.js";
import {
  assertSubprotocols,
  parseSubprotocols,
  selectSubprotocol,
} from "../../src/handshake/subprotocols.js";

const LIMITS = DEFAULT_HANDSHAKE_LIMITS;
const MANY = 2_000_000;

describe("Sec-WebSocket-Protocol", () => {
  it.each([
    [["chat"], ["chat"]],
    [["mqtt, wamp"], ["mqtt", "wamp"]],
    [["mqtt,wamp"], ["mqtt", "wamp"]],
    [["\tmqtt , wamp "], ["mqtt", "wamp"]],
    [
      ["mqtt", "wamp, chat"],
      ["mqtt", "wamp", "chat"],
    ],
    [["Chat, chat"], ["Chat", "chat"]],
    [[",a,,b,"], ["a", "b"]],
    [["__proto__, constructor, toString"], ["__proto__", "constructor", "toString"]],
    [[], []],
  ])("§4.2.1 %j lists the subprotocols %j, in the client's order", (values, names) => {
    expect(parseSubprotocols(values, LIMITS)).toEqual(names);
  });

  it.each([
    ["a b"],
    ["a;b"],
    ["a/b"],
    ['"a"'],
    ["caf\xe9"],
    ["a\0"],
    ["(a)"],
    [""],
    [" , ,"],
    ["a, b, a"],
    [`b${" ".repeat(MANY)}x`],
    [`${",".repeat(MANY)};`],
    [`${"a".repeat(MANY)} ;`],
  ])("§4.1 an invalid or repeated subprotocol is refused", (value) => {
    expect(parseSubprotocols([value], LIMITS)).toMatchObject({ code: "subprotocols-invalid" });
  });

  it("§4.1 a subprotocol repeated on another line is refused", () => {
    expect(parseSubprotocols(["a", "a"], LIMITS)).toMatchObject({ code: "subprotocols-invalid" });
  });

  it("subprotocolsMax: n are taken, n + 1 refused", () => {
    const names = (count: number): string =>
      Array.from({ length: count }, (_, i) => `p${i}`).join();
    expect(parseSubprotocols([names(32)], LIMITS)).toHaveLength(32);
    expect(parseSubprotocols([names(33)], LIMITS)).toMatchObject({ code: "subprotocols-too-many" });
  });

  it("§4.2.2 of the subprotocols mqtt and wamp a server that speaks wamp chooses wamp", () => {
    expect(selectSubprotocol(["mqtt", "wamp"], ["wamp"])).toBe("wamp");
  });

  it("§4.2.2 the server's order of subprotocols decides, and their case counts", () => {
    expect(selectSubprotocol(["v1", "v2"], ["v2", "v1"])).toBe("v2");
    expect(selectSubprotocol(["Chat"], ["chat"])).toBeUndefined();
    expect(selectSubprotocol([], ["chat"])).toBeUndefined();
    expect(selectSubprotocol(["chat"], [])).toBeUndefined();
  });

  it("§4.1 a client cannot offer a subprotocol that is not a token, or one twice", () => {
    expect(() => assertSubprotocols(["a", "b"])).not.toThrow();
    expect(() => assertSubprotocols(["a", "a"])).toThrow("listed twice");
    for (const bad of ["", "a b", "a,b", "a\r\nX: y", "\0", "é"]) {
      expect(() => assertSubprotocols([bad])).toThrow(TypeError);
    }
  });
});
