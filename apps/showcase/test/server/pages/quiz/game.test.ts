import { describe, expect, test } from "vitest";
import { Game } from "../../../../server/pages/quiz/game.js";
import { newestMax, playersMax, podiumMax, topMax } from "../../../../server/pages/quiz/limits.js";
import type { Player } from "../../../../server/pages/quiz/player.js";
import { pointsFor } from "../../../../server/pages/quiz/points.js";
import { makeSet, secretOf } from "../../../quiz-scene.js";

const yes = 0;
const no = 1;
/** A question is asked, opens, and closes, by the clock of these tests. */
const askedAt = 1_000;
const opensAt = 2_000;
const closesAt = 22_000;

function begin(...names: string[]): { game: Game; players: Player[] } {
  const game = new Game("123456", secretOf("host"), makeSet(3));
  return { game, players: names.map((name) => enter(game, name)) };
}

function enter(game: Game, name: string): Player {
  const player = game.join(secretOf(name), name);
  game.seat(player, `session of ${name}`);
  return player;
}

/** Asks, lets each answer after so many milliseconds, and closes. */
function round(game: Game, ...answers: [Player, number, number][]): void {
  game.advance(askedAt);
  const index = game.asked?.index ?? 0;
  for (const [player, answer, tookMs] of answers) {
    game.answer(player, index, answer, opensAt + tookMs);
  }
  game.advance(closesAt);
}

const refusal = (code: string) => expect.objectContaining({ code });

describe("an answer", () => {
  test("counts from the opening to the deadline, and not a millisecond before or after", () => {
    const { game, players } = begin("Ada", "Bob", "Eve", "Mallory");
    const [ada, bob, eve, mallory] = players as [Player, Player, Player, Player];
    game.advance(askedAt);
    expect(game.asked).toMatchObject({ askedAt, opensAt, closesAt });
    expect(() => game.answer(ada, 0, yes, opensAt - 1)).toThrow(refusal("too-early"));
    expect(game.answer(ada, 0, yes, opensAt)).toEqual({ index: 0, answer: yes, tookMs: 0 });
    expect(game.answer(bob, 0, yes, closesAt - 1)).toMatchObject({ tookMs: 19_999 });
    expect(() => game.answer(eve, 0, yes, closesAt)).toThrow(refusal("too-late"));
    game.advance(closesAt);
    expect(() => game.answer(mallory, 0, yes, opensAt)).toThrow(refusal("too-late"));
    expect([ada.score, bob.score, eve.score, mallory.score]).toEqual([1_000, 500, 0, 0]);
  });

  test("counts once: a second one is refused with the receipt of the first", () => {
    const { game, players } = begin("Ada", "Bob");
    const [ada] = players as [Player];
    game.advance(askedAt);
    const receipt = game.answer(ada, 0, no, opensAt + 5);
    for (const answer of [no, yes]) {
      const again = () => game.answer(ada, 0, answer, opensAt + 9);
      expect(again).toThrow(expect.objectContaining({ code: "already-answered", data: receipt }));
    }
    expect(game.progress).toMatchObject({ answered: 1, counts: [0, 1] });
  });

  test("is for the question that is open, and one of its answers", () => {
    const { game, players } = begin("Ada");
    const [ada] = players as [Player];
    expect(() => game.answer(ada, 0, yes, opensAt)).toThrow(refusal("not-open"));
    game.advance(askedAt);
    expect(() => game.answer(ada, 1, yes, opensAt)).toThrow(refusal("other-question"));
    expect(() => game.answer(ada, 0, 2, opensAt)).toThrow(refusal("no-such-answer"));
    game.advance(closesAt);
    game.advance(closesAt);
    game.advance(askedAt);
    expect(() => game.answer(ada, 0, yes, opensAt)).toThrow(refusal("too-late"));
    expect(game.progress.answered).toBe(0);
  });
});

describe("points", () => {
  test.each([
    [0, 20_000, 1, 1_000],
    [20_000, 20_000, 1, 500],
    [10_000, 20_000, 1, 750],
    [5_000, 20_000, 2, 975],
    [20, 20_000, 1, 1_000], // 499.5 is rounded up.
    [0, 20_000, 6, 1_500],
    [0, 20_000, 60, 1_500],
  ])("%d ms of %d, the %d. right one in a row: %d", (tookMs, limitMs, streak, points) => {
    expect(pointsFor(tookMs, limitMs, streak)).toBe(points);
  });

  test("add up, streaks grow and break, and places follow", () => {
    const { game, players } = begin("Ada", "Bob", "Eve");
    const [ada, bob, eve] = players as [Player, Player, Player];
    round(game, [ada, yes, 0], [bob, yes, 10_000]);
    expect(
      game
        .rows(0, 9)
        .map(({ nickname, score, streak, place, climbed }) => [
          nickname,
          score,
          streak,
          place,
          climbed,
        ]),
    ).toEqual([
      ["Ada", 1_000, 1, 1, 0],
      ["Bob", 750, 1, 2, 0],
      ["Eve", 0, 0, 3, 0],
    ]);
    game.advance(closesAt);
    round(game, [ada, no, 0], [bob, yes, 0], [eve, yes, 0]);
    expect(
      game
        .rows(0, 9)
        .map(({ nickname, score, streak, place, climbed, gained }) => [
          nickname,
          score,
          streak,
          place,
          climbed,
          gained,
        ]),
    ).toEqual([
      ["Bob", 1_850, 2, 1, 1, 1_100],
      ["Ada", 1_000, 0, 2, -1, 0],
      ["Eve", 1_000, 1, 2, 1, 1_000],
    ]);
    expect(bob.result).toEqual({ index: 1, correct: [yes], answer: yes, gained: 1_100 });
    for (const second of [ada, eve]) {
      expect(second.result?.ahead).toEqual({ nickname: "Bob", by: 850 });
    }
  });
});

