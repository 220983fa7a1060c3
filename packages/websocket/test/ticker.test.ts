import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { NOWHERE, nextTickTime, startTicking, stopTicking, type Ticking } from "../src/ticker.js";

/** Counts its ticks, and may do something at each. */
class Ticker implements Ticking {
  tickIndex: number = NOWHERE;
  nextTickAt = 0;
  ticks = 0;
  onTick: () => void = () => {};

  tick(): void {
    this.ticks++;
    this.onTick();
  }
}

function start(count: number): Ticker[] {
  const tickers = Array.from({ length: count }, () => new Ticker());
  for (const ticker of tickers) startTicking(ticker);
  return tickers;
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ["setInterval", "clearInterval", "performance"] });
});
afterEach(() => {
  expect(vi.getTimerCount(), "timers left behind").toBe(0);
  vi.useRealTimers();
});

test("all tick that are due, with one timer, until the last has stopped", () => {
  const tickers = start(5);
  tickers[3]!.nextTickAt = Number.POSITIVE_INFINITY;
  expect(vi.getTimerCount()).toBe(1);
  vi.advanceTimersByTime(1000);
  expect(tickers.map(({ ticks }) => ticks)).toEqual([2, 2, 2, 0, 2]);
  for (const ticker of tickers) stopTicking(ticker);
});

test("in whichever order they stop, the others go on", () => {
  const tickers = start(6);
  for (const index of [2, 5, 0, 4, 1, 3]) {
    const before = tickers.map(({ ticks }) => ticks);
    stopTicking(tickers[index]!);
    stopTicking(tickers[index]!);
    vi.advanceTimersByTime(500);
    const expected = tickers.map(
      ({ tickIndex }, at) => before[at]! + Number(tickIndex !== NOWHERE),
    );
    expect(tickers.map(({ ticks }) => ticks)).toEqual(expected);
  }
});

test("who stops others, or itself, while it ticks, keeps nobody from his turn", () => {
  const tickers = start(8);
  const stopped = [1, 6, 7, 4];
  tickers[5]!.onTick = () => {
    for (const index of stopped) stopTicking(tickers[index]!);
  };
  tickers[3]!.onTick = () => stopTicking(tickers[3]!);
  vi.advanceTimersByTime(500);
  for (const index of [0, 2, 3, 5]) expect(tickers[index]!.ticks).toBeGreaterThan(0);
  vi.advanceTimersByTime(500);
  const others = tickers.filter((_, index) => ![...stopped, 3].includes(index));
  for (const ticker of others) {
    expect(ticker.ticks).toBeGreaterThan(1);
    stopTicking(ticker);
  }
});

test("the time of the next tick is known from the first that ticks on, and anew after a pause", () => {
  for (let turn = 0; turn < 2; turn++) {
    const [ticker] = start(1);
    expect(nextTickTime()).toBe(performance.now() + 500);
    vi.advanceTimersByTime(200);
    const [other] = start(1);
    expect(nextTickTime()).toBe(performance.now() + 300);
    vi.advanceTimersByTime(300);
    expect(nextTickTime()).toBe(performance.now() + 500);
    for (const each of [ticker!, other!]) stopTicking(each);
    vi.advanceTimersByTime(2000);
  }
});
