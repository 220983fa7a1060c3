import { expect, test } from "vitest";
import { ConnectionCounts } from "../../src/server/connection-counts.js";
import {
  DEFAULT_CONNECTIONS_PER_ADDRESS_MAX,
  resolveServerLimits,
  type ServerLimits,
} from "../../src/websocket-limits.js";

function countsWith(limits: Partial<ServerLimits>, areClients = false): ConnectionCounts {
  return new ConnectionCounts(resolveServerLimits(limits), areClients);
}

test("one address gets n places and not n + 1, until one is given back", () => {
  const counts = countsWith({ connectionsPerAddressMax: 2 });
  expect(counts.take("192.0.2.1")).toBe(true);
  expect(counts.take("192.0.2.1")).toBe(true);
  expect(counts.take("192.0.2.1")).toBe(false);
  expect(counts.take("192.0.2.2")).toBe(true);
  expect(counts.of("192.0.2.1")).toBe(2);
  counts.release("192.0.2.1");
  expect(counts.take("192.0.2.1")).toBe(true);
  expect(counts.total).toBe(3);
});

test("the addresses of one IPv6 /64 share their places", () => {
  const counts = countsWith({ connectionsPerAddressMax: 2 });
  expect(counts.take("2001:db8::1")).toBe(true);
  expect(counts.take("2001:db8::ffff:2")).toBe(true);
  expect(counts.take("2001:db8::3")).toBe(false);
  expect(counts.take("2001:db8:0:1::1")).toBe(true);
  expect(counts.of("2001:db8::9")).toBe(2);
});

test("by default public addresses are bounded, and private ones where proxies are trusted", () => {
  const counts = countsWith({});
  expect(counts.maxFor("203.0.113.9")).toBe(DEFAULT_CONNECTIONS_PER_ADDRESS_MAX);
  expect(counts.maxFor("10.0.0.1")).toBe(Number.POSITIVE_INFINITY);
  expect(counts.maxFor("")).toBe(Number.POSITIVE_INFINITY);
  expect(countsWith({}, true).maxFor("10.0.0.1")).toBe(DEFAULT_CONNECTIONS_PER_ADDRESS_MAX);
  expect(countsWith({ connectionsPerAddressMax: 7 }).maxFor("10.0.0.1")).toBe(7);
});

test("nothing is kept of an address without connections", () => {
  const counts = countsWith({});
  for (let index = 0; index < 1000; index++) {
    const address = `203.0.113.${index % 256}`;
    counts.take(address);
    counts.release(address);
    expect(counts.of(address)).toBe(0);
  }
  expect(counts.total).toBe(0);
});

test.each([
  ["connectionsMax", 0],
  ["connectionsMax", 1.5],
  ["connectionsPerAddressMax", -1],
  ["pendingHandshakesMax", Number.NaN],
  ["handshakeTimeoutMs", 0],
  ["handshakeTimeoutMs", Number.POSITIVE_INFINITY],
])("the limit %s cannot be %s", (name, value) => {
  expect(() => resolveServerLimits({ [name]: value })).toThrow(name);
});
