import { expect, test } from "vitest";
import { assertPathRule, matchesPath, pathnameOf } from "../../src/server/path-rule.js";

test.each([
  ["/", "/"],
  ["/chat", "/chat"],
  ["/chat?room=1", "/chat"],
  ["/chat?a=/b?c", "/chat"],
  ["/ch%61t", "/ch%61t"],
  ["/?x", "/"],
  ["//evil/chat", "//evil/chat"],
  ["http://example.org/chat?room=1", "/chat"],
  ["https://example.org", "/"],
  ["http://example.org?x", "/"],
  ["*", "*"],
  ["", "/"],
])("the path of %j is %j", (target, pathname) => {
  expect(pathnameOf(target)).toBe(pathname);
});

test("a path is compared exactly, and a predicate asked", () => {
  expect(matchesPath("/chat", "/chat")).toBe(true);
  expect(matchesPath("/chat", "/chat/")).toBe(false);
  expect(matchesPath("/chat", "/Chat")).toBe(false);
  expect(matchesPath((path) => path.startsWith("/rooms/"), "/rooms/1")).toBe(true);
  expect(matchesPath(undefined, "/anything")).toBe(true);
});

test.each(["chat", "", "/chat?x", "/chat#x"])("refuses the path %j at start-up", (path) => {
  expect(() => assertPathRule(path)).toThrow(TypeError);
});
