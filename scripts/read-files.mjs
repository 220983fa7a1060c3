// @ts-check
// Reads files of the work tree, so that checks judge the sources and not a build of them.
import { readdirSync, readFileSync } from "node:fs";
import { projectRoot } from "./setup/project-root.mjs";

const IGNORED = new Set(["node_modules", "dist", ".cache"]);

/**
 * All files below a folder whose path matches, as path from the project root (with `/`) to text,
 * sorted. A missing folder has no files.
 *
 * @param {string} folder relative to the project root
 * @param {RegExp} pattern tried on that path
 * @returns {Map<string, string>}
 */
export function readFiles(folder, pattern) {
  return new Map(
    listFiles(folder)
      .filter((path) => pattern.test(path))
      .sort()
      .map((path) => [path, readFileSync(projectRoot + path, "utf8")]),
  );
}

/**
 * @param {string} folder
 * @returns {string[]}
 */
function listFiles(folder) {
  let entries;
  try {
    entries = readdirSync(projectRoot + folder, { withFileTypes: true });
  } catch {
    return [];
  }
  return entries.flatMap((entry) => {
    if (IGNORED.has(entry.name)) return [];
    const path = `${folder}/${entry.name}`;
    return entry.isDirectory() ? listFiles(path) : [path];
  });
}
