import { expect, test } from "vitest";
import { Lane } from "../../../web/transfers/lane.js";

const settled = () => new Promise(setImmediate);

test("so many at once, the others in their order as places become free", async () => {
  const lane = new Lane(2);
  const begun: number[] = [];
  const leave = [1, 2, 3, 4, 5].map((number) => lane.enter(() => begun.push(number)));
  expect(begun).toEqual([]);
  await settled();
  expect(begun).toEqual([1, 2]);
  leave[3]?.(); // Gives up waiting.
  leave[1]?.();
  leave[1]?.(); // Twice is once.
  await settled();
  expect(begun).toEqual([1, 2, 3]);
  leave[0]?.();
  await settled();
  expect(begun).toEqual([1, 2, 3, 5]);
});

test("who leaves before it is called is not called, and its place is free", async () => {
  const lane = new Lane(1);
  const begun: string[] = [];
  const leave = lane.enter(() => begun.push("first"));
  lane.enter(() => begun.push("second"));
  leave();
  await settled();
  expect(begun).toEqual(["second"]);
});
