// @ts-check
// Installs the npm packages when what is installed is not what package-lock.json asks for.
//
// npm leaves a record of what it put into node_modules (node_modules/.package-lock.json) as the
// last act of an installation. That record is compared with the lock, so nothing of our own can
// go stale, a manual `npm install` counts, and an interrupted installation is repeated.
//
// `npm install --no-save` and not `npm ci`: some tools are native programs with one optional
// package per platform, and `npm ci` refuses to work at all when a registry lacks a platform that
// nobody here needs. Both install the versions of the lock; check-lock sees to it that the lock
// is complete.
import { existsSync, readFileSync } from "node:fs";
import { runCommand } from "../steps/run-command.mjs";
import { listWorkspaces } from "./list-workspaces.mjs";
import { npmCommand } from "./npm-command.mjs";
import { projectRoot } from "./project-root.mjs";

/** @typedef {{ version?: string, integrity?: string, resolved?: string, link?: boolean, optional?: boolean, devOptional?: boolean, peer?: boolean }} LockEntry */
/** @typedef {{ packages?: Record<string, LockEntry> }} Lock */

/**
 * Runs npm when needed, and says so.
 *
 * @param {AbortSignal} [signal] stops the installation
 * @returns {Promise<boolean>} false when the installation failed; the reason was printed
 */
export async function installPackages(signal) {
  const wanted = readLock(`${projectRoot}package-lock.json`);
  if (!wanted) {
    console.error(
      "package-lock.json is missing or unreadable: restore it, e.g. with git checkout.",
    );
    return false;
  }
  const missing = findMissing(wanted, readLock(`${projectRoot}node_modules/.package-lock.json`));
  const unlinked = listWorkspaces().filter(
    ({ manifest }) => !existsSync(`${projectRoot}node_modules/${manifest.name}`),
  );
  if (missing.length === 0 && unlinked.length === 0) return true;
  console.log("Installing npm packages ...");
  const quiet = ["--loglevel=error", "--no-progress", "--no-audit", "--no-fund"];
  const [command, ...args] = npmCommand(["install", "--no-save", ...quiet]);
  const { code, output } = await runCommand(command, args, { signal });
  if (code === 0) return true;
  console.error(output.trimEnd());
  console.error(explainFailure(output));
  return false;
}

/**
 * Names the entries of the lock that are not installed at exactly that version. Optional entries
 * (binaries of other platforms) may be absent.
 *
 * @param {Lock} wanted package-lock.json
 * @param {Lock | undefined} installed npm's record, undefined when there is none
 */
export function findMissing(wanted, installed) {
  const have = installed?.packages ?? {};
  return Object.entries(wanted.packages ?? {})
    .filter(([path]) => path.startsWith("node_modules/"))
    .filter(([path, entry]) => !isSatisfied(entry, have[path]))
    .map(([path]) => path.replace("node_modules/", ""));
}

/**
 * @param {LockEntry} entry
 * @param {LockEntry | undefined} present
 */
function isSatisfied(entry, present) {
  if (!present) return Boolean(entry.optional || entry.devOptional || entry.peer);
  if (entry.link) return present.link === true && present.resolved === entry.resolved;
  return present.version === entry.version && present.integrity === entry.integrity;
}

/**
 * @param {string} path
 * @returns {Lock | undefined}
 */
function readLock(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}

/** @param {string} output what npm said */
function explainFailure(output) {
  if (
    /ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET|ENETUNREACH|EHOSTUNREACH/.test(output)
  ) {
    return "The npm packages could not be fetched: the npm registry is out of reach. Check the network (and `npm config get registry`, `npm config get proxy`), then run the command again.";
  }
  if (/EACCES|EPERM/.test(output)) {
    return "npm may not write here: check who owns the node_modules directory.";
  }
  return "npm could not install the packages; the reason is above.";
}
