import { expect, test, vi } from "vitest";
import { CpuDesk } from "../../../../server/pages/lab/cpu-desk.js";
import { measurementsWaitingMax } from "../../../../server/pages/lab/limits.js";
import type { MeasureCpu } from "../../../../server/pages/lab/measure-cpu.js";
import type { CpuFigure, LabSettings } from "../../../../shared/lab/contract.js";
import { eventually } from "../../../eventually.js";

const settingsOf = (rate: number): LabSettings => ({
  task: "push",
  rate,
  size: 1,
  pollIntervalMs: 100,
});

/** Measurements that end when the test says so. */
function controlled() {
  const under: { rate: number; signal: AbortSignal; end: (error?: Error) => void }[] = [];
  const measure: MeasureCpu = ({ rate }, done, signal) =>
    new Promise((resolve, reject) => {
      const end = (error?: Error) => {
        if (error) return reject(error);
        done("websocket", rate);
        return resolve();
      };
      signal.addEventListener("abort", () => reject(signal.reason));
      under.push({ rate, signal, end });
    });
  return { under, desk: new CpuDesk(measure) };
}

test("one measurement at a time; the next begins when it is done", async () => {
  const { under, desk } = controlled();
  const seen: CpuFigure[] = [];
  desk.watch(settingsOf(1), (figure) => seen.push(figure));
  desk.watch(settingsOf(2), (figure) => seen.push(figure));
  expect(under.map(({ rate }) => rate)).toEqual([1]);
  under[0]!.end();
  await eventually(() => under.length).toBe(2);
  expect(seen.filter(({ state }) => state === "done").map(({ micros }) => micros)).toEqual([1]);
  under[1]!.end();
  await eventually(() => seen.filter(({ state }) => state === "done").length).toBe(2);
});

test("what is known is not measured again", async () => {
  const { under, desk } = controlled();
  desk.watch(settingsOf(1), () => {});
  under[0]!.end();
  const seen: CpuFigure[] = [];
  await eventually(() => {
    desk.watch(settingsOf(1), (figure) => seen.push(figure));
    return seen.some(({ state }) => state === "done");
  }).toBe(true);
  expect(under.length).toBe(1);
});

test("when nobody waits for it any more it is given up", async () => {
  const { under, desk } = controlled();
  const watcher = (): void => {};
  desk.watch(settingsOf(1), watcher);
  desk.watch(settingsOf(2), () => {});
  desk.unwatch(watcher);
  expect(under[0]!.signal.aborted).toBe(true);
  await eventually(() => under.map(({ rate }) => rate)).toEqual([1, 2]);
});

test("one that failed says so, and is tried again when asked again", async () => {
  const { under, desk } = controlled();
  const seen: CpuFigure[] = [];
  const printed = vi.spyOn(console, "error").mockImplementation(() => {});
  desk.watch(settingsOf(1), (figure) => seen.push(figure));
  under[0]!.end(new Error("planted"));
  await eventually(() => seen.filter(({ state }) => state === "failed").length).toBe(5);
  await eventually(() => {
    desk.watch(settingsOf(1), () => {});
    return under.length;
  }).toBe(2);
  expect(printed).toHaveBeenCalledOnce();
  printed.mockRestore();
});

test("only so many may wait; who comes then is told at once", () => {
  const { desk } = controlled();
  const failed: CpuFigure[] = [];
  const watcher = (figure: CpuFigure): void => {
    if (figure.state === "failed") failed.push(figure);
  };
  for (let rate = 1; rate <= measurementsWaitingMax + 1; rate += 1) {
    desk.watch(settingsOf(rate), watcher);
  }
  expect(failed).toEqual([]);
  desk.watch(settingsOf(100), watcher);
  expect(failed.map(({ settings }) => settings.rate)).toEqual([100, 100, 100, 100, 100]);
  desk.close();
});
