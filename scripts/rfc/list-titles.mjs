// @ts-check
// The titles of all tests as vitest itself collects them, so that rows of `it.each` and loops
// over roles appear with their real names.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { projectRoot } from "../setup/project-root.mjs";
import { runCommand } from "../steps/run-command.mjs";

/**
 * @param {string[]} folders where to look, relative to the project root
 * @returns {Promise<import("./match-duties.mjs").TestTitle[]>} titles as `suite > test`
 * @throws {Error} when a test file cannot be collected, with what vitest said
 */
export async function listTitles(folders) {
  const folder = mkdtempSync(join(tmpdir(), "tidewire-titles-"));
  try {
    const path = join(folder, "titles.json");
    const args = ["node_modules/vitest/vitest.mjs", "list", `--json=${path}`, ...folders];
    const { code, output } = await runCommand(process.execPath, args);
    if (code !== 0) throw new Error(`vitest could not collect the tests:\n${output.trim()}`);
    /** @type {{ name: string, file: string }[]} */
    const tests = JSON.parse(readFileSync(path, "utf8"));
    return tests.map(({ name, file }) => ({ title: name, file: file.replace(projectRoot, "") }));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
