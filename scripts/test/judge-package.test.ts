import { describe, expect, it } from "vitest";
import { judgeContents } from "../packages/judge-contents.mjs";
import { exportedFiles, judgeManifest } from "../packages/judge-manifest.mjs";

const complete = {
  name: "@tidewire/a",
  version: "0.1.0",
  description: "a",
  keywords: ["a"],
  license: "MIT",
  type: "module",
  sideEffects: false,
  engines: { node: ">=20.19" },
  exports: {
    ".": { types: "./dist/index.d.ts", default: "./dist/index.js" },
    "./package.json": "./package.json",
  },
  files: ["dist"],
};
const whole = ["README.md", "LICENSE", "package.json", "dist/index.js", "src/index.ts"];

describe("the manifest of a published package", () => {
  it("is in order when it is complete", () => {
    expect(judgeManifest(complete, ">=20.19")).toEqual([]);
  });

  it.each(Object.keys(complete))("needs %s", (field) => {
    const manifest = { ...complete, [field]: undefined };
    expect(judgeManifest(manifest, ">=20.19")).toContain(`package.json lacks "${field}"`);
  });

  it("wants types first in every export, or TypeScript does not find them", () => {
    const exports = { ".": { default: "./dist/index.js", types: "./dist/index.d.ts" } };
    expect(judgeManifest({ ...complete, exports }, ">=20.19")).toHaveLength(1);
  });

  it("lists the files that its exports promise", () => {
    expect(exportedFiles(complete)).toEqual(["dist/index.d.ts", "dist/index.js", "package.json"]);
  });
});

describe("the contents of a package", () => {
  it("are in order when everything needed is there and nothing else", () => {
    expect(judgeContents(whole, ["dist/index.js"])).toEqual([]);
  });

  it.each(["README.md", "LICENSE", "dist/index.js"])("need %s", (path) => {
    const paths = whole.filter((each) => each !== path);
    expect(judgeContents(paths, ["dist/index.js"])).toEqual([`lacks ${path}`]);
  });

  it.each([
    "test/a.test.ts",
    "src/a.test.ts",
    "dist/.tsbuildinfo",
    "tsconfig.json",
    "node_modules/a/index.js",
    ".npmrc",
    "src/.cache/a",
  ])("must not contain %s", (path) => {
    expect(judgeContents([...whole, path], [])).toEqual([`must not contain ${path}`]);
  });

  it("must not contain the build of a source that is gone", () => {
    expect(judgeContents([...whole, "dist/old.js"], [])).toHaveLength(1);
  });
});