describe("players", () => {
  test("are known by their token: they keep nickname, score and answer", () => {
    const { game, players } = begin("Ada");
    const [ada] = players as [Player];
    round(game, [ada, yes, 0]);
    game.unseat(ada);
    expect(game.join(secretOf("Ada"), "Somebody else")).toBe(ada);
    expect(game.playerView(ada)).toMatchObject({
      phase: "reveal",
      you: { nickname: "Ada", score: 1_000, streak: 1, place: 1 },
      answered: { answer: yes, tookMs: 0 },
      result: { gained: 1_000 },
    });
    expect(() => game.player(secretOf("Bob"))).toThrow(refusal("not-a-player"));
  });

  test("have nicknames that nobody else has, however they are written", () => {
    const { game } = begin("Ada");
    for (const name of ["Ada", "ADA", "ａｄａ"]) {
      expect(() => game.join(secretOf("other"), name), name).toThrow(refusal("nickname-taken"));
    }
    game.remove(game.player(secretOf("Ada")), { isBanned: false });
    expect(game.join(secretOf("other"), "ADA").nickname).toBe("ADA");
  });

  test("that the host has removed are not let in again, and count no more", () => {
    const { game, players } = begin("Ada", "Bob");
    const [ada, bob] = players as [Player, Player];
    game.advance(askedAt);
    game.answer(ada, 0, yes, opensAt);
    game.remove(ada, { isBanned: true });
    expect(game.progress).toMatchObject({ players: 1, here: 1, answered: 0, counts: [0, 0] });
    expect(() => game.join(secretOf("Ada"), "Ada")).toThrow(refusal("removed"));
    expect(() => game.player(secretOf("Ada"))).toThrow(refusal("removed"));
    game.answer(bob, 0, no, opensAt);
    game.advance(closesAt);
    expect(game.rows(0, 9).map(({ nickname }) => nickname)).toEqual(["Bob"]);
  });

  test("may come late, and begin with nothing", () => {
    const { game, players } = begin("Ada", "Bob");
    const [ada, bob] = players as [Player, Player];
    round(game, [ada, yes, 0]);
    const eve = enter(game, "Eve");
    expect([ada.place, bob.place, eve.place]).toEqual([1, 2, 2]);
    expect(game.playerView(eve)).not.toHaveProperty("result");
    game.remove(ada, { isBanned: false });
    expect(game.rows(0, 9).map(({ nickname, place }) => [nickname, place])).toEqual([
      ["Bob", 1],
      ["Eve", 1],
    ]);
  });

  test("are so many at the most, and the host is told of the newest and the best only", () => {
    const { game } = begin();
    for (let number = 1; number <= playersMax; number += 1) {
      enter(game, `${number}`.padStart(16, "0"));
    }
    expect(() => enter(game, "one more")).toThrow(refusal("game-full"));
    expect(game.progress.newest).toHaveLength(newestMax);
    expect(game.progress.newest[0]?.nickname).toBe(`${playersMax}`.padStart(16, "0"));
    game.advance(askedAt);
    game.advance(closesAt);
    expect(game.hostView.top).toHaveLength(topMax);
    // All have nothing, and share the first place; not all fit on the podium.
    expect(game.podium).toHaveLength(podiumMax);
  });
});

describe("phases", () => {
  test("lead from the lobby over every question to the podium", () => {
    const { game, players } = begin("Ada");
    const [ada] = players as [Player];
    const seen: string[] = [game.phase];
    expect(() => begin().game.advance(askedAt)).toThrow(refusal("no-players"));
    while (game.phase !== "podium") {
      game.advance(askedAt);
      seen.push(game.phase);
    }
    const asked = ["question", "reveal", "scores"];
    expect(seen).toEqual(["lobby", ...asked, ...asked, "question", "reveal", "podium"]);
    expect(game.step).toBe(seen.length - 1);
    expect(() => game.advance(askedAt)).toThrow(refusal("game-over"));
    expect(() => enter(game, "Eve")).toThrow(refusal("game-over"));
    expect(game.playerView(ada).podium).toEqual([ada.standing]);
  });

  test("all have answered when nobody who is here could still answer, and somebody has", () => {
    const { game, players } = begin("Ada", "Bob", "Eve");
    const [ada, bob, eve] = players as [Player, Player, Player];
    game.unseat(eve);
    game.advance(askedAt);
    expect(game.isAllAnswered).toBe(false);
    game.answer(ada, 0, yes, opensAt);
    expect(game.isAllAnswered).toBe(false);
    game.unseat(ada);
    game.seat(ada, "again");
    expect(game.isAllAnswered).toBe(false);
    game.answer(bob, 0, yes, opensAt);
    expect(game.isAllAnswered).toBe(true);
    game.seat(eve, "back");
    expect(game.isAllAnswered).toBe(false);
    game.unseat(eve);
    expect(game.isAllAnswered).toBe(true);
  });

  test("the right answers are told to players only when the question is over", () => {
    const { game, players } = begin("Ada", "Bob");
    const [ada] = players as [Player];
    game.advance(askedAt);
    game.answer(ada, 0, yes, opensAt);
    expect(JSON.stringify(game.playerView(ada))).not.toContain("correct");
    game.advance(closesAt);
    expect(game.playerView(ada).result?.correct).toEqual([yes]);
  });
});
