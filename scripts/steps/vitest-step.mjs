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
 * @property {{ status: string, assertionResults: unknown[] }[]} testResults one per file
 */

/**
 * @param {string[]} args for `vitest run`
 * @param {Record<string, string>} env where the tools are that tests may use
 * @param {string} [name] of the step
 * @returns {import("./run-steps.mjs").Step}
 */
export function vitestStep(args, env, name = "tests") {
  return {
    name,
    async run(signal) {
      const folder = mkdtempSync(join(tmpdir(), "tidewire-"));
      try {
        const report = join(folder, "report.json");
        const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
        const command = ["node_modules/vitest/vitest.mjs", "run", ...reporters, ...args];
        const { code } = await runCommand(process.execPath, command, {
          // Below our folder the tests' temporary files go even when the run is stopped.
          env: { ...env, TMPDIR: folder, ...(!process.stdout.isTTY && { NO_COLOR: "1" }) },
          signal,
          live: true,
        });
        return countTests(readReport(report), code, args.includes("--passWithNoTests"));
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
