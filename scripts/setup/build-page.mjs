// @ts-check
// Builds the page of an application with Vite, when its sources changed since the last time. The
// digest of the sources lies beside the built page, so deleting the build forgets it as well.
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { readFiles } from "../read-files.mjs";
import { runCommand } from "../steps/run-command.mjs";
import { projectRoot } from "./project-root.mjs";

const PAGE_SOURCES = /^packages\/[^/]+\/(src\/|package\.json$)/;

/**
 * @param {string} app folder of the application; nothing is built when it has no Vite config
 * @param {AbortSignal} signal stops the build
 * @returns {Promise<boolean>} false when the build failed; the reason was printed
 */
export async function buildPage(app, signal) {
  const folder = `${projectRoot}${app}`;
  if (!existsSync(`${folder}/vite.config.ts`)) return true;
  const stamp = `${folder}/dist/page.sha256`;
  const digest = digestSources(app);
  if (existsSync(stamp) && readFileSync(stamp, "utf8") === digest) return true;
  console.log("Building the page ...");
  const vite = `${projectRoot}node_modules/vite/bin/vite.js`;
  const args = [vite, "build", "--logLevel=warn"];
  const { code, output } = await runCommand(process.execPath, args, { cwd: folder, signal });
  if (code !== 0) {
    console.error(output.trimEnd());
    console.error("The page could not be built; see above.");
    return false;
  }
  writeFileSync(stamp, digest);
  return true;
}

/** @param {string} app */
function digestSources(app) {
  const hash = createHash("sha256");
  const lock = readFileSync(`${projectRoot}package-lock.json`, "utf8");
  const sources = [...readFiles(app, /./), ...readFiles("packages", PAGE_SOURCES)];
  for (const [path, text] of [["package-lock.json", lock], ...sources]) {
    hash.update(`${path}\0${text}\0`);
  }
  return hash.digest("hex");
}
