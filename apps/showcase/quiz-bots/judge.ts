// Recomputes the scoreboard from what the bots know: their receipts, and which answers were right. It
// shares no code with the server, so it cannot share a fault.
import type { Row } from "../shared/quiz/contract.js";
import type { PlayerBot } from "./player-bot.js";

export interface Expected {
  readonly nickname: string;
  readonly score: number;
  readonly streak: number;
  readonly place: number;
}

/** In no particular order. */
export function recompute(bots: readonly PlayerBot[], questions: number): Expected[] {
  const sums = bots.map((bot) => ({ nickname: bot.nickname, ...sum(bot, questions) }));
  const better = new Map<number, number>();
  const sorted = sums.map(({ score }) => score).sort((a, b) => b - a);
  // The first time that a score appears, so many were better.
  for (const [index, score] of sorted.entries()) if (!better.has(score)) better.set(score, index);
  return sums.map((one) => ({ ...one, place: (better.get(one.score) ?? 0) + 1 }));
}

/** What is not as it should be, in words. */
export function compare(expected: readonly Expected[], rows: readonly Row[]): string[] {
  const told = new Map(rows.map((row) => [row.nickname, row]));
  const problems = told.size === rows.length ? [] : ["a nickname is on the scoreboard twice"];
  for (const { nickname, score, streak, place } of expected) {
    const row = told.get(nickname);
    if (row === undefined) {
      problems.push(`${nickname} is not on the scoreboard`);
    } else if (row.score !== score || row.streak !== streak || row.place !== place) {
      problems.push(
        `${nickname} has ${row.score} points, streak ${row.streak}, place ${row.place}; ` +
          `it should be ${score}, ${streak}, ${place}`,
      );
    }
  }
  return problems;
}

function sum(bot: PlayerBot, questions: number): { score: number; streak: number } {
  let score = 0;
  let streak = 0;
  for (let index = 0; index < questions; index += 1) {
    const round = bot.rounds.get(index);
    const { receipt, result, asked } = round ?? {};
    if (!receipt || !asked || !result?.correct.includes(receipt.answer)) {
      streak = 0;
      continue;
    }
    const limit = asked.closesAt - asked.opensAt;
    // Half a thousand, and as much again for speed: rounded half up, in whole numbers.
    const speed = Math.floor((1_000 * (limit - receipt.tookMs) + limit) / (2 * limit));
    score += 500 + speed + Math.min(streak, 5) * 100;
    streak += 1;
  }
  return { score, streak };
}
