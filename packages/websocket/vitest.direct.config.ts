/**
 * Runs the suites about sockets with `directIo` as the default of both ends:
 * `npx vitest run --config packages/websocket/vitest.direct.config.ts`. Their other run is that of the
 * workspace, over streams.
 */
import { fileURLToPath } from "node:url";
import { defineConfig, mergeConfig } from "vitest/config";
import workspace from "../../vitest.config.js";

const here = "packages/websocket/test";

export default mergeConfig(
  { ...workspace, test: { ...workspace.test, include: [] } },
  defineConfig({
    root: fileURLToPath(new URL("../..", import.meta.url)),
    test: {
      include: ["socket", "server", "client"].map((folder) => `${here}/${folder}/**/*.test.ts`),
      setupFiles: [`${here}/direct/by-default.ts`],
    },
  }),
);
