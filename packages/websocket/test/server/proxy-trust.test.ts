import { HeaderLines } from "@tidewire/ws-protocol";
import { describe, expect, test } from "vitest";
import { assertTrustProxy, readForwarded } from "../../src/server/proxy-trust.js";

const PEER = "10.0.0.1";

function forwardedFor(...lines: string[]): HeaderLines {
  return HeaderLines.fromRaw(lines.flatMap((line) => ["X-Forwarded-For", line]));
}

describe("a number of proxies", () => {
  test.each([
    [1, ["203.0.113.9"], "203.0.113.9"],
    [1, ["6.6.6.6, 203.0.113.9"], "203.0.113.9"],
    [1, ["6.6.6.6", "203.0.113.9"], "203.0.113.9"],
    [2, ["6.6.6.6, 203.0.113.9, 10.0.0.2"], "203.0.113.9"],
    [2, ["203.0.113.9"], "203.0.113.9"],
    [1, ["203.0.113.9:4711"], "203.0.113.9"],
    [1, ["[2001:db8::1]:4711"], "2001:db8::1"],
    [1, ["6.6.6.6, unknown"], PEER],
    [1, [" , ,"], PEER],
    [1, [], PEER],
  ])("%s: of %j the client is %s", (hops, lines, client) => {
    expect(readForwarded(forwardedFor(...lines), PEER, hops)?.address).toBe(client);
  });

  test("none: nothing is believed", () => {
    expect(readForwarded(forwardedFor("203.0.113.9"), PEER, 0)).toBeUndefined();
  });

  test("takes scheme and host of the same place in their lists, or the only one there is", () => {
    const headers = HeaderLines.fromRaw([
      "X-Forwarded-For",
      "203.0.113.9, 10.0.0.2",
      "X-Forwarded-Proto",
      "gopher, HTTPS, http",
      "X-Forwarded-Host",
      "example.org",
    ]);
    expect(readForwarded(headers, PEER, 2)).toEqual({
      address: "203.0.113.9",
      proto: "https",
      host: "example.org",
    });
  });

  test.each([-1, 1.5, Number.NaN])("cannot be %s", (hops) => {
    expect(() => assertTrustProxy(hops)).toThrow(RangeError);
  });

  test.each([true, "loopback", ["127.0.0.1"], null, {}])("is not %j", (trust) => {
    expect(() => assertTrustProxy(trust as never)).toThrow("trustProxy must be the number of");
  });
});

describe("a predicate on addresses", () => {
  const isProxy = (address: string): boolean => address.startsWith("10.");

  test.each([
    [["203.0.113.9"], "203.0.113.9"],
    [["6.6.6.6, 203.0.113.9, 10.0.0.3, 10.0.0.2"], "203.0.113.9"],
    [["10.0.0.3, 10.0.0.2"], "10.0.0.3"],
    [["203.0.113.9, junk, 10.0.0.2"], "10.0.0.2"],
    [[], PEER],
  ])("of %j the client is %s", (lines, client) => {
    expect(readForwarded(forwardedFor(...lines), PEER, isProxy)?.address).toBe(client);
  });

  test("believes nothing that comes from elsewhere", () => {
    expect(readForwarded(forwardedFor("10.0.0.2"), "203.0.113.66", isProxy)).toBeUndefined();
  });
});
