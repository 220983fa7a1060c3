import { expect, test } from "vitest";
import { parseStat, parseStatus } from "../src/measure/process-cpu.js";

test("CPU time is read from fields 14 and 15, though the name holds spaces and parentheses", () => {
  const text = "42 (a (b) c) S 1 42 42 0 -1 4194304 100 0 0 0 250 75 0 0 20 0 11 0 5 1 2 3";
  expect(parseStat(text)).toEqual({ userUs: 2_500_000, systemUs: 750_000 });
});

test("what is no such file is refused", () => {
  expect(() => parseStat("nothing")).toThrow("Not a /proc");
});

test("memory is the anonymous part of what is resident, in bytes", () => {
  expect(parseStatus("VmRSS:\t  9000 kB\nRssAnon:\t    2048 kB\nRssFile:\t 1 kB\n")).toBe(
    2_097_152,
  );
});

test("a status without it is refused", () => {
  expect(() => parseStatus("VmRSS:\t  9000 kB\n")).toThrow("RssAnon");
});
