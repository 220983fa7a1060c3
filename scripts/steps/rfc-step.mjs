// @ts-check
// The duties of RFC 6455, judged by the titles of the tests that have just been run: to collect them
// again would load every test file a second time. `check-rfc` does that where nothing was run.

import { judgeDuties, provingFolders } from "../rfc/judge-duties.mjs";
import { projectRoot } from "../setup/project-root.mjs";

/**
 * @param {() => import("./vitest-step.mjs").VitestReport | undefined} readReport of a run of all tests
 * @returns {import("./run-steps.mjs").Step}
 */
export function rfcStep(readReport) {
  return {
    name: "RFC 6455 duties",
    async run() {
      const report = readReport();
      if (!report) return { passed: 0, failed: 1, output: "There is no report of the tests." };
      const { unproven, text } = judgeDuties(titlesOf(report));
      return unproven === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, output: text };
    },
  };
}

/**
 * Of the tests that may prove a duty; one that was skipped proves nothing.
 *
 * @param {import("./vitest-step.mjs").VitestReport} report
 * @returns {import("../rfc/match-duties.mjs").TestTitle[]}
 */
export function titlesOf({ testResults }) {
  return testResults.flatMap(({ name, assertionResults }) => {
    const file = name.replace(projectRoot, "");
    if (!provingFolders.some((folder) => file.startsWith(`${folder}/`))) return [];
    const run = assertionResults.filter(({ status }) => status === "passed" || status === "failed");
    return run.map(({ ancestorTitles, title }) => ({
      title: [...ancestorTitles, title].join(" > "),
      file,
    }));
  });
}
