// What a page downloads: built as its own bundler would, minified and compressed.

import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { build } from "vite";

export interface BundleSize {
  /** The chunk that begins, gzipped bytes. */
  readonly main: number;
  /** Chunks that are loaded beside it. */
  readonly later: number;
}

/** Builds `import { … } from "@tidewire/client"` as the whole program of a page. */
export async function bundleSize(names: string): Promise<BundleSize> {
  const entry = "virtual:entry";
  const source = (path: string): string =>
    fileURLToPath(new URL(`../../../${path}`, import.meta.url));
  const built = await build({
    configFile: false,
    logLevel: "silent",
    resolve: {
      alias: {
        "@tidewire/session-protocol": source("session-protocol/src/index.ts"),
        "@tidewire/client": source("client/src/index.ts"),
      },
    },
    plugins: [
      {
        // A page has it once, whatever it loads, and only when Vite builds it.
        name: "without-vite-preload",
        enforce: "pre",
        load: (id) =>
          id.endsWith("vite/preload-helper.js")
            ? "export const __vitePreload = (load) => load();"
            : null,
      },
      {
        name: "entry",
        resolveId: (id) => (id === entry ? id : null),
        load: (id) =>
          id === entry
            ? `import { ${names} } from "@tidewire/client"; globalThis.page = [${names}];`
            : null,
      },
    ],
    build: { write: false, minify: true, modulePreload: false, rollupOptions: { input: entry } },
  });
  if (Array.isArray(built) || !("output" in built)) throw new Error("one build, and no watching");
  let main = 0;
  let later = 0;
  for (const chunk of built.output) {
    if (chunk.type !== "chunk") continue;
    const size = gzipSync(chunk.code, { level: 9 }).length;
    if (chunk.isEntry) main += size;
    else later += size;
  }
  return { main, later };
}
