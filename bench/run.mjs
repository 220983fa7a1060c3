// @ts-check
// `npm run bench`, `bench:profile` and `bench:guard`: installs this folder's dependencies at first
// use, builds what is measured, and starts the program named by the first argument.

import { spawn } from "node:child_process";
import { existsSync, statSync } from "node:fs";
import { fileURLToPath } from "node:url";

const bench = fileURLToPath(new URL(".", import.meta.url));
const root = fileURLToPath(new URL("..", import.meta.url));
const [program = "cli", ...rest] = process.argv.slice(2);

// Ctrl-C reaches the program too, which then says what it has; this process waits for it.
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => {});

await install();
await run(process.execPath, ["node_modules/typescript/bin/tsc", "-b", "bench"], root);
await run(process.execPath, [`${bench}dist/${program}.js`, ...rest], process.cwd());

async function install() {
  const installed = `${bench}node_modules/.package-lock.json`;
  const isCurrent =
    existsSync(installed) &&
    statSync(installed).mtimeMs >= statSync(`${bench}package-lock.json`).mtimeMs;
  if (isCurrent) return;
  console.log("Installing the rivals into bench/node_modules (once, some 230 MB) …");
  await run("npm", ["ci", "--no-audit", "--no-fund"], bench);
}

/**
 * Ends this process too when the command fails.
 *
 * @param {string} command
 * @param {string[]} list
 * @param {string} cwd
 */
async function run(command, list, cwd) {
  const code = await new Promise((resolve) => {
    const child = spawn(command, list, { cwd, stdio: "inherit" });
    child.once("error", (error) => {
      console.error(`${command} could not be started: ${error.message}`);
      resolve(1);
    });
    child.once("exit", (status) => resolve(status ?? 1));
  });
  if (code !== 0) process.exit(code);
}
