import { expect, test } from "vitest";
import {
  extend,
  type Sample,
  sampleFields,
  toHistory,
  toSamples,
} from "../../../shared/operations/sample.js";

const sampleAt = (at: number, value: number | null = at): Sample =>
  ({ ...Object.fromEntries(sampleFields.map((field) => [field, value])), at }) as Sample;

test("a history is the samples as columns, and back", () => {
  const samples = [sampleAt(1), sampleAt(2, null), sampleAt(3)];
  const history = toHistory(samples);
  expect(history.at).toEqual([1, 2, 3]);
  expect(history.rss).toEqual([1, null, 3]);
  expect(toSamples(history)).toEqual(samples);
});

test("what is too old or too many goes, the newest never", () => {
  const samples: Sample[] = [];
  const times = () => samples.map(({ at }) => at);
  for (const at of [0, 10, 20, 30]) extend(samples, sampleAt(at), 20, 10);
  expect(times()).toEqual([10, 20, 30]);
  extend(samples, sampleAt(31), 20, 3);
  expect(times()).toEqual([20, 30, 31]);
  extend(samples, sampleAt(1_000), 20, 3);
  expect(times()).toEqual([1_000]);
});
