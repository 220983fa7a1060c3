import { describe, expect, test } from "vitest";
import { CallRate } from "../../src/time/call-rate.js";
import { TokenBucket } from "../../src/time/token-bucket.js";
import { type Ticking, Wheel } from "../../src/time/wheel.js";
import { VirtualWorld } from "../support/world.js";

class Alarm implements Ticking {
  readonly rang: number[] = [];
  nextTickAt: number;

  constructor(at: number) {
    this.nextTickAt = at;
  }

  tick(now: number): void {
    this.rang.push(now);
    this.nextTickAt = Number.POSITIVE_INFINITY;
  }
}

describe("Wheel", () => {
  test("rings each once, never early, and at most a slot late, near and far", async () => {
    const world = new VirtualWorld(7);
    const wheel = new Wheel(world.platform);
    const alarms = Array.from({ length: 500 }, () => new Alarm(world.random.below(20_000)));
    const due = alarms.map(({ nextTickAt }) => nextTickAt);
    for (const alarm of alarms) wheel.schedule(alarm);
    expect(world.timers).toBe(1);
    await world.pass(21_000);
    for (const [i, { rang }] of alarms.entries()) {
      expect(rang).toHaveLength(1);
      expect(rang[0]! - due[i]!).toBeGreaterThanOrEqual(0);
      expect(rang[0]! - due[i]!).toBeLessThanOrEqual(51);
    }
    expect([wheel.size, world.timers]).toEqual([0, 0]);
  });

  test("a deadline that comes nearer is kept, one that goes further is not rung early", async () => {
    const world = new VirtualWorld();
    const wheel = new Wheel(world.platform);
    const [nearer, further] = [new Alarm(10_000), new Alarm(100)];
    wheel.schedule(nearer);
    wheel.schedule(further);
    nearer.nextTickAt = 200;
    wheel.schedule(nearer);
    further.nextTickAt = 5_000;
    await world.pass(300);
    expect([nearer.rang.length, further.rang.length]).toEqual([1, 0]);
    await world.pass(5_000);
    expect(further.rang).toHaveLength(1);
  });

  test("goes on after the process stood still for longer than a turn", async () => {
    const world = new VirtualWorld();
    const wheel = new Wheel(world.platform);
    const alarm = new Alarm(100);
    wheel.schedule(alarm);
    world.timeline.now = 60_000;
    await world.settle();
    expect(alarm.rang).toEqual([60_000]);
    alarm.nextTickAt = 60_500;
    wheel.schedule(alarm);
    await world.pass(600);
    expect(alarm.rang).toHaveLength(2);
  });
});

test("one that was taken out and put in again rings once, wherever it stood before", async () => {
  const world = new VirtualWorld();
  const wheel = new Wheel(world.platform);
  const alarm = new Alarm(2_000);
  for (const at of [2_000, 1_000, 100, 100]) {
    wheel.remove(alarm);
    alarm.nextTickAt = at;
    wheel.schedule(alarm);
  }
  expect(wheel.size).toBe(1);
  await world.pass(3_000);
  expect(alarm.rang).toHaveLength(1);
  expect([wheel.size, world.timers]).toEqual([0, 0]);
});

test("a wheel that is closed by what rings rings nothing more", async () => {
  const world = new VirtualWorld();
  const wheel = new Wheel(world.platform);
  const [first, second] = [new Alarm(100), new Alarm(100)];
  first.tick = (now) => {
    Alarm.prototype.tick.call(first, now);
    wheel.close();
  };
  wheel.schedule(first);
  wheel.schedule(second);
  await world.pass(10_000);
  expect([first.rang.length, second.rang.length]).toEqual([1, 0]);
  expect([wheel.size, world.timers]).toEqual([0, 0]);
});

describe("TokenBucket", () => {
  test("gives the burst at once, then the rate; a large cost is paid for afterwards", () => {
    const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
    expect([1, 2, 3, 4, 5, 6].map(() => bucket.take(1, 0))).toEqual([
      true,
      true,
      true,
      true,
      true,
      false,
    ]);
    expect(bucket.readyAt(1, 0)).toBe(100);
    expect(bucket.take(1, 100)).toBe(true);
    expect(bucket.take(20, 600)).toBe(true);
    expect(bucket.readyAt(1, 600)).toBe(600 + 1_600);
  });

  test("a clock that steps back gives nothing", () => {
    const bucket = new TokenBucket({ perSecond: 1_000, burst: 1 }, 1_000);
    expect(bucket.take(1, 1_000)).toBe(true);
    expect(bucket.take(1, 0)).toBe(false);
    expect(bucket.take(1, 1)).toBe(true);
  });
});

describe("CallRate", () => {
  const limits = { eventsPerSecond: 10, eventsBurst: 2, bytesPerSecond: 1_000, bytesBurst: 500 };

  test("gives the burst at once, then the rate", () => {
    const rate = new CallRate(limits, 0);
    expect([rate.take(1, 0), rate.take(1, 0)]).toEqual([0, 0]);
    expect(rate.take(1, 0)).toBe(100);
    expect([rate.take(1, 100), rate.take(1, 100)]).toEqual([0, 100]);
    // However long it was silent, it has no more than the burst.
    expect([1, 2, 3].map(() => rate.take(1, 100_000))).toEqual([0, 0, 100]);
  });

  test("bytes count apart; a message above their burst passes, and is paid for", () => {
    const rate = new CallRate(limits, 0);
    expect(rate.take(1_500, 0)).toBe(0);
    expect(rate.take(1, 0)).toBe(1_001);
    expect(rate.take(500, 1_000)).toBe(500);
    expect(rate.take(500, 1_500)).toBe(0);
  });

  test("a call that has to wait takes nothing, and a clock that steps back gives nothing", () => {
    const rate = new CallRate(limits, 1_000);
    expect([rate.take(400, 1_000), rate.take(400, 1_000), rate.take(100, 1_000)]).toEqual([
      0, 300, 0,
    ]);
    expect(rate.take(0, 0)).toBe(100);
    expect(rate.take(0, 50)).toBe(50);
  });
});
