// @ts-check
// What differs from the last commit: the files the inner loop looks at.
import { runCommand } from "./steps/run-command.mjs";

/**
 * Paths relative to the project root of files that were changed, staged or added since the last
 * commit. Deleted files are not among them.
 *
 * @returns {Promise<string[]>}
 */
export async function changedFiles() {
  const changed = await listFiles(["diff", "--name-only", "--diff-filter=d", "HEAD"]);
  const added = await listFiles(["ls-files", "--others", "--exclude-standard"]);
  return [...changed, ...added];
}

/** @param {string[]} args */
async function listFiles(args) {
  const { code, output } = await runCommand("git", [...args, "-z"]);
  if (code !== 0) throw new Error(`git ${args.join(" ")} failed: ${output.trim()}`);
  return output.split("\0").filter((path) => path !== "");
}
