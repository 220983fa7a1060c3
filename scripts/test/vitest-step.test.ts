import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { projectRoot } from "../setup/project-root.mjs";
import { rfcStep, titlesOf } from "../steps/rfc-step.mjs";
import { formatTotal, runSteps } from "../steps/run-steps.mjs";
import { countTests } from "../steps/vitest-step.mjs";

// The steps announce themselves, and "FAILED" in the log of a good run would frighten people.
beforeEach(() => {
  vi.spyOn(console, "log").mockImplementation(() => {});
});
afterEach(() => {
  vi.restoreAllMocks();
});

const green = {
  numPassedTests: 5,
  numFailedTests: 0,
  numPendingTests: 1,
  numTodoTests: 1,
  testResults: [
    {
      name: `${projectRoot}packages/websocket/test/a.test.ts`,
      status: "passed",
      assertionResults: [
        { ancestorTitles: ["server", "close"], title: "§5.5 is answered", status: "passed" },
        { ancestorTitles: ["server"], title: "§5.5 is left out", status: "skipped" },
      ],
    },
  ],
};

it("counts passed, failed and skipped tests", () => {
  expect(countTests(green, 0, false)).toEqual({ passed: 5, failed: 0, skipped: 2 });
  const red = { ...green, numFailedTests: 2 };
  expect(countTests(red, 1, false)).toEqual({ passed: 5, failed: 2, skipped: 2 });
});

it("a file that could not be loaded is a failure", () => {
  const broken = { ...green, testResults: [{ name: "a", status: "failed", assertionResults: [] }] };
  expect(countTests(broken, 1, false).failed).toBe(1);
});

it("an exit code without a failed test is a failure: something broke outside of the tests", () => {
  expect(countTests(green, 1, false).failed).toBe(1);
});

it("no test and no report are failures, unless a run of changed files has nothing to do", () => {
  const none = { ...green, numPassedTests: 0, testResults: [] };
  expect(countTests(none, 0, false).failed).toBe(1);
  expect(countTests(undefined, 0, false).failed).toBe(1);
  expect(countTests(none, 0, true).failed).toBe(0);
  expect(countTests(undefined, 0, true).failed).toBe(0);
  expect(countTests(undefined, 1, true).failed).toBe(1);
});

it("the duties of the RFC are judged by the titles that the report has", async () => {
  const file = "packages/websocket/test/a.test.ts";
  expect(titlesOf(green)).toEqual([{ title: "server > close > §5.5 is answered", file }]);
  const [first] = green.testResults;
  const elsewhere = { ...first!, name: `${projectRoot}packages/hub/test/a.test.ts` };
  expect(titlesOf({ ...green, testResults: [elsewhere] })).toEqual([]);
  const { signal } = new AbortController();
  const judged = await rfcStep(() => green).run(signal);
  expect(judged).toMatchObject({ passed: 0, failed: 1 });
  expect(judged.output).toContain("has no test");
  expect(await rfcStep(() => undefined).run(signal)).toMatchObject({ passed: 0, failed: 1 });
});

it("a failed or throwing step does not keep the later ones from running", async () => {
  const steps = [
    { name: "fails", run: async () => ({ passed: 0, failed: 1 }) },
    { name: "throws", run: () => Promise.reject(new Error("broken")) },
    { name: "passes", run: async () => ({ passed: 7, failed: 0, skipped: 2 }) },
  ];
  const total = await runSteps(steps, new AbortController().signal);
  expect(total).toEqual({ passed: 7, failed: 2, skipped: 2 });
});

it("after a stop the remaining steps count as failed", async () => {
  const steps = [{ name: "passes", run: async () => ({ passed: 1, failed: 0 }) }];
  expect(await runSteps(steps, AbortSignal.abort())).toEqual({ passed: 0, failed: 1, skipped: 0 });
});

it("the last line names skipped tests only when there are some", () => {
  expect(formatTotal({ passed: 3, failed: 0, skipped: 0 })).toBe("3 passed, 0 failed");
  expect(formatTotal({ passed: 3, failed: 1, skipped: 2 })).toBe("3 passed, 1 failed, 2 skipped");
});
