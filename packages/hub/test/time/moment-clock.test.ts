import { expect, test } from "vitest";
import { MomentClock } from "../../src/time/moment-clock.js";

test("stands still for what one message causes, and is read once for it", () => {
  let reads = 0;
  const clock = new MomentClock(() => {
    reads += 1;
    return reads;
  });
  expect([clock.now(), clock.now()]).toEqual([1, 2]);
  expect(clock.hold()).toBe(true);
  expect([clock.now(), clock.now()]).toEqual([3, 3]);
  // What is within it does not let it go.
  expect(clock.hold()).toBe(false);
  clock.release();
  expect(clock.now()).toBe(4);
});
