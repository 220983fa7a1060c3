import { describe, expect, test, vi } from "vitest";
import { Gauge } from "../../../web/transfers/gauge.js";
import { describeAmount, describePace, describeSeconds } from "../../../web/transfers/words.js";

const mebibyte = 1_048_576;

/** Samples twice a second of bytes that grow at a speed. */
function run(gauge: Gauge, fromMs: number, seconds: number, speed: number): number {
  for (let step = 0; step < seconds * 2; step += 1) {
    gauge.set(gauge.bytes.value + speed / 2);
    gauge.sample(fromMs + (step + 1) * 500);
  }
  return fromMs + seconds * 1_000;
}

describe("the speed", () => {
  test("is unknown until something was measured, and right from the first measure on", () => {
    const gauge = new Gauge(100 * mebibyte);
    gauge.sample(0);
    expect(gauge.bytesPerSecond.value).toBeUndefined();
    expect(describePace(gauge)).toBe("");
    run(gauge, 0, 0.5, 2 * mebibyte);
    expect(gauge.bytesPerSecond.value).toBeCloseTo(2 * mebibyte);
    expect(gauge.secondsLeft).toBeCloseTo(49.5);
  });

  test("is smooth when bytes come in bursts", () => {
    const gauge = new Gauge(1_000 * mebibyte);
    gauge.sample(0);
    const speeds: number[] = [];
    for (let step = 1; step <= 60; step += 1) {
      if (step % 4 === 0) gauge.set(gauge.bytes.value + 4 * mebibyte); // 2 MiB/s on average
      gauge.sample(step * 500);
      if (step > 20) speeds.push(gauge.bytesPerSecond.value ?? 0);
    }
    expect(Math.min(...speeds)).toBeGreaterThan(1.3 * mebibyte);
    expect(Math.max(...speeds)).toBeLessThan(2.7 * mebibyte);
  });

  test("follows a change within seconds, and goes down when nothing comes", () => {
    const gauge = new Gauge(1_000 * mebibyte);
    gauge.sample(0);
    const changedAt = run(gauge, 0, 20, mebibyte);
    const stoppedAt = run(gauge, changedAt, 10, 10 * mebibyte);
    expect(gauge.bytesPerSecond.value).toBeGreaterThan(9 * mebibyte);
    run(gauge, stoppedAt, 60, 0);
    expect(describePace(gauge)).toBe("nothing arrives at the moment");
    expect(gauge.secondsLeft).toBeUndefined();
  });

  test("does not remember what was before a pause", () => {
    const gauge = new Gauge(100 * mebibyte);
    gauge.sample(0);
    run(gauge, 0, 10, 10 * mebibyte);
    gauge.rest();
    expect(gauge.bytesPerSecond.value).toBeUndefined();
    gauge.sample(60_000);
    run(gauge, 60_000, 0.5, mebibyte);
    expect(gauge.bytesPerSecond.value).toBeCloseTo(mebibyte);
  });

  test("is measured by one clock, which stops with the last gauge", () => {
    vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
    try {
      const gauges = [new Gauge(mebibyte), new Gauge(mebibyte)];
      for (const gauge of gauges) gauge.run();
      expect(vi.getTimerCount()).toBe(1);
      for (const gauge of gauges) gauge.set(1_024);
      vi.advanceTimersByTime(500);
      for (const gauge of gauges) expect(gauge.bytesPerSecond.value).toBeCloseTo(2_048);
      for (const gauge of gauges) gauge.rest();
      expect(vi.getTimerCount()).toBe(0);
    } finally {
      vi.useRealTimers();
    }
  });
});

test("speed and remaining time in words", () => {
  const gauge = new Gauge(100 * mebibyte);
  gauge.sample(0);
  run(gauge, 0, 4, 5 * mebibyte);
  expect(describePace(gauge)).toBe("5 MiB/s · about 15 seconds left");
});

test.each([
  [0, 0, "0 of 0 bytes"],
  [0, 10, "0 of 10 bytes"],
  [3.25 * mebibyte, 8 * mebibyte, "3.3 of 8 MiB"],
  [512_000, 8 * mebibyte, "500 KiB of 8 MiB"],
])("%d of %d", (bytes, size, words) => {
  expect(describeAmount(bytes, size)).toBe(words);
});

test.each([
  [0.4, "less than a second left"],
  [1, "about 1 second left"],
  [4.4, "about 4 seconds left"],
  [13, "about 15 seconds left"],
  [57, "about 55 seconds left"],
  [58, "about 1 minute left"],
  [89, "about 1 minute left"],
  [125, "about 2 minutes left"],
  [3_569, "about 59 minutes left"],
  [3_600, "about 1 hour left"],
  [9_000, "about 3 hours left"],
  [90_000, "more than a day left"],
])("%d seconds: %s", (seconds, words) => {
  expect(describeSeconds(seconds)).toBe(words);
});
