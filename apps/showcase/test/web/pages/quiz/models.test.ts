// Host and players as their pages know them, over real connections that are cut and come back.
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { HostModel } from "../../../../web/pages/quiz/host-model.js";
import type { Seat } from "../../../../web/pages/quiz/memory.js";
import { PlayerModel } from "../../../../web/pages/quiz/player-model.js";
import { makeSet, QuizScene, secretOf } from "../../../quiz-scene.js";

let scene: QuizScene;
const models: (HostModel | PlayerModel)[] = [];

beforeEach(async () => {
  scene = await QuizScene.open();
});

afterEach(async () => {
  for (const model of models.splice(0)) model.dispose();
  await scene.close();
  expect(scene.errors).toEqual([]);
});

interface HostTab {
  readonly model: HostModel;
  readonly kept: { token: string | undefined };
}

function hostTab(token?: string): HostTab {
  const kept: HostTab["kept"] = { token };
  const remember = (next: string | undefined) => {
    kept.token = next;
  };
  const model = new HostModel({ client: scene.connect(), token, remember });
  models.push(model);
  return { model, kept };
}

interface PlayerTab {
  readonly model: PlayerModel;
  readonly kept: { seat: Seat | undefined };
}

function playerTab(seat?: Seat): PlayerTab {
  const kept: PlayerTab["kept"] = { seat };
  const remember = (next: Seat | undefined) => {
    kept.seat = next;
  };
  const model = new PlayerModel({ client: scene.connect(), seat, remember });
  models.push(model);
  return { model, kept };
}

async function openGame(questions = 2): Promise<HostTab & { readonly code: string }> {
  const tab = hostTab();
  await tab.model.create(makeSet(questions));
  return { ...tab, code: tab.model.view.value?.code ?? "" };
}

async function play(code: string, nickname: string): Promise<PlayerTab> {
  const tab = playerTab();
  await tab.model.join(code, nickname);
  expect(tab.model.view.value?.phase).toBe("lobby");
  return tab;
}

const phaseOf = ({ model }: HostTab | PlayerTab) => model.view.value?.phase;
const scoreOf = ({ model }: PlayerTab) => model.view.value?.you.score;

/** Asks the next question, and waits until it can be answered. */
async function ask(host: HostTab, ...players: PlayerTab[]): Promise<void> {
  await host.model.advance();
  for (const tab of [host, ...players]) await expect.poll(() => phaseOf(tab)).toBe("question");
  scene.aheadMs += 1_000;
}

describe("a player", () => {
  test("answers, is told the result, and sees the podium", async () => {
    const host = await openGame(1);
    const ada = await play(host.code, "Ada");
    await ask(host, ada);
    ada.model.answer(0);
    ada.model.answer(1); // It is given already.
    await expect.poll(() => phaseOf(ada)).toBe("reveal");
    expect(ada.model.view.value?.answered).toMatchObject({ index: 0, answer: 0 });
    expect(ada.model.view.value?.result?.answer).toBe(0);
    await expect.poll(() => phaseOf(host)).toBe("reveal");
    await host.model.advance();
    await expect.poll(() => ada.model.view.value?.podium?.length).toBe(1);
  });

  test("who was cut off gives the answer meanwhile, and it counts when the line is back", async () => {
    const host = await openGame();
    const [ada, bob] = [await play(host.code, "Ada"), await play(host.code, "Bob")];
    await ask(host, ada, bob);
    await scene.unplug();
    ada.model.answer(0);
    expect(ada.model.given.value).toEqual({ index: 0, answer: 0 });
    expect(ada.model.view.value?.answered).toBeUndefined();
    await scene.plug();
    await expect.poll(() => ada.model.view.value?.answered?.answer).toBe(0);
    bob.model.answer(1);
    await expect.poll(() => scoreOf(ada)).toBeGreaterThan(500);
    expect(scoreOf(bob)).toBe(0);
  });

  test("after a reload everything is as it was, by the seat that was kept", async () => {
    const host = await openGame();
    const [ada, bob] = [await play(host.code, "Ada"), await play(host.code, "Bob")];
    await ask(host, ada, bob);
    ada.model.answer(0);
    await expect.poll(() => ada.model.view.value?.answered).toBeDefined();
    const reloaded = playerTab(ada.kept.seat);
    await expect.poll(() => reloaded.model.view.value?.answered?.answer).toBe(0);
    // The former tab is told; what it remembers is its own.
    await expect.poll(() => ada.model.problem.value).toContain("another tab");
    bob.model.answer(0);
    await expect.poll(() => scoreOf(reloaded)).toBeGreaterThan(500);
    expect(reloaded.model.view.value?.you.nickname).toBe("Ada");
  });

  test("an answer too late says so, and is not shown as given", async () => {
    const host = await openGame();
    const ada = await play(host.code, "Ada");
    await ask(host, ada);
    scene.aheadMs += 20_000;
    ada.model.answer(0);
    await expect.poll(() => ada.model.refusal.value).toContain("Time is up");
    expect(ada.model.view.value?.answered).toBeUndefined();
  });

  test("a nickname that is taken, and a game that there is not, are told; the next try works", async () => {
    const host = await openGame();
    await play(host.code, "Ada");
    const other = playerTab();
    await other.model.join(host.code, "ada");
    expect(other.model.problem.value).toContain("has that nickname already");
    await other.model.join("000000", "Bob");
    expect(other.model.problem.value).toContain("There is no such game");
    expect(other.kept.seat).toBeUndefined();
    await other.model.join(host.code, "Bob");
    expect(phaseOf(other)).toBe("lobby");
    expect(other.kept.seat).toMatchObject({ code: host.code, nickname: "Bob" });
  });

  test("who joins while the line is down is in when it is back", async () => {
    const host = await openGame();
    const ada = playerTab();
    await expect.poll(() => ada.model.clock.now() > 0).toBe(true);
    await scene.unplug();
    const joining = ada.model.join(host.code, "Ada");
    expect(ada.model.isJoining.value).toBe(true);
    await scene.plug();
    await joining;
    await expect.poll(() => phaseOf(ada)).toBe("lobby");
    expect(ada.model.isJoining.value).toBe(false);
  });

  test("a failure that says nothing about the game costs nobody the place", async () => {
    const host = await openGame();
    const ada = await play(host.code, "Ada");
    scene.refuseOnce("quiz.return", "busy", 5);
    scene.refuseOnce("quiz.host", "too-fast", 5);
    const [player, screen] = [playerTab(ada.kept.seat), hostTab(host.kept.token)];
    await expect.poll(() => phaseOf(player)).toBe("lobby");
    await expect.poll(() => phaseOf(screen)).toBe("lobby");
    expect(player.model.problem.value).toBe("");
  });

  test("who leaves has left, and may come in again as somebody else", async () => {
    const host = await openGame();
    const ada = await play(host.code, "Ada");
    ada.model.leave();
    expect(ada.model.view.value).toBeUndefined();
    expect(ada.model.nickname).toBe("Ada");
    await expect.poll(() => host.model.view.value?.progress.players).toBe(0);
    await ada.model.join(host.code, "Ada");
    await expect.poll(() => host.model.view.value?.progress.players).toBe(1);
  });
});

