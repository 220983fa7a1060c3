import { describe, expect, it } from "vitest";
import {
  type Extension,
  formatExtensions,
  parseExtensions,
} from "../../src/handshake/extensions.js";
import { isHandshakeFault } from "../../src/handshake/handshake-faults.js";
import { DEFAULT_HANDSHAKE_LIMITS } from "../../src/handshake/handshake-limits.js";

const LIMITS = DEFAULT_HANDSHAKE_LIMITS;

/** Each extension as an array: its name, then [name, value] of each parameter. */
function parse(...values: string[]): unknown {
  const result = parseExtensions(values, LIMITS);
  if (isHandshakeFault(result)) return result.code;
  return result.map(({ name, parameters }) => [name, ...parameters.map((p) => [p.name, p.value])]);
}

describe("Sec-WebSocket-Extensions", () => {
  it.each([
    ["foo", [["foo"]]],
    ["foo, bar; baz=2", [["foo"], ["bar", ["baz", "2"]]]],
    ["deflate-stream", [["deflate-stream"]]],
    [
      "mux; max-channels=4; flow-control,deflate-stream",
      [["mux", ["max-channels", "4"], ["flow-control", undefined]], ["deflate-stream"]],
    ],
    [" foo ;\ta = b ; c , bar\t", [["foo", ["a", "b"], ["c", undefined]], ["bar"]]],
    ["foo;a;a;b=1;b=2", [["foo", ["a", undefined], ["a", undefined], ["b", "1"], ["b", "2"]]]],
    ["foo,foo", [["foo"], ["foo"]]],
    [",, foo ,,bar,", [["foo"], ["bar"]]],
  ])("§9.1 %j is read by the grammar", (value, extensions) => {
    expect(parse(value)).toEqual(extensions);
  });

  it("§9.1 several header lines are one list of extensions", () => {
    expect(parse("foo", "bar; baz=2")).toEqual(parse("foo, bar; baz=2"));
    expect(parse()).toEqual([]);
    expect(parse("", "foo")).toEqual([["foo"]]);
  });

  it.each([
    ['foo;a="b"', "b"],
    ['foo; a = "b" ', "b"],
    ['foo;a="\\b\\c"', "bc"],
    ['foo;a="b\\cd"', "bcd"],
    ['foo;a="1\\0"', "10"],
  ])("§4.3 the quoted value in %j is unquoted", (value, unquoted) => {
    expect(parse(value)).toEqual([["foo", ["a", unquoted]]]);
  });

  it.each([
    ['foo;a=""'],
    ['foo;a="b c"'],
    ['foo;a="b,c"'],
    ['foo;a="\\"b\\""'],
    ['foo;a="\\\\"'],
    ['foo;a="b\\ "'],
    ['foo;a="\\\xe9"'],
    ['foo;a="\xe9"'],
    ['foo;a="b'],
    ['foo;a="'],
    ['foo;a="b\\'],
    ['foo;a="b"c'],
    ['foo;a=b"c"'],
  ])("§4.3 the quoted value in %j is not a token once unquoted, and refused", (value) => {
    expect(parse(value)).toBe("extensions-invalid");
  });

  it.each([
    [""],
    ["   "],
    [","],
    [";"],
    ["foo;"],
    ["foo; ;a"],
    ["foo bar"],
    ["foo;a b"],
    ["foo;a="],
    ["foo;=b"],
    ["foo;a==b"],
    ["foo=b"],
    ["foo;a=b=c"],
    ["fo\xf6"],
    ["foo;a=\u20ac"],
    ["foo/1"],
    ['"foo"'],
    ["foo;a=b;"],
    ["foo,;"],
  ])("§9.1 %j breaks the grammar of extensions", (value) => {
    expect(parse(value)).toBe("extensions-invalid");
  });

  it("a fault says where and how it should be", () => {
    expect(parseExtensions(["foo bar"], LIMITS)).toMatchObject({
      detail: expect.stringMatching(/an unexpected character at position 4.*name; parameter=value/),
    });
  });

  it.each(["constructor", "__proto__", "toString"])("%s is an ordinary name", (name) => {
    expect(parse(`${name};${name}=${name};${name}`)).toEqual([
      [name, [name, name], [name, undefined]],
    ]);
  });

  it("extensionsMax and extensionParametersMax: n are taken, n + 1 refused, over all lines", () => {
    const limits = { extensionsMax: 3, extensionParametersMax: 2 };
    expect(parseExtensions(["a,b", "c"], limits)).toHaveLength(3);
    expect(parseExtensions(["a,b", "c,d"], limits)).toMatchObject({ code: "extensions-too-many" });
    expect(parseExtensions(["a;x;y,b;x;y"], limits)).toHaveLength(2);
    expect(parseExtensions(["a;x;y;z"], limits)).toMatchObject({ code: "extensions-too-many" });
  });

  // An algorithm that looks at a character again for each one before it needs 10^12 steps here.
  const MANY = 2_000_000;
  it.each([
    ["backslashes", `foo;a="${"\\".repeat(MANY)}`],
    ["escaped letters in an open quote", `foo;a="${"\\b".repeat(MANY)}`],
    ["quotes", `foo;a=${'"'.repeat(MANY)}`],
    ["blanks", `foo${" ".repeat(MANY)}bar`],
    ["blanks around separators", `foo;${" \t".repeat(MANY)};`],
    ["semicolons", `foo${";".repeat(MANY)}`],
    ["letters", `foo;a=${"b".repeat(MANY)} c`],
    ["commas and one bad character", `${",".repeat(MANY)}(`],
  ])("§9.1 a hostile line of millions of %s is refused in linear time", (_, value) => {
    expect(parse(value)).toBe("extensions-invalid");
  });

  it("a quoted value of a million escaped letters is read in linear time", () => {
    const [extension] = parseExtensions(
      [`foo;a="${"\\b".repeat(1_000_000)}"`],
      LIMITS,
    ) as Extension[];
    expect(extension?.parameters[0]?.value).toHaveLength(1_000_000);
  });

  it("§9.1 what is written is read back as it was", () => {
    const text = "foo; a=b; c, bar, foo; a";
    const extensions = parseExtensions([text], LIMITS);
    expect(formatExtensions(extensions as Extension[])).toBe(text);
  });

  it.each(["", "a b", "a\r\nX: y", "a\0", "é", '"', "a,b"])("%j cannot be written", (bad) => {
    const write = (name: string, parameter: string, value: string): string =>
      formatExtensions([{ name, parameters: [{ name: parameter, value }] }]);
    expect(write("a", "b", "c")).toBe("a; b=c");
    expect(() => write(bad, "b", "c")).toThrow(TypeError);
    expect(() => write("a", bad, "c")).toThrow(TypeError);
    expect(() => write("a", "b", bad)).toThrow(TypeError);
  });
});
