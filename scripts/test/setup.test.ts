import { describe, expect, it } from "vitest";
import { findMissing } from "../setup/install-packages.mjs";
import { isAtLeast } from "../setup/require-node.mjs";

describe("the Node version", () => {
  it.each([
    ["20.19.0", true],
    ["20.20.2", true],
    ["22.0.0", true],
    ["20.18.9", false],
    ["18.20.0", false],
    ["9.99.99", false],
  ])("%s is enough for 20.19: %s", (version, enough) => {
    expect(isAtLeast(version, "20.19")).toBe(enough);
  });
});

describe("installed packages", () => {
  const entry = { version: "1.0.0", integrity: "sha512-a" };
  const lock = { packages: { "": {}, "packages/a": {}, "node_modules/x": entry } };

  it("are in step when npm's record has the same versions", () => {
    expect(findMissing(lock, { packages: { "node_modules/x": entry } })).toEqual([]);
  });

  it.each([
    ["nothing is installed", undefined],
    ["one is missing", { packages: {} }],
    ["one has another version", { packages: { "node_modules/x": { ...entry, version: "2.0.0" } } }],
    ["one has other bytes", { packages: { "node_modules/x": { ...entry, integrity: "b" } } }],
  ])("are out of step when %s", (_, installed) => {
    expect(findMissing(lock, installed)).toEqual(["x"]);
  });

  it("may lack optional ones, which are binaries of other platforms", () => {
    const optional = { packages: { "node_modules/x": { ...entry, optional: true } } };
    expect(findMissing(optional, { packages: {} })).toEqual([]);
    expect(findMissing(optional, undefined)).toEqual([]);
  });

  it("include the links to the workspaces", () => {
    const link = { resolved: "packages/a", link: true };
    const links = { packages: { "node_modules/@tidewire/a": link } };
    expect(findMissing(links, { packages: { "node_modules/@tidewire/a": link } })).toEqual([]);
    expect(findMissing(links, { packages: {} })).toEqual(["@tidewire/a"]);
  });
});