describe("a host", () => {
  test("after a reload leads on from where it was", async () => {
    const host = await openGame();
    const ada = await play(host.code, "Ada");
    await ask(host, ada);
    const reloaded = hostTab(host.kept.token);
    expect(reloaded.model.isReturning).toBe(true);
    await expect.poll(() => phaseOf(reloaded)).toBe("question");
    await reloaded.model.advance();
    // Both screens follow.
    await expect.poll(() => phaseOf(reloaded)).toBe("reveal");
    await expect.poll(() => phaseOf(host)).toBe("reveal");
  });

  test("sees who comes and what is answered, and has the whole scoreboard", async () => {
    const host = await openGame();
    const [ada, bob] = [await play(host.code, "Ada"), await play(host.code, "Bob")];
    const progress = () => host.model.view.value?.progress;
    await expect
      .poll(() => progress()?.newest.map(({ nickname }) => nickname))
      .toEqual(["Bob", "Ada"]);
    await ask(host, ada, bob);
    ada.model.answer(1);
    await expect.poll(() => progress()?.counts).toEqual([0, 1]);
    bob.model.answer(0);
    await expect.poll(() => phaseOf(host)).toBe("reveal");
    expect((await host.model.scores()).map(({ nickname }) => nickname)).toEqual(["Bob", "Ada"]);
    await host.model.remove(
      progress() && host.model.view.value?.top[0] ? host.model.view.value.top[0].id : "",
    );
    await expect.poll(() => bob.model.problem.value).toContain("removed");
    await expect.poll(() => progress()?.players).toBe(1);
  });

  test("cannot start without players, and is told", async () => {
    const host = await openGame();
    await host.model.advance();
    expect(host.model.problem.value).toBe("Nobody has joined yet.");
    expect(phaseOf(host)).toBe("lobby");
  });

  test("ends a game, and opens the next", async () => {
    const host = await openGame();
    const ada = await play(host.code, "Ada");
    await host.model.end();
    expect(host.model.view.value).toBeUndefined();
    expect(host.kept.token).toBeUndefined();
    await expect.poll(() => ada.model.problem.value).toBe("The host has ended the game.");
    await host.model.create(makeSet(1));
    expect(phaseOf(host)).toBe("lobby");
    expect(host.model.view.value?.code).not.toBe(host.code);
  });
});

test("the server forgets everything: both are told, and go on with a new game", async () => {
  const host = await openGame();
  const ada = await play(host.code, "Ada");
  await scene.unplug();
  await scene.forget();
  await scene.plug();
  for (const { model } of [host, ada]) {
    await expect.poll(() => model.problem.value).toContain("The game is gone");
  }
  expect(host.kept.token).toBeUndefined();
  expect(ada.kept.seat).toBeUndefined();
  await host.model.create(makeSet(1));
  await ada.model.join(host.model.view.value?.code ?? "", "Ada");
  await ask(host, ada);
  ada.model.answer(0);
  await expect.poll(() => scoreOf(ada)).toBeGreaterThan(500);
});

test("a game that is asked for while the line is down is there once, when it is back", async () => {
  const host = hostTab();
  await host.model.create(makeSet(1));
  await host.model.end();
  await scene.unplug();
  const creating = host.model.create(makeSet(1));
  await scene.plug();
  await creating;
  await expect.poll(() => phaseOf(host)).toBe("lobby");
  const other = scene.connect();
  const token = host.kept.token ?? "";
  expect(await other.request("quiz.host", { token })).toMatchObject({
    code: host.model.view.value?.code,
  });
  await expect(other.request("quiz.host", { token: secretOf("none") })).rejects.toThrow(
    "no such game",
  );
});
