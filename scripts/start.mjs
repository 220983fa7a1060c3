// @ts-check
// `npm start`: the main job. Installs and builds what is missing or out of date, then becomes the
// showcase server. The server runs in this very process, so that arguments, Ctrl-C and the exit
// code are its own.
import { existsSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { buildPage } from "./setup/build-page.mjs";
import { installPackages } from "./setup/install-packages.mjs";
import { projectRoot } from "./setup/project-root.mjs";
import { requireNode } from "./setup/require-node.mjs";
import { runCommand } from "./steps/run-command.mjs";
import { stopSignal } from "./steps/stop-signal.mjs";

const APP = "apps/showcase";
const SERVER = `${projectRoot}${APP}/dist/server/main.js`;
const PREPARE_LIMIT_MS = 15 * 60_000;

requireNode();
if (await prepare()) {
  process.argv[1] = SERVER;
  await import(pathToFileURL(SERVER).href);
} else {
  process.exitCode = 1;
}

async function prepare() {
  const { signal, release } = stopSignal(PREPARE_LIMIT_MS);
  try {
    return (
      (await installPackages(signal)) &&
      (await buildServer(signal)) &&
      (await buildPage(APP, signal)) &&
      !signal.aborted
    );
  } finally {
    release();
  }
}

/**
 * TypeScript itself knows what is out of date; with nothing to do it takes a moment only.
 *
 * @param {AbortSignal} signal
 */
async function buildServer(signal) {
  if (!existsSync(SERVER)) console.log("Building ...");
  const args = ["node_modules/typescript/bin/tsc", "-b", APP];
  const { code, output } = await runCommand(process.execPath, args, { signal });
  if (code === 0 && existsSync(SERVER)) return true;
  console.error(output.trimEnd());
  console.error(code === 0 ? `The build made no ${SERVER}.` : "The build failed; see above.");
  return false;
}
