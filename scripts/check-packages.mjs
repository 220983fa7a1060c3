// @ts-check
// Fails when a published package would not arrive whole at its users: an incomplete package.json,
// missing or stray files in the tarball, or anything that publint objects to. Packs nothing for
// real, and judges the build that is there (`npm run build`).
import { readFileSync } from "node:fs";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { judgeContents } from "./packages/judge-contents.mjs";
import { exportedFiles, judgeManifest } from "./packages/judge-manifest.mjs";
import { listWorkspaces, readManifest } from "./setup/list-workspaces.mjs";
import { npmCommand } from "./setup/npm-command.mjs";
import { projectRoot } from "./setup/project-root.mjs";
import { runCommand } from "./steps/run-command.mjs";

const nodeRange = readManifest(".").engines.node;
const published = listWorkspaces().filter(({ manifest }) => !manifest.private);
const problems = await Promise.all(
  published.map(async ({ folder, manifest }) => {
    const found = await checkPackage(folder, manifest);
    return found.map((problem) => `${folder}: ${problem}`);
  }),
);
for (const problem of problems.flat()) console.log(problem);
const failed = problems.flat().length > 0;
console.log(`${published.length} packages ${failed ? "checked" : "pack cleanly"}`);
process.exitCode = failed || published.length === 0 ? 1 : 0;

/**
 * @param {string} folder
 * @param {Record<string, any>} manifest
 */
async function checkPackage(folder, manifest) {
  const packed = await listPacked(folder);
  if (typeof packed === "string") return [packed];
  const needed = [...exportedFiles(manifest), ...Object.values(manifest.bin ?? {}).map(String)];
  const problems = [...judgeManifest(manifest, nodeRange), ...judgeContents(packed, needed)];
  return problems.length > 0 ? problems : runPublint(folder, manifest, packed);
}

/**
 * @param {string} folder
 * @param {Record<string, any>} manifest
 * @param {string[]} packed
 */
async function runPublint(folder, manifest, packed) {
  const files = packed.map((path) => ({
    name: `package/${path}`,
    data: readFileSync(`${projectRoot}${folder}/${path}`),
  }));
  const { messages } = await publint({ pkgDir: "package", strict: true, pack: { files } });
  return messages
    .filter(({ type }) => type === "error")
    .map((message) => `publint: ${formatMessage(message, manifest, { color: false })}`);
}

/**
 * @param {string} folder
 * @returns {Promise<string[] | string>} the paths in the tarball, or why there is none
 */
async function listPacked(folder) {
  const [command, ...args] = npmCommand(["pack", "--dry-run", "--json", "--loglevel=silent"]);
  const { code, output } = await runCommand(command, [...args, "--ignore-scripts"], {
    cwd: projectRoot + folder,
  });
  if (code !== 0) return `npm pack failed: ${output.trim()}`;
  /** @type {[{ files: { path: string }[] }]} */
  const [{ files }] = JSON.parse(output.slice(output.indexOf("[\n")));
  return files.map(({ path }) => path);
}
