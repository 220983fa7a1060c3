import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import {
  abandonedMs,
  createBurst,
  gamesMax,
  idleMs,
  tryBurst,
} from "../../../../server/pages/quiz/limits.js";
import type { ShowcaseClient } from "../../../../web/session/session.js";
import { makeSet, QuizScene, secretOf } from "../../../quiz-scene.js";

let scene: QuizScene;

beforeEach(async () => {
  scene = await QuizScene.open();
});

afterEach(async () => {
  vi.useRealTimers();
  await scene.close();
  expect(scene.errors).toEqual([]);
});

interface HostTab {
  readonly client: ShowcaseClient;
  readonly token: string;
  readonly code: string;
}

async function open(name = "host", count = 2): Promise<HostTab> {
  const client = scene.connect();
  const token = secretOf(name);
  const { code } = await client.request("quiz.create", { token, set: makeSet(count) });
  return { client, token, code };
}

async function join(code: string, nickname: string, client = scene.connect()) {
  const token = secretOf(nickname);
  const heard: string[] = [];
  client.on("quiz.asked", ({ question }) => heard.push(`asked ${question.index}`));
  client.on("quiz.result", ({ you, result }) => heard.push(`result ${result.gained} ${you.place}`));
  client.on("quiz.podium", ({ podium }) => heard.push(`podium ${podium.length}`));
  client.on("quiz.gone", ({ why }) => heard.push(`gone ${why}`));
  const view = await client.request("quiz.join", { code, token, nickname });
  return {
    client,
    token,
    heard,
    view,
    answer: (index: number, answer: number) =>
      client.request("quiz.answer", { code, token, index, answer }),
  };
}

function hostView({ client, token }: HostTab) {
  return client.request("quiz.host", { token });
}

/** On to the next phase, from the one that there is. */
async function advance(host: HostTab): Promise<void> {
  const { step } = (await hostView(host)).progress;
  await host.client.request("quiz.advance", { token: host.token, step });
}

/** The time to read is over. */
function openQuestion(): void {
  scene.aheadMs += 1_000;
}

const failure = (code: string) => expect.objectContaining({ code });

describe("a game", () => {
  test("each player is told each question and each result once, and the podium", async () => {
    const host = await open();
    const players = [await join(host.code, "Ada"), await join(host.code, "Bob")];
    for (const index of [0, 1]) {
      if (index > 0) await advance(host);
      await advance(host);
      openQuestion();
      for (const [who, player] of players.entries()) await player.answer(index, who);
      // The last answer has closed it.
      await expect.poll(async () => (await hostView(host)).phase).toBe("reveal");
    }
    await advance(host);
    const [ada, bob] = players;
    await expect.poll(() => bob?.heard.length).toBe(5);
    expect(bob?.heard).toEqual(["asked 0", "result 0 2", "asked 1", "result 0 2", "podium 2"]);
    expect(ada?.heard).toHaveLength(5);
    const { rows, total } = await host.client.request("quiz.scores", {
      token: host.token,
      from: 0,
    });
    expect(total).toBe(2);
    expect(rows.map(({ nickname, streak, place }) => [nickname, streak, place])).toEqual([
      ["Ada", 2, 1],
      ["Bob", 0, 2],
    ]);
  });

  test("at the deadline the server closes the question by itself", async () => {
    const host = await open();
    const ada = await join(host.code, "Ada");
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    await advance(host);
    await vi.advanceTimersByTimeAsync(19_000);
    expect((await hostView(host)).phase).toBe("question");
    await vi.advanceTimersByTimeAsync(2_000);
    expect((await hostView(host)).phase).toBe("reveal");
    vi.useRealTimers();
    await expect.poll(() => ada.heard).toEqual(["asked 0", "result 0 1"]);
  });

  test("hosts are told of many answers together, not of each", async () => {
    const host = await open();
    const told: number[] = [];
    host.client.on("quiz.progress", ({ progress }) => told.push(progress.answered));
    const players = [];
    for (let number = 0; number < 20; number += 1) players.push(await join(host.code, `${number}`));
    await advance(host);
    openQuestion();
    vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] });
    told.length = 0;
    for (const player of players.slice(1)) await player.answer(0, 0);
    expect(told).toEqual([]);
    await vi.advanceTimersByTimeAsync(200);
    vi.useRealTimers();
    await expect.poll(() => told).toEqual([19]);
  });

  test("is over for all when its host ends it, or when nobody goes on with it", async () => {
    const host = await open();
    const ada = await join(host.code, "Ada");
    await host.client.request("quiz.end", { token: host.token });
    await expect.poll(() => ada.heard).toEqual(["gone ended"]);
    await expect(hostView(host)).rejects.toThrow(failure("no-such-game"));
    const other = await open("other");
    const bob = await join(other.code, "Bob");
    const { quiz } = scene.registered;
    scene.aheadMs += idleMs - 60_000;
    quiz.sweep();
    expect(bob.heard).toEqual([]);
    scene.aheadMs += 60_000;
    quiz.sweep();
    await expect.poll(() => bob.heard).toEqual(["gone idle"]);
    const left = await open("left");
    left.client.close();
    await expect.poll(() => scene.hub.stats().sessions).toBe(4);
    scene.aheadMs += abandonedMs;
    quiz.sweep();
    await expect(join(left.code, "Eve")).rejects.toThrow(failure("no-such-game"));
  });
});

