// Programs of the tests, built from the sources: one for pages, and those that run as processes.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { build, type Rolldown } from "vite";

const packages = fileURLToPath(new URL("../../../../", import.meta.url));
const alias = [
  { find: /^@tidewire\/([a-z-]+)$/, replacement: `${packages}$1/src/index.ts` },
  { find: /^@tidewire\/([a-z-]+)\/([a-z-]+)$/, replacement: `${packages}$1/src/$2.ts` },
];

/** The scripts of the page by their path; `/page.js` is the first. Nothing is written to disk. */
export async function buildPage(): Promise<ReadonlyMap<string, string>> {
  const { output } = await bundle({
    rollupOptions: {
      input: fileURLToPath(new URL("./page.ts", import.meta.url)),
      output: { entryFileNames: "page.js", chunkFileNames: "[name]-[hash].js" },
    },
    modulePreload: false,
  });
  return new Map(
    output.flatMap((chunk) => (chunk.type === "chunk" ? [[`/${chunk.fileName}`, chunk.code]] : [])),
  );
}

const folders: string[] = [];

/** Call it after all tests of a file that builds programs. */
export function removePrograms(): void {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
}

/** The path of a program for Node, made of a file beside this one. */
export async function buildProgram(name: string): Promise<string> {
  const { output } = await bundle(
    {
      ssr: fileURLToPath(new URL(`./${name}.ts`, import.meta.url)),
      target: "node20",
      rollupOptions: { output: { codeSplitting: false } },
    },
    { noExternal: true },
  );
  const folder = mkdtempSync(join(tmpdir(), "end-to-end-"));
  folders.push(folder);
  const file = join(folder, `${name}.mjs`);
  writeFileSync(file, output[0].code);
  return file;
}

async function bundle(options: object, ssr?: object): Promise<Rolldown.RolldownOutput> {
  const built = await build({
    configFile: false,
    logLevel: "error",
    resolve: { alias },
    build: { write: false, minify: false, ...options },
    ...(ssr === undefined ? {} : { ssr }),
  });
  if (Array.isArray(built) || !("output" in built)) throw new Error("one build, and no watching");
  return built;
}
