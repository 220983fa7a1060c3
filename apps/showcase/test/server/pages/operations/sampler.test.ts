import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { quietSampleMs } from "../../../../server/pages/operations/limits.js";
import { Sampler } from "../../../../server/pages/operations/sampler.js";
import {
  historyMs,
  historySamplesMax,
  watchedSampleMs,
} from "../../../../shared/operations/limits.js";
import { type Sample, sampleFields } from "../../../../shared/operations/sample.js";

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

function setup() {
  const told: Sample[] = [];
  const take = vi.fn(() => {
    const figures = sampleFields.map((field) => [field, 1]);
    return { ...Object.fromEntries(figures), at: Date.now() } as Sample;
  });
  const sampler = new Sampler(take, (sample) => told.push(sample));
  return { sampler, take, told };
}

/** And the moment after: in virtual time that is when immediates run. */
const pass = (ms: number) => vi.advanceTimersByTimeAsync(ms + 1);

test("seldom while nobody looks, each second while somebody does; one timer in any case", async () => {
  const { sampler, take, told } = setup();
  await pass(quietSampleMs * 2);
  expect(take).toHaveBeenCalledTimes(3);
  expect(told).toEqual([]);
  sampler.watch("one");
  sampler.watch("two");
  expect(vi.getTimerCount()).toBe(1);
  await pass(watchedSampleMs * 3);
  expect(take).toHaveBeenCalledTimes(6);
  expect(told).toHaveLength(3);
  sampler.unwatch("one");
  await pass(watchedSampleMs);
  expect(told).toHaveLength(4);
  sampler.unwatch("two");
  sampler.unwatch("two");
  await pass(quietSampleMs - 2);
  expect(take).toHaveBeenCalledTimes(7);
  sampler.close();
  expect(vi.getTimerCount()).toBe(0);
});

test("the history has the last ten minutes and no more, however it was sampled", async () => {
  const { sampler } = setup();
  await pass(historyMs * 2);
  const { at } = sampler.history;
  expect(at.at(-1)! - at[0]!).toBeLessThanOrEqual(historyMs);
  expect(at.length).toBe(historyMs / quietSampleMs + 1);
  sampler.watch("one");
  await pass(historyMs * 2);
  expect(sampler.history.at.length).toBeLessThanOrEqual(historySamplesMax);
  expect(sampler.history.at.length).toBeGreaterThan(historyMs / watchedSampleMs - 5);
  sampler.close();
});
