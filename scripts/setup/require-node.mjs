// @ts-check
// The first thing every command does. Imports only what Node 12 already had, so that an old Node
// gets a sentence and not a stack trace.
import { readFileSync } from "node:fs";

/**
 * Ends the process with a clear message when this Node is older than `engines.node` of the root
 * package.json.
 */
export function requireNode() {
  const manifest = JSON.parse(readFileSync(new URL("../../package.json", import.meta.url), "utf8"));
  const wanted = manifest.engines.node.replace(/^>=/, "");
  if (isAtLeast(process.versions.node, wanted)) return;
  console.error(
    `Tidewire needs Node ${wanted} or newer; this is Node ${process.versions.node}. ` +
      "Install a current Node from https://nodejs.org and run the command again.",
  );
  process.exit(1);
}

/**
 * Whether a dotted version is the wanted one or newer; missing parts of `wanted` count as zero.
 *
 * @param {string} version
 * @param {string} wanted
 */
export function isAtLeast(version, wanted) {
  const have = version.split(".").map(Number);
  const want = wanted.split(".").map(Number);
  for (let i = 0; i < 3; i++) {
    const difference = (have[i] || 0) - (want[i] || 0);
    if (difference !== 0) return difference > 0;
  }
  return true;
}
