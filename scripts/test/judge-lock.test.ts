import { expect, it } from "vitest";
import { judgeLock } from "../packages/judge-lock.mjs";

const root = { folder: "", manifest: { devDependencies: { x: "^1.0.0" } } };
const a = { folder: "packages/a", manifest: { name: "@tidewire/a", dependencies: { y: "1" } } };
const lock = {
  packages: {
    "": { devDependencies: { x: "^1.0.0" } },
    "packages/a": { dependencies: { y: "1" } },
    "node_modules/@tidewire/a": { resolved: "packages/a", link: true },
    "node_modules/x": { version: "1.0.0" },
  },
};

it("a lock that repeats every package.json is in order", () => {
  expect(judgeLock(lock, [root, a])).toEqual([]);
});

it("another range, a new dependency and a removed one are noticed", () => {
  for (const devDependencies of [{ x: "^2.0.0" }, { x: "^1.0.0", z: "1" }, {}]) {
    const problems = judgeLock(lock, [{ folder: "", manifest: { devDependencies } }, a]);
    expect(problems).toEqual(["does not fit package.json"]);
  }
});

it("a new workspace is noticed", () => {
  const b = { folder: "packages/b", manifest: { name: "@tidewire/b" } };
  expect(judgeLock(lock, [root, a, b])).toEqual(["does not know packages/b"]);
});

it("the host of a registry does not belong into the lock", () => {
  const resolved = "https://registry.example/x.tgz";
  const packages = { ...lock.packages, "node_modules/x": { version: "1.0.0", resolved } };
  expect(judgeLock({ packages }, [root, a])).toEqual(["names a registry host for node_modules/x"]);
});
