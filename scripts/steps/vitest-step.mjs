// @ts-check
// The tests themselves: shown while they run, counted from vitest's JSON report.
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runCommand } from "./run-command.mjs";

/**
 * @typedef {object} VitestReport
 * @property {number} numPassedTests
 * @property {number} numFailedTests
 * @property {number} numPendingTests skipped
 * @property {number} numTodoTests
 * @property {TestFile[]} testResults
 */

/**
 * @typedef {object} TestFile
 * @property {string} name its path
 * @property {string} status
 * @property {{ ancestorTitles: string[], title: string, status: string }[]} assertionResults
 */

/**
 * @param {string[]} args for `vitest run`
 * @param {Record<string, string> | Promise<Record<string, string>>} tools where the programs are that
 *   tests may use; awaited when it is the step's turn
 * @param {{ name?: string, onReport?: (report: VitestReport | undefined) => void }} [options]
 * @returns {import("./run-steps.mjs").Step}
 */
export function vitestStep(args, tools, { name = "tests", onReport } = {}) {
  return {
    name,
    async run(signal) {
      const folder = mkdtempSync(join(tmpdir(), "tidewire-"));
      try {
        const path = join(folder, "report.json");
        const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${path}`];
        const command = ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...args];
        const { code } = await runCommand(process.execPath, command, {
          // Below our folder the tests' temporary files go even when the run is stopped.
          env: {
            ...(await tools),
            TMPDIR: folder,
            ...(!process.stdout.isTTY && { NO_COLOR: "1" }),
          },
          signal,
          live: true,
        });
        const report = readReport(path);
        onReport?.(report);
        return countTests(report, code, args.includes("--passWithNoTests"));
      } finally {
        rmSync(folder, { recursive: true, force: true });
      }
    },
  };
}

/**
 * Turns vitest's report and exit code into counts. Each of these is a failure even when no single
 * test failed: a file that could not be loaded, an error outside the tests (a leaked process, an
 * unhandled rejection), no report, and no test at all.
 *
 * @param {VitestReport | undefined} report
 * @param {number} code
 * @param {boolean} mayBeEmpty
 * @returns {import("./run-steps.mjs").StepResult}
 */
export function countTests(report, code, mayBeEmpty) {
  if (!report) {
    if (code === 0 && mayBeEmpty) return { passed: 0, failed: 0 };
    return { passed: 0, failed: 1, output: "vitest left no report: see its output above." };
  }
  const { numPassedTests: passed, numPendingTests, numTodoTests } = report;
  const skipped = numPendingTests + numTodoTests;
  const brokenFiles = report.testResults.filter(
    (file) => file.status === "failed" && file.assertionResults.length === 0,
  ).length;
  const failed = report.numFailedTests + brokenFiles;
  if (failed > 0) return { passed, failed, skipped };
  if (code !== 0) {
    const output = `vitest failed outside of any test (exit code ${code}): see above.`;
    return { passed, failed: 1, skipped, output };
  }
  if (passed === 0 && !mayBeEmpty) {
    return { passed, failed: 1, skipped, output: "No test was executed." };
  }
  return { passed, failed, skipped };
}

/**
 * @param {string} path
 * @returns {VitestReport | undefined}
 */
function readReport(path) {
  try {
    return JSON.parse(readFileSync(path, "utf8"));
  } catch {
    return undefined;
  }
}
