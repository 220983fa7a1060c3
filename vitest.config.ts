import { readdirSync } from "node:fs";
import { availableParallelism } from "node:os";
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

// Tests run against the sources, so that no test can pass on a stale build. A subpath export such
// as `@tidewire/client/react` is expected at `src/react.ts`.
const root = fileURLToPath(new URL(".", import.meta.url));
const packages = readdirSync(`${root}packages`);

export default defineConfig({
  resolve: {
    alias: packages.flatMap((name) => [
      {
        find: new RegExp(`^@tidewire/${name}$`),
        replacement: `${root}packages/${name}/src/index.ts`,
      },
      {
        find: new RegExp(`^@tidewire/${name}/([a-z-]+)$`),
        replacement: `${root}packages/${name}/src/$1.ts`,
      },
    ]),
  },
  test: {
    include: [
      "packages/*/test/**/*.test.ts",
      "apps/*/test/**/*.test.ts",
      "scripts/test/**/*.test.ts",
      "bench/test/**/*.test.ts",
    ],
    // The first fails the run when tests leave processes or temporary files behind.
    globalSetup: ["scripts/vitest/leak-check.mjs", "scripts/vitest/shared-builds.mjs"],
    // Two at least: most of what takes long waits for a browser or a network, not for this processor.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    testTimeout: 20_000,
    hookTimeout: 20_000,
  },
});
