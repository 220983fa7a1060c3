import { expect, test } from "vitest";
import { contendersOf } from "../src/lab.js";
import { chooseSeconds, estimateSeconds, formatMinutes, TimeLeft } from "../src/plan.js";
import { chooseWorkloads, growth, workloads } from "../src/workloads.js";

const stepsOf = (ids: readonly string[], names: readonly string[]) =>
  chooseWorkloads(ids).map((workload) => ({ workload, names: new Set(names) }));

test("rounds are as long as the run may take, between one second and three", () => {
  const steps = stepsOf(["W1", "W2", "W6"], ["tidewire", "ws"]);
  expect(chooseSeconds(steps, 5, 60)).toBe(3);
  expect(chooseSeconds(steps, 5, 0.1)).toBe(1);
  const between = chooseSeconds(steps, 5, 1.3);
  expect(between).toBeGreaterThan(1);
  expect(between).toBeLessThan(3);
});

test("everything against everybody fits into forty minutes", () => {
  const steps = [
    ...workloads.map((workload) => ({ workload, names: new Set(contendersOf(workload)) })),
    ...growth.map((workload) => ({
      workload,
      names: new Set([workload.ours, workload.reference]),
    })),
  ];
  const seconds = chooseSeconds(steps, 5, 40);
  const whole = steps.reduce((sum, step) => sum + estimateSeconds(step, 5, seconds), 0);
  expect(whole / 60).toBeLessThan(42);
});

test("what is left is what was estimated, until the first is done", () => {
  expect(String(new TimeLeft([30, 30]))).toBe("60 s");
  expect(formatMinutes(600)).toBe("10 min");
});
