import { describe, expect, it } from "vitest";
import { findViolations } from "../layers/find-violations.mjs";
import { layers } from "../layers/table.mjs";

const PROTOCOL = "packages/ws-protocol";

function judge(path: string, text: string, manifest: object = {}): string[] {
  const folder = path.split("/").slice(0, 2).join("/");
  const found = findViolations(layers, new Map([[path, text]]), new Map([[folder, manifest]]));
  return found.map(({ line, message }) => `${line}: ${message}`);
}

describe("imports between packages", () => {
  it.each([
    ["a static import", `import { a } from "node:fs";`],
    ["a type-only import", `import type { a } from "node:fs";`],
    ["a side-effect import", `import "node:fs";`],
    ["a re-export", `export { a } from "node:fs";`],
    ["a re-export of all", `export * from "node:fs";`],
    ["a dynamic import", `const a = await import("node:fs");`],
    ["an import of a type in place", `type A = import("node:fs").Stats;`],
    ["an import assignment", `import a = require("node:fs");`],
    ["a require", `const a = require("node:fs");`],
  ])("%s is seen", (_, text) => {
    expect(judge(`${PROTOCOL}/src/bytes/mask.ts`, text)).toEqual([
      "1: node:fs may not be imported here (allowed: nothing)",
    ]);
  });

  it("an import whose name is computed is refused, since nobody can check it", () => {
    expect(judge(`${PROTOCOL}/src/bytes/mask.ts`, "await import(name);")).toEqual([
      "1: computed: name may not be imported here (allowed: nothing)",
    ]);
  });

  it("a commented or quoted import is none", () => {
    const text = `// import "node:fs";\nexport const a = 'import "node:fs"';`;
    expect(judge(`${PROTOCOL}/src/bytes/mask.ts`, text)).toEqual([]);
  });

  it("websocket may import ws-protocol and Node, and must declare the former", () => {
    const text = `import "node:net";\nimport "@tidewire/ws-protocol";`;
    const path = "packages/websocket/src/server.ts";
    const declared = { dependencies: { "@tidewire/ws-protocol": "0.1.0" } };
    expect(judge(path, text, declared)).toEqual([]);
    expect(judge(path, text)).toEqual([
      "2: @tidewire/ws-protocol is not in the dependencies of packages/websocket/package.json",
    ]);
  });

  it("websocket may not import a third party", () => {
    const found = judge("packages/websocket/src/server.ts", `import ws from "ws";`);
    expect(found).toEqual(["1: ws may not be imported here (allowed: ws-protocol, node:*)"]);
  });

  it.each(["hub", "client"])("only node.ts of %s knows Node and websocket", (name) => {
    const text = `import "node:http";\nimport "@tidewire/websocket";`;
    const manifest = { dependencies: { "@tidewire/websocket": "0.1.0" } };
    expect(judge(`packages/${name}/src/node.ts`, text, manifest)).toEqual([]);
    expect(judge(`packages/${name}/src/room.ts`, text, manifest)).toHaveLength(2);
    expect(judge(`packages/${name}/src/rooms/node.ts`, text, manifest)).toHaveLength(2);
  });

  it("a backplane may import its peer dependency and no other library", () => {
    const manifest = { peerDependencies: { redis: "^5" } };
    expect(judge("packages/redis/src/backplane.ts", `import "redis";`, manifest)).toEqual([]);
    expect(judge("packages/redis/src/backplane.ts", `import "ioredis";`, manifest)).toHaveLength(1);
  });

  it("nobody reaches into another package's sources", () => {
    const manifest = { dependencies: { "@tidewire/ws-protocol": "0.1.0" } };
    const text = `import "@tidewire/ws-protocol/src/limits.js";\nimport "../../ws-protocol/src/limits.js";`;
    expect(judge("packages/websocket/src/server.ts", text, manifest)).toEqual([
      "1: @tidewire/ws-protocol/src/limits.js: import the package by its public entry",
      "2: ../../ws-protocol/src/limits.js leaves packages/websocket/src/",
    ]);
  });

  it("a package without a row is refused", () => {
    expect(judge("packages/stray/src/index.ts", "")).toEqual([
      "1: belongs to no layer: add its package to scripts/layers/table.mjs",
    ]);
  });

  it("a source that cannot be parsed is a violation, not a pass", () => {
    expect(judge(`${PROTOCOL}/src/bytes/mask.ts`, "import {")).not.toEqual([]);
  });
});

describe("the order inside ws-protocol", () => {
  const order = ["bytes", "frames", "messages", "connection"];
  const pairs = order.flatMap((from, i) => order.map((to, k) => ({ from, to, legal: k <= i })));

  it.each(pairs)("$from importing $to is legal: $legal", ({ from, to, legal }) => {
    const found = judge(`${PROTOCOL}/src/${from}/a.ts`, `import "../${to}/b.js";`);
    expect(found).toHaveLength(legal ? 0 : 1);
  });

  it("index.ts may import every part", () => {
    expect(judge(`${PROTOCOL}/src/index.ts`, `export * from "./connection/a.js";`)).toEqual([]);
  });

  it("a folder without a place in the order is refused", () => {
    const found = judge(`${PROTOCOL}/src/helpers/a.ts`, `import "../bytes/b.js";`);
    expect(found[0]).toContain("helpers has no place in the order");
  });
});

describe("clock and dice", () => {
  it.each([
    "Math.random()",
    'Math["random"]()',
    "Date.now()",
    "new Date()",
    "performance.now()",
    "setTimeout(f, 1)",
    "globalThis.setTimeout(f, 1)",
    "Buffer.alloc(1)",
  ])("%s is refused in a protocol package", (text) => {
    expect(judge("packages/session-protocol/src/log.ts", text)).toHaveLength(1);
    expect(judge("packages/client/src/log.ts", text)).toHaveLength(0);
  });

  it("a property or method of such a name is not the global", () => {
    const text = "class A { Date = 1; fetch() { return this.Date + { crypto: 1 }.crypto; } }";
    expect(judge("packages/session-protocol/src/log.ts", text)).toEqual([]);
  });
});
