// The witness itself: it has to notice what it is there to notice.
import { expect, test } from "vitest";
import { compare, recompute } from "../../quiz-bots/judge.js";
import type { BotRound, PlayerBot } from "../../quiz-bots/player-bot.js";
import { spreadOf } from "../../quiz-bots/report.js";
import { pointsFor } from "../../server/pages/quiz/points.js";

const asked = { text: "?", answers: ["a", "b"], askedAt: 0, opensAt: 1_000, closesAt: 61_000 };

function bot(
  nickname: string,
  ...answers: (readonly [answer: number, tookMs: number])[]
): PlayerBot {
  const rounds = answers.map(([answer, tookMs], index): [number, BotRound] => [
    index,
    {
      asked: { ...asked, index },
      fanOutMs: 0,
      receipt: { index, answer, tookMs },
      result: { index, correct: [0], gained: 0 },
    },
  ]);
  return { nickname, rounds: new Map(rounds) } as unknown as PlayerBot;
}

const bots = [bot("one", [0, 0], [0, 30_000]), bot("two", [1, 5], [0, 0]), bot("three", [1, 0])];
const expected = recompute(bots, 2);
const rows = expected.map((one, index) => ({ ...one, id: `p${index}`, gained: 0, climbed: 0 }));

test("points, streaks and places are those of the rules", () => {
  expect(expected).toEqual([
    { nickname: "one", score: 1_850, streak: 2, place: 1 },
    { nickname: "two", score: 1_000, streak: 1, place: 2 },
    { nickname: "three", score: 0, streak: 0, place: 3 },
  ]);
  for (let tookMs = 0; tookMs < 60_000; tookMs += 7) {
    const [told] = recompute([bot("x", [0, tookMs])], 1);
    expect(told?.score).toBe(pointsFor(tookMs, 60_000, 1));
  }
});

test("the right scoreboard has no problem, and every wrong one has", () => {
  expect(compare(expected, rows)).toEqual([]);
  const [first, ...rest] = rows as [(typeof rows)[0], ...typeof rows];
  for (const wrong of [
    [{ ...first, score: 1_851 }, ...rest],
    [{ ...first, streak: 1 }, ...rest],
    [{ ...first, place: 2 }, ...rest],
    rest,
    [first, ...rows],
  ]) {
    expect(compare(expected, wrong).length).toBeGreaterThan(0);
  }
});

test("percentiles are values that were measured", () => {
  const hundred = Array.from({ length: 100 }, (_, index) => 100 - index);
  expect(spreadOf(hundred)).toEqual({ count: 100, p50: 50, p99: 99, max: 100 });
  expect(spreadOf([7])).toEqual({ count: 1, p50: 7, p99: 7, max: 7 });
  expect(spreadOf([])).toEqual({ count: 0, p50: 0, p99: 0, max: 0 });
});
