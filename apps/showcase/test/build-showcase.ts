// Builds the showcase from its sources, and those of the packages, once per run of the tests, and gives
// each file of them a copy: as everywhere, no test may pass on a stale build.
import { cpSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildOnce } from "@tidewire/test-support";
import { build } from "vite";

const app = fileURLToPath(new URL("../", import.meta.url));
const packages = fileURLToPath(new URL("../../../packages/", import.meta.url));

export interface BuiltShowcase {
  /** What `node` runs. */
  readonly entry: string;
  /** A folder for the test's files. */
  readonly folder: string;
  remove(): void;
}

const serverFile = "main.mjs";

const resolve = {
  alias: [
    { find: /^@tidewire\/([a-z-]+)$/, replacement: `${packages}$1/src/index.ts` },
    { find: /^@tidewire\/([a-z-]+)\/([a-z-]+)$/, replacement: `${packages}$1/src/$2.ts` },
  ],
};

export async function buildShowcase(): Promise<BuiltShowcase> {
  const original = await buildOnce("showcase", async (folder) => {
    await build({
      configFile: join(app, "vite.config.ts"),
      logLevel: "warn",
      resolve,
      build: { outDir: join(folder, "web"), emptyOutDir: true, minify: false },
    });
    await buildProgram(folder, "server", serverFile);
  });
  const folder = mkdtempSync(join(tmpdir(), "showcase-"));
  cpSync(original, folder, { recursive: true });
  const entry = join(folder, "server", serverFile);
  return { entry, folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The headless lab, where the server in the same folder expects it. Answers what `node` runs. */
export async function buildLab(folder: string): Promise<string> {
  writeFileSync(join(folder, "package.json"), '{ "type": "module" }');
  return buildProgram(folder, "lab", "main.js");
}

/** The simulated players of the quiz. Answers what `node` runs. */
export function buildQuizBots(folder: string): Promise<string> {
  return buildProgram(folder, "quiz-bots", "main.mjs");
}

async function buildProgram(folder: string, name: string, file: string): Promise<string> {
  await build({
    configFile: false,
    root: app,
    logLevel: "error",
    resolve,
    // Everything in one folder, since nothing could be found from there.
    ssr: { noExternal: true },
    build: {
      outDir: join(folder, name),
      emptyOutDir: true,
      ssr: join(app, name, "main.ts"),
      target: "node20",
      minify: false,
      rollupOptions: { output: { entryFileNames: file } },
    },
  });
  return join(folder, name, file);
}
