import { expect, test } from "vitest";
import { clockOffset } from "../../../shared/quiz/clock-offset.js";

/** Answers by a clock that is so much ahead, over a line with these delays there and back. */
function line(aheadMs: number, delays: readonly (readonly [there: number, back: number])[]) {
  let now = 100;
  let turn = 0;
  const ask = async () => {
    const [there, back] = delays[turn % delays.length]!;
    turn += 1;
    now += there;
    const told = now + aheadMs;
    now += back;
    return told;
  };
  return { ask, own: () => now };
}

test("over an even line the offset is exact, however long the line is", async () => {
  for (const delay of [0, 1, 250]) {
    for (const ahead of [-5_000, 0, 1e9]) {
      const { ask, own } = line(ahead, [[delay, delay]]);
      expect(await clockOffset(ask, own)).toBe(ahead);
    }
  }
});

test("the fastest answer counts, and errs by half of its round trip at most", async () => {
  const { ask, own } = line(1_000, [
    [400, 20],
    [30, 10],
    [20, 900],
    [50, 50],
  ]);
  expect(await clockOffset(ask, own)).toBe(1_010);
});

test("without an answer there is no offset", async () => {
  const fail = () => Promise.reject(new Error("gone"));
  await expect(clockOffset(fail, () => 0)).rejects.toThrow("gone");
});
