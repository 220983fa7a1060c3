import { expect, test } from "vitest";
import { webPlatform } from "../src/platform.js";

test("random bytes are as many as asked for, and never the same, over many refills", () => {
  const seen = new Set<string>();
  for (let turn = 0; turn < 1_000; turn += 1) {
    const bytes = webPlatform.randomBytes(turn % 2 === 0 ? 16 : 32);
    expect(bytes.length).toBe(turn % 2 === 0 ? 16 : 32);
    seen.add(Buffer.from(bytes).toString("hex"));
  }
  expect(seen.size).toBe(1_000);
});

test("more than is held ready is made at once, and what was handed out stays as it is", () => {
  const first = webPlatform.randomBytes(32);
  const before = Buffer.from(first).toString("hex");
  const large = webPlatform.randomBytes(10_000);
  expect(large.length).toBe(10_000);
  expect(large.subarray(-64).some((byte) => byte !== 0)).toBe(true);
  for (let turn = 0; turn < 300; turn += 1) webPlatform.randomBytes(32);
  expect(Buffer.from(first).toString("hex")).toBe(before);
  expect(first.some((byte) => byte !== 0)).toBe(true);
});
