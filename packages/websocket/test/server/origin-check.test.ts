import type { IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import { HeaderLines, type OpeningRequest } from "@tidewire/ws-protocol";
import { describe, expect, test } from "vitest";
import { createOriginCheck, isSameOrigin } from "../../src/server/origin-check.js";
import { UpgradeRequest } from "../../src/server/upgrade-request.js";

/** A request to `host`, over TLS or not. */
function requestTo(host: string, secure = false): UpgradeRequest {
  const opening: OpeningRequest = {
    type: "request",
    resourceName: "/",
    host,
    origin: undefined,
    key: "",
    subprotocols: [],
    extensions: [],
    headers: HeaderLines.fromRaw([]),
  };
  const netSocket = { remoteAddress: "127.0.0.1", encrypted: secure };
  return new UpgradeRequest(
    {} as IncomingMessage,
    opening,
    netSocket as unknown as Socket,
    undefined,
  );
}

/** Variations on a host that must not be taken for it. */
function hostileOrigins(host: string): string[] {
  const origins: string[] = [];
  const marks = [..."`$'\"{}|\\^<>;,!~*()&=+@%#?/: \t_-."];
  for (const mark of marks) {
    origins.push(`https://${host}${mark}evil.test`, `https://evil.test${mark}${host}`);
    origins.push(`https://${host}${mark}`, `https://${mark}${host}`);
  }
  for (const scheme of [
    "http",
    "ws",
    "wss",
    "ftp",
    "file",
    "javascript",
    "data",
    "HTTPS",
    "httpss",
  ]) {
    origins.push(`${scheme}://${host}`);
  }
  for (const port of ["80", "443", "444", "8443", "0", "65536", "443443", "-1", " 443", "4 43"]) {
    origins.push(`https://${host}:${port}`);
  }
  for (const prefix of [
    "evil",
    "evil-",
    "www.",
    "a.b.",
    ".",
    "xn--",
    "user@",
    "user:pass@",
    "//",
    "\u0000",
  ]) {
    origins.push(`https://${prefix}${host}`);
  }
  for (const suffix of [
    ".evil.test",
    "evil",
    ".",
    "/",
    "/chat",
    "?",
    "#",
    "\r\n",
    "\u0000",
    "%00",
    "%2eevil.test",
  ]) {
    origins.push(`https://${host}${suffix}`);
  }
  origins.push(
    "",
    "null",
    "NULL",
    "undefined",
    "*",
    "https://",
    "https:",
    "https:///",
    host,
    `//${host}`,
    `https:/${host}`,
    `https:${host}`,
    `https://${host.toUpperCase()}`,
    `https://${host.replaceAll(".", "%2e")}`,
    `https://${host.replaceAll(".", "x")}`,
    `https://${host.replaceAll(".", "\u3002")}`,
    `https://${host.replace("e", "\u0435")}`,
    `https://${host} https://evil.test`,
    `https://evil.test https://${host}`,
    `https://${host}, https://evil.test`,
    ` https://${host}`,
    `https://${host} `,
    "https://evil.test",
    "https://[::1]",
    "https://127.0.0.1",
    "https://localhost",
    "chrome-extension://abcdef",
    "moz-extension://abcdef",
    "https://constructor",
    "https://toString",
    "https://0x7f000001",
    "https://2130706433",
    `https://${host}.`,
    `blob:https://${host}/0`,
    `view-source:https://${host}`,
    `https:///${host}`,
    "https://__proto__",
  );
  return origins;
}

describe("same origin", () => {
  const check = createOriginCheck("same");

  test.each([
    ["http://example.org", "example.org", false],
    ["https://example.org", "example.org", true],
    ["http://example.org:8080", "example.org:8080", false],
    ["http://example.org", "EXAMPLE.org", false],
    ["http://example.org", "example.org:80", false],
    ["https://example.org", "example.org:443", true],
    ["http://[::1]:8080", "[::1]:8080", false],
    ["http://[::1]", "[0:0:0:0:0:0:0:1]", false],
    ["http://127.0.0.1:3000", "127.0.0.1:3000", false],
    ["https://xn--bcher-kva.example", "xn--bcher-kva.example", true],
  ])("§10.2 %s may connect to %s (TLS: %s)", (origin, host, secure) => {
    expect(check(origin, requestTo(host, secure))).toBe(true);
  });

  test.each([
    ["https://example.org", "example.org", false],
    ["http://example.org", "example.org", true],
    ["http://example.org:8080", "example.org", false],
    ["http://example.org", "example.org:8080", false],
    ["http://localhost:3000", "localhost:3001", false],
    ["http://localhost:3000", "127.0.0.1:3000", false],
  ])("§10.2 %s may not connect to %s (TLS: %s)", (origin, host, secure) => {
    expect(check(origin, requestTo(host, secure))).toBe(false);
  });

  test("§10.2 about 200 origins that resemble the host are not the same", () => {
    const origins = hostileOrigins("example.org").filter((one) => one !== "https://example.org");
    expect(origins.length).toBeGreaterThan(200);
    for (const origin of origins) {
      expect(isSameOrigin(origin, true, "example.org"), origin).toBe(false);
    }
  });
});

describe("a list of origins", () => {
  const request = requestTo("server.test", true);

  test("§10.2 lets exactly its entries in", () => {
    const check = createOriginCheck([
      "https://example.org",
      "http://localhost:3000",
      "null",
      "chrome-extension://abcdef",
    ]);
    expect(check("https://example.org", request)).toBe(true);
    expect(check("http://localhost:3000", request)).toBe(true);
    expect(check("null", request)).toBe(true);
    expect(check("chrome-extension://abcdef", request)).toBe(true);
    expect(check("https://server.test", request)).toBe(false);
    expect(check("chrome-extension://abcdefg", request)).toBe(false);
  });

  test("§10.2 is not fooled by about 200 origins that resemble an entry", () => {
    const check = createOriginCheck(["https://example.org"]);
    for (const origin of hostileOrigins("example.org")) {
      expect(check(origin, request), origin).toBe(false);
    }
  });

  test("a wildcard stands for exactly one label", () => {
    const check = createOriginCheck(["https://*.example.org", "http://*.local.test:8080"]);
    expect(check("https://a.example.org", request)).toBe(true);
    expect(check("https://a-1.example.org", request)).toBe(true);
    expect(check("http://dev.local.test:8080", request)).toBe(true);
    for (const origin of [
      "https://example.org",
      "https://.example.org",
      "https://a.b.example.org",
      "https://evilexample.org",
      "https://a.example.org.evil",
      "https://a.example.org:444",
      "http://a.example.org",
      "https://evil.test/.example.org",
      "https://evil.test#.example.org",
      "https://evil.test\\.example.org",
      "https://evil@a.example.org",
      "https://A.example.org",
      "http://dev.local.test",
    ]) {
      expect(check(origin, request), origin).toBe(false);
    }
    for (const origin of hostileOrigins("example.org")) {
      const isSubdomain = /^https:\/\/[a-z0-9_-]+\.example\.org$/.test(origin);
      expect(check(origin, request), origin).toBe(isSubdomain);
    }
  });

  test.each([
    ["*", 'write "any"'],
    ["https://example.org/", "https://example.org"],
    ["https://Example.org", "https://example.org"],
    ["https://example.org:443", "https://example.org"],
    ["example.org", "no origin"],
    ["https://*example.org", "one whole label"],
    ["https://a.*.org", "one whole label"],
    ["https://*.*.org", "one whole label"],
    ["*.example.org", "one whole label"],
    ["https://*", "one whole label"],
    ["https://*.example.org/", "one whole label"],
  ])("refuses the entry %s at start-up, and says what to write", (entry, advice) => {
    expect(() => createOriginCheck([entry])).toThrow(advice);
  });

  test("refuses a bare string", () => {
    const policy = "https://example.org" as unknown as string[];
    expect(() => createOriginCheck(policy)).toThrow('["https://example.org"]');
  });
});

test("a predicate decides by itself, and any lets everybody in", () => {
  const request = requestTo("server.test");
  const check = createOriginCheck((origin, { host }) => origin.endsWith(host));
  expect(check("http://server.test", request)).toBe(true);
  expect(check("http://other.test", request)).toBe(false);
  expect(createOriginCheck("any")("https://evil.test", request)).toBe(true);
});
