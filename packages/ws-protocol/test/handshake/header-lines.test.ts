import { describe, expect, it } from "vitest";
import { HeaderLines, HeaderNames } from "../../src/handshake/header-lines.js";

describe("header lines", () => {
  it("§4.2.1 names are compared in any case, and order and repetition of other headers are kept", () => {
    const headers = HeaderLines.fromRaw(["B", "1", "a", "2", "b", "3"]);
    expect([...headers]).toEqual([
      ["B", "1"],
      ["a", "2"],
      ["b", "3"],
    ]);
    expect(headers.count).toBe(3);
    expect(headers.value("b")).toBe("1");
    expect(headers.values("B")).toEqual(["1", "3"]);
    expect(headers.has("A")).toBe(true);
    expect(headers.has("c")).toBe(false);
    expect(headers.value("c")).toBeUndefined();
    expect(headers.values("c")).toEqual([]);
  });

  it("a name repeats when another line has it in any case", () => {
    const headers = HeaderLines.fromRaw(["Host", "a", "X", "b", "hOST", "c"]);
    expect([headers.repeats("HOST"), headers.repeats("x"), headers.repeats("y")]).toEqual([
      true,
      false,
      false,
    ]);
  });

  it("RFC 9110 §5.1 only letters have two cases: _ and DEL, [ and { stay different names", () => {
    const headers = HeaderLines.fromRaw(["x_a", "1", "x[", "2", "x^", "3", "\u212a", "4"]);
    for (const name of ["x\x7fa", "x{", "x~", "k"]) expect(headers.has(name), name).toBe(false);
    for (const name of ["X_A", "X[", "X^"]) expect(headers.has(name), name).toBe(true);
  });

  it("a plain map gives one line per value, and none for undefined", () => {
    const headers = HeaderLines.fromMap({ a: "1", "set-cookie": ["x", "y"], gone: undefined });
    expect([...headers]).toEqual([
      ["a", "1"],
      ["set-cookie", "x"],
      ["set-cookie", "y"],
    ]);
  });

  it.each(["constructor", "__proto__", "toString", "hasOwnProperty", ""])(
    "the name %j is an ordinary one",
    (name) => {
      expect(HeaderLines.fromRaw([]).value(name)).toBeUndefined();
      expect(HeaderLines.fromRaw([name, "x"]).values(name)).toEqual(["x"]);
      expect(HeaderLines.fromMap({ a: "1" }).has(name)).toBe(false);
    },
  );

  it("an odd number of raw strings is a TypeError", () => {
    expect(() => HeaderLines.fromRaw(["a"])).toThrow(TypeError);
  });
});

describe("names that are looked for together", () => {
  const names = new HeaderNames(["host", "origin", "sec-websocket-key", "transfer-encoding"]);
  const locate = (flat: string[]) => {
    const places = new Int32Array(2 * names.count);
    HeaderLines.fromRaw(flat).locate(names, places);
    return [...places];
  };

  it("are found in any case, the first line of each and the second", () => {
    const found = locate(["HOST", "a", "x", "b", "Origin", "c", "host", "d", "hosT", "e"]);
    expect(found).toEqual([0, 2, -1, -1, 3, -1, -1, -1]);
  });

  it("are told apart by more than their length", () => {
    const found = locate(["Transfer-Encoding", "a", "sec-websocket-kez", "b", "oriGin", "c"]);
    expect(found).toEqual([-1, 2, -1, 0, -1, -1, -1, -1]);
  });

  it("are none of what an object has by itself", () => {
    expect(locate(["constructor", "a", "__proto__", "b", "", "c"])).toEqual(Array(8).fill(-1));
  });
});