describe("answers that do not count", () => {
  test("too early, too late, twice, for another question, and as somebody else", async () => {
    const host = await open();
    const [ada, bob] = [await join(host.code, "Ada"), await join(host.code, "Bob")];
    await expect(ada.answer(0, 0)).rejects.toThrow(failure("not-open"));
    await advance(host);
    await expect(ada.answer(0, 0)).rejects.toThrow(failure("too-early"));
    openQuestion();
    await expect(ada.answer(1, 0)).rejects.toThrow(failure("other-question"));
    await expect(ada.answer(0, 3)).rejects.toThrow(failure("no-such-answer"));
    await ada.answer(0, 1);
    await expect(ada.answer(0, 0)).rejects.toThrow(failure("already-answered"));
    const forged = { code: host.code, token: secretOf("nobody"), index: 0, answer: 0 };
    for (const client of [bob.client, host.client, scene.connect()]) {
      const asked = client.request("quiz.answer", forged);
      await expect(asked).rejects.toThrow(failure("not-a-player"));
    }
    const elsewhere = { ...forged, code: "000000" };
    const asked = ada.client.request("quiz.answer", elsewhere);
    await expect(asked).rejects.toThrow(failure("no-such-game"));
    scene.aheadMs += 20_000;
    await expect(bob.answer(0, 0)).rejects.toThrow(failure("too-late"));
    expect((await hostView(host)).progress).toMatchObject({ answered: 1, counts: [0, 1] });
  });

  test("data that is none is refused before it reaches the game", async () => {
    const { code } = await open();
    const careless = scene.connectCareless();
    const seat = { code, token: secretOf("Ada") };
    for (const data of [undefined, {}, { ...seat, index: 0.5, answer: 0 }, { ...seat, index: 0 }]) {
      await expect(careless.request("quiz.answer", data)).rejects.toThrow(failure("invalid"));
    }
    for (const nickname of ["", " ", "\u202e", "x".repeat(21)]) {
      const joining = careless.request("quiz.join", { ...seat, nickname });
      await expect(joining, nickname).rejects.toThrow(failure("invalid"));
    }
    const set = { ...makeSet(1), questions: [] };
    const creating = careless.request("quiz.create", { token: secretOf("x"), set });
    await expect(creating).rejects.toThrow(failure("invalid"));
  });

  test("nobody leads a game but its host, and a second click skips nothing", async () => {
    const host = await open();
    await join(host.code, "Ada");
    const mallory = scene.connect();
    const token = secretOf("guess");
    for (const request of [
      mallory.request("quiz.advance", { token, step: 0 }),
      mallory.request("quiz.end", { token }),
      mallory.request("quiz.remove", { token, player: "p1" }),
      mallory.request("quiz.scores", { token, from: 0 }),
      mallory.request("quiz.host", { token }),
    ]) {
      await expect(request).rejects.toThrow(failure("no-such-game"));
    }
    for (let click = 0; click < 3; click += 1) {
      await host.client.request("quiz.advance", { token: host.token, step: 0 });
    }
    expect(await hostView(host)).toMatchObject({ phase: "question", progress: { step: 1 } });
  });
});

