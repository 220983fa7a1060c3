// Builds the showcase from its sources, and those of the packages, into a folder of its own: as
// everywhere, no test may pass on a stale build.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
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

export async function buildShowcase(): Promise<BuiltShowcase> {
  const folder = mkdtempSync(join(tmpdir(), "showcase-"));
  const out = (name: string) => ({ outDir: join(folder, name), emptyOutDir: true });
  const resolve = {
    alias: [
      { find: /^@tidewire\/([a-z-]+)$/, replacement: `${packages}$1/src/index.ts` },
      { find: /^@tidewire\/([a-z-]+)\/([a-z-]+)$/, replacement: `${packages}$1/src/$2.ts` },
    ],
  };
  await build({
    configFile: join(app, "vite.config.ts"),
    logLevel: "warn",
    resolve,
    build: { ...out("web"), minify: false },
  });
  await build({
    configFile: false,
    root: app,
    logLevel: "error",
    resolve,
    // Everything in one folder, since nothing could be found from there.
    ssr: { noExternal: true },
    build: {
      ...out("server"),
      ssr: join(app, "server/main.ts"),
      target: "node20",
      minify: false,
      rollupOptions: { output: { entryFileNames: "main.mjs" } },
    },
  });
  return {
    entry: join(folder, "server/main.mjs"),
    folder,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}
