import { once } from "node:events";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { stopSignal } from "../steps/stop-signal.mjs";

const say = vi.spyOn(console, "error");
beforeEach(() => {
  say.mockReset();
});
afterEach(() => {
  vi.useRealTimers();
});

it("a run that takes too long is stopped, with a clear message", () => {
  vi.useFakeTimers();
  const { signal, release } = stopSignal(20 * 60_000);
  vi.advanceTimersByTime(20 * 60_000 - 1);
  expect(signal.aborted).toBe(false);
  vi.advanceTimersByTime(1);
  expect(signal.aborted).toBe(true);
  expect(say.mock.calls.join()).toContain("it took longer than 20 minutes");
  release();
});

it("Ctrl-C stops a run, once", async () => {
  const { signal, release } = stopSignal(60_000);
  const stopped = once(signal, "abort");
  process.emit("SIGINT");
  process.emit("SIGINT");
  await stopped;
  expect(say).toHaveBeenCalledTimes(1);
  release();
});

it("after its release nothing is left listening", () => {
  const before = process.listenerCount("SIGTERM");
  const { release } = stopSignal(60_000);
  expect(process.listenerCount("SIGTERM")).toBe(before + 1);
  release();
  expect(process.listenerCount("SIGTERM")).toBe(before);
});