describe("coming back", () => {
  test("a player with a new session has score, place and answer; the old one is told", async () => {
    const host = await open();
    const [ada, bob] = [await join(host.code, "Ada"), await join(host.code, "Bob")];
    await advance(host);
    openQuestion();
    await ada.answer(0, 0);
    const again = await scene
      .connect()
      .request("quiz.return", { code: host.code, token: ada.token });
    expect(again).toMatchObject({
      phase: "question",
      answered: { answer: 0 },
      you: { nickname: "Ada" },
    });
    await expect.poll(() => ada.heard).toEqual(["asked 0", "gone elsewhere"]);
    await bob.answer(0, 1);
    await expect.poll(() => bob.heard.at(-1)).toBe("result 0 2");
    expect(ada.heard).toHaveLength(2);
    expect((await hostView(host)).top[0]).toMatchObject({ nickname: "Ada", streak: 1, place: 1 });
  });

  test("who has left is not waited for, and one whose session is over keeps the score", async () => {
    const host = await open();
    const [ada, bob] = [await join(host.code, "Ada"), await join(host.code, "Bob")];
    await advance(host);
    openQuestion();
    await ada.answer(0, 0);
    expect((await hostView(host)).phase).toBe("question");
    bob.client.close();
    await expect.poll(async () => (await hostView(host)).phase).toBe("reveal");
    expect((await hostView(host)).progress).toMatchObject({ players: 2, here: 1 });
    const back = await join(host.code, "Bob");
    expect(back.view.you).toMatchObject({ nickname: "Bob", place: 2 });
    expect((await hostView(host)).progress).toMatchObject({ players: 2, here: 2 });
  });

  test("the host with a new session leads on; a game asked for twice is one", async () => {
    const host = await open();
    await join(host.code, "Ada");
    await advance(host);
    const client = scene.connect();
    const set = makeSet(5);
    expect(await client.request("quiz.create", { token: host.token, set })).toMatchObject({
      code: host.code,
      phase: "question",
      total: 2,
    });
    host.client.close();
    const later = { ...host, client };
    await advance(later);
    expect((await hostView(later)).phase).toBe("reveal");
  });

  test("a tab that joins another game leaves its place in the first empty, not lost", async () => {
    const [one, two] = [await open("one"), await open("two")];
    const client = scene.connect();
    await join(one.code, "Ada", client);
    await client.request("quiz.join", { code: two.code, token: secretOf("x"), nickname: "Ada" });
    expect((await hostView(one)).progress).toMatchObject({ players: 1, here: 0 });
    expect((await hostView(two)).progress).toMatchObject({ players: 1, here: 1 });
    await client.request("quiz.leave", { code: two.code, token: secretOf("x") });
    expect((await hostView(two)).progress).toMatchObject({ players: 0, here: 0 });
    const left = client.request("quiz.return", { code: two.code, token: secretOf("x") });
    await expect(left).rejects.toThrow(failure("not-a-player"));
  });

  test("who leaves at the podium stays in the results", async () => {
    const host = await open("host", 1);
    const ada = await join(host.code, "Ada");
    for (const _ of ["question", "reveal", "podium"]) await advance(host);
    await ada.client.request("quiz.leave", { code: host.code, token: ada.token });
    const { rows } = await host.client.request("quiz.scores", { token: host.token, from: 0 });
    expect(rows.map(({ nickname }) => nickname)).toEqual(["Ada"]);
    expect((await hostView(host)).progress).toMatchObject({ players: 1, here: 0 });
  });

  test("who was removed is told, and cannot come back as the same", async () => {
    const host = await open();
    const ada = await join(host.code, "Ada");
    await host.client.request("quiz.remove", { token: host.token, player: ada.view.you.id });
    await expect.poll(() => ada.heard).toEqual(["gone removed"]);
    await expect(join(host.code, "Ada")).rejects.toThrow(failure("removed"));
  });
});

describe("bounds", () => {
  test("games at once", async () => {
    for (let number = 1; number <= gamesMax; number += 1) await open(`${number}`);
    await expect(open("one more")).rejects.toThrow(failure("games-in-total"));
  });

  test("games of one session: one at a time, and not one after the other without end", async () => {
    const host = await open();
    const { client } = host;
    const create = (name: string) =>
      client.request("quiz.create", { token: secretOf(name), set: makeSet(1) });
    for (let number = 2; number <= createBurst; number += 1) await create(`${number}`);
    await expect(hostView(host)).rejects.toThrow(failure("no-such-game"));
    await expect(create("one more")).rejects.toThrow(failure("too-fast"));
  });

  test.each([
    ["quiz.return", {}],
    ["quiz.join", { nickname: "x" }],
    ["quiz.answer", { index: 0, answer: 0 }],
  ] as const)("guesses at codes by %s", async (name, rest) => {
    const client = scene.connectCareless();
    const data = { code: "111111", token: secretOf("x"), ...rest };
    const guess = () => client.request(name, data).catch(({ code }) => code);
    for (let number = 1; number <= tryBurst; number += 1) {
      expect(["no-such-game", "too-fast"]).toContain(await guess());
    }
    await expect.poll(guess, { interval: 1 }).toBe("too-fast");
  });
});
