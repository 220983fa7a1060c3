// Origins as attackers write them (security cases D1, D2): whole comparison, nothing else.

import { describe, expect, it } from "vitest";
import type { GatePolicy } from "../../src/sessions/admission.js";
import { createOriginRule } from "../../src/transports/origin-rule.js";

const policy = (origins: GatePolicy["origins"]): GatePolicy => ({
  origins,
  credentials: false,
  helloMs: 1,
  waitingLinksPerAddress: 1,
  waitingLinks: 1,
});

const facts = (url: string): Parameters<ReturnType<typeof createOriginRule>>[1] => ({
  url,
  headers: new Headers(),
});

/** Twelve tails and heads, characters that lax patterns let through, and ways to write a host. */
function lookalikes(host: string): string[] {
  const odd = [
    ..."`$^*+?.,;!&='\"()[]{}|\\<>~%#@:/_- \t\r\n\0",
    "\u00ad",
    "\u200b",
    "\u3002",
    "．",
    "é",
  ];
  return [
    ...odd.flatMap((character) => [
      `https://${host}${character}`,
      `https://${host}${character}evil.example`,
      `https://evil.example${character}${host}`,
      `https://${character}${host}`,
    ]),
    "null",
    "",
    " ",
    host,
    `//${host}`,
    `https:${host}`,
    `https:/${host}`,
    `https://${host}/`,
    `https://${host}/path`,
    `https://${host}:443`,
    `https://${host}:444`,
    `https://${host}:0443`,
    `https://user@${host}`,
    `https://${host}@evil.example`,
    `HTTPS://${host}`,
    `https://${host.toUpperCase()}`,
    `https://${host}.`,
    `https://www.${host}`,
    `https://${host}evil.example`,
    `https://evil${host}`,
    `https://xn--${host}`,
    `wss://${host}`,
    `ftp://${host}`,
    `file://${host}`,
    `javascript://${host}`,
    `chrome-extension://${host}`,
    `https://${host}, https://evil.example`,
    `https://${host} https://evil.example`,
    "https://[::1]",
    "https://127.0.0.1",
    "https://0x7f000001",
    "https://2130706433",
  ];
}

describe("a list", () => {
  const allows = createOriginRule(policy(["https://example.org"]));

  it("allows what it lists", () => {
    expect(allows("https://example.org", facts("https://hub.example/tidewire"))).toBe(true);
  });

  it("D1 allows none of some two hundred others", () => {
    const others = lookalikes("example.org");
    expect(others.length).toBeGreaterThan(180);
    for (const origin of [...others, "http://example.org"]) {
      expect(allows(origin, facts("https://example.org/tidewire")), JSON.stringify(origin)).toBe(
        false,
      );
    }
  });
});

describe("same-origin", () => {
  const allows = createOriginRule(policy("same-origin"));

  it.each([
    ["https://example.org", "https://example.org/tidewire"],
    // A proxy that ends TLS hides the scheme from the hub.
    ["https://example.org", "http://example.org/tidewire"],
    ["https://example.org", "https://EXAMPLE.org:443/tidewire"],
    ["http://example.org:8080", "http://example.org:8080/tidewire"],
    ["http://[::1]:8080", "http://[::1]:8080/tidewire"],
    ["https://xn--bcher-kva.example", "https://xn--bcher-kva.example/tidewire?room=1"],
  ])("allows %s at %s", (origin, url) => {
    expect(allows(origin, facts(url))).toBe(true);
  });

  it("D1 allows none of some two hundred others", () => {
    for (const origin of lookalikes("example.org")) {
      if (origin === "https://example.org") continue;
      expect(allows(origin, facts("https://example.org/tidewire")), JSON.stringify(origin)).toBe(
        false,
      );
    }
  });

  it.each(["", "example.org", "https://", "https://a@example.org/", "https:///tidewire"])(
    "allows nothing when the request's own URL is %j",
    (url) => {
      expect(allows("https://example.org", facts(url))).toBe(false);
    },
  );
});
