import type { Peer } from "@tidewire/hub";
import { expect, test } from "vitest";
import {
  addressesMax,
  wrongPerAddress,
  wrongPerSession,
} from "../../../../server/pages/operations/limits.js";
import { makeOperationsToken } from "../../../../server/pages/operations/operations-token.js";
import { WrongTokens } from "../../../../server/pages/operations/wrong-tokens.js";
import type { ShowcaseContract } from "../../../../shared/contract.js";

const from = (address: string) => ({ address }) as Peer<ShowcaseContract>;

test("a token made has at least 128 bits, and characters that mean nothing in an address", () => {
  const tokens = new Set(Array.from({ length: 100 }, makeOperationsToken));
  expect(tokens.size).toBe(100);
  for (const token of tokens) expect(token).toMatch(/^[\w-]{32}$/);
});

test("a session has so many wrong ones, then one in a while", () => {
  let now = 0;
  const wrong = new WrongTokens(() => now);
  const peer = from("::1");
  for (let count = 0; count < wrongPerSession.burst; count += 1) expect(wrong.add(peer)).toBe(0);
  const waitMs = wrong.add(peer);
  expect(waitMs).toBeCloseTo(1_000 / wrongPerSession.perSecond, -1);
  now += waitMs - 1;
  expect(wrong.waitOf(peer)).toBe(1);
  now += 1;
  expect(wrong.waitOf(peer)).toBe(0);
  expect(wrong.waitOf(from("::1"))).toBe(0);
});

test("an address has so many over all its sessions, and other addresses their own", () => {
  const wrong = new WrongTokens(() => 0);
  for (let count = 0; count < wrongPerAddress.burst; count += 1) {
    expect(wrong.add(from("10.0.0.1"))).toBe(0);
  }
  expect(wrong.add(from("10.0.0.1"))).toBeGreaterThan(0);
  expect(wrong.waitOf(from("10.0.0.1"))).toBeGreaterThan(0);
  expect(wrong.waitOf(from("10.0.0.2"))).toBe(0);
});

test("addresses are forgotten above the limit, the oldest first", () => {
  const wrong = new WrongTokens(() => 0);
  for (let count = 0; count <= wrongPerAddress.burst; count += 1) wrong.add(from("first"));
  for (let count = 1; count < addressesMax; count += 1) wrong.add(from(`${count}`));
  expect(wrong.addresses).toBe(addressesMax);
  expect(wrong.waitOf(from("first"))).toBeGreaterThan(0);
  wrong.add(from("one more"));
  expect(wrong.addresses).toBe(addressesMax);
  expect(wrong.waitOf(from("first"))).toBe(0);
});
