// @ts-check
// `npm run bench`, `bench:profile` and `bench:guard`: installs this folder's dependencies at first
// use, builds what is measured, and starts the program named by the first argument.

import { spawnSync } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const [program = "cli", ...rest] = process.argv.slice(2);

install();
run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "bench"], root);
process.exitCode = run(process.execPath, [`${bench}dist/${program}.js`, ...rest], process.cwd());

function install() {
  const installed = `${bench}node_modules/.package-lock.json`;
  const isCurrent =
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(`${bench}package-lock.json`).mtimeMs;
  if (isCurrent) return;
  console.log("Installing the rivals into bench/node_modules (once, some 230 MB) …");
  run("npm", ["ci", "--no-audit", "--no-fund"], bench);
}

/**
 * Ends this process too when the command fails.
 *
 * @param {string} command
 * @param {string[]} list
 * @param {string} cwd
 */
function run(command, list, cwd) {
  const { status, error } = spawnSync(command, list, { cwd, stdio: "inherit" });
  if (error) console.error(`${command} could not be started: ${error.message}`);
  if (status !== 0) process.exit(status ?? 1);
  return status;
}
