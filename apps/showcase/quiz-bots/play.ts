// A run from the first connection to the report.
import { performance } from "node:perf_hooks";
import type { QuestionSet } from "../shared/quiz/question-set.js";
import { BotHost } from "./bot-host.js";
import type { BotsOrder } from "./command-line.js";
import { Crowd } from "./crowd.js";
import { compare, recompute } from "./judge.js";
import type { OwnServer } from "./own-server.js";
import type { PlayerBot } from "./player-bot.js";
import { bar, type Progress } from "./progress.js";
import { type Report, serverFigures, spreadOf } from "./report.js";

/** A question is over when all have answered; this is only for those that never do. */
const answerSeconds = 60;
/** How long results may take, before they count as lost. */
const resultMs = 60_000;
/** How often is looked whether everybody has one. */
const lookMs = 20;

export interface Surroundings {
  readonly url: URL;
  readonly server: OwnServer | undefined;
  readonly progress: Progress;
  readonly signal: AbortSignal;
}

export async function play(order: BotsOrder, around: Surroundings): Promise<Report> {
  const { url, progress, signal } = around;
  const host = new BotHost(url, order.transport);
  const crowd = new Crowd({ ...order, url, signal, now: () => host.now() });
  try {
    return await Promise.race([run(host, crowd, order, around), host.broken]);
  } finally {
    progress.end();
    crowd.close();
    host.close();
  }
}

async function run(
  host: BotHost,
  crowd: Crowd,
  order: BotsOrder,
  around: Surroundings,
): Promise<Report> {
  const { server, progress } = around;
  const { players, transport, code } = order;
  await host.syncClock();
  const game = code ?? (await host.create(makeSet(order.questions)));
  const empty = await server?.usage();
  progress.begin(() => bar(crowd.counts.joined, players, "have joined"));
  const startedAt = performance.now();
  await crowd.join(game);
  const joinedMs = performance.now() - startedAt;
  const joined = await server?.usage();
  const isOurs = code === undefined;
  const questions = isOurs
    ? await lead(host, crowd, order, around)
    : await follow(crowd, players, around);
  const over = await server?.usage();
  progress.begin(() => "checking the scoreboard");
  const problems = await judge(crowd.bots, questions, isOurs ? host : undefined);
  if (isOurs) await host.end();
  const { user, system } = process.cpuUsage();
  return {
    ...{ players, questions, transport, joinedMs, problems },
    ...figuresOf(crowd.bots),
    server: empty && joined && over && serverFigures(empty, joined, over),
    ownCpuMs: (user + system) / 1_000,
    ownResidentBytes: process.memoryUsage.rss(),
  };
}

function figuresOf(bots: readonly PlayerBot[]) {
  const rounds = bots.flatMap((bot) => [...bot.rounds.values()]);
  return {
    join: spreadOf(bots.map(({ joinMs }) => joinMs)),
    fanOut: spreadOf(rounds.map(({ fanOutMs }) => fanOutMs)),
    roundTrip: spreadOf(rounds.flatMap(({ roundTripMs }) => roundTripMs ?? [])),
    answers: rounds.filter(({ receipt }) => receipt !== undefined).length,
    refused: bots.reduce((sum, { refused }) => sum + refused, 0),
    reconnects: bots.reduce((sum, { reconnects }) => sum + reconnects, 0),
  };
}

/** Leads through a game of our own; answers how many questions it had. */
async function lead(
  host: BotHost,
  crowd: Crowd,
  { questions, players }: BotsOrder,
  { progress, signal }: Surroundings,
): Promise<number> {
  const { counts } = crowd;
  for (let index = 0; index < questions; index += 1) {
    await host.advance();
    progress.begin(() =>
      bar(counts.answered, players, `have answered question ${index + 1} of ${questions}`),
    );
    await host.reached("reveal", signal);
    await until(() => counts.results >= players, resultMs, signal);
    await crowd.settled();
    await host.advance(); // The scoreboard, or the podium.
  }
  await host.reached("podium", signal);
  return questions;
}

/** Follows somebody else's game to its end; answers how many questions it had. */
async function follow(
  crowd: Crowd,
  players: number,
  { progress, signal }: Surroundings,
): Promise<number> {
  const { counts, bots } = crowd;
  progress.begin(() => bar(counts.answered, players, "have answered; the host leads on"));
  await until(() => bots.every(({ isOver }) => isOver), Number.POSITIVE_INFINITY, signal);
  await crowd.settled();
  return Math.max(0, ...bots.flatMap((bot) => [...bot.rounds.keys()].map((index) => index + 1)));
}

async function until(isSo: () => boolean, limitMs: number, signal: AbortSignal): Promise<void> {
  const deadline = performance.now() + limitMs;
  while (!isSo() && performance.now() < deadline) {
    signal.throwIfAborted();
    await new Promise((resolve) => setTimeout(resolve, lookMs));
  }
}

/** @param host of a game of our own, who has the whole scoreboard */
async function judge(
  bots: readonly PlayerBot[],
  questions: number,
  host: BotHost | undefined,
): Promise<string[]> {
  const expected = recompute(bots, questions);
  return [
    ...bots.flatMap((bot) => judgeBot(bot, questions)),
    ...(host === undefined
      ? compareOwn(bots, expected, questions)
      : compare(expected, await host.scores())),
  ];
}

function judgeBot(bot: PlayerBot, questions: number): string[] {
  const problems = [...bot.complaints];
  for (let index = 0; index < questions; index += 1) {
    const round = bot.rounds.get(index);
    if (round === undefined) problems.push(`did not get question ${index + 1}`);
    else if (round.result === undefined) problems.push(`did not get result ${index + 1}`);
    else if (round.result.answer !== round.receipt?.answer) {
      problems.push(`was told another answer to question ${index + 1} than it gave`);
    }
  }
  return problems.map((problem) => `${bot.nickname}: ${problem}`);
}

/** Without the host's token only what each bot was told itself can be compared. */
function compareOwn(
  bots: readonly PlayerBot[],
  expected: ReturnType<typeof recompute>,
  questions: number,
): string[] {
  return bots.flatMap((bot, index) => {
    const { score, streak } = bot.rounds.get(questions - 1)?.you ?? { score: 0, streak: 0 };
    const should = expected[index];
    if (should === undefined || (score === should.score && streak === should.streak)) return [];
    return [`${bot.nickname} has ${score} points; it should be ${should.score}`];
  });
}

function makeSet(count: number): QuestionSet {
  const questions = Array.from({ length: count }, (_, index) => ({
    text: `Question ${index + 1}: which of these is it?`,
    seconds: answerSeconds,
    answers: [0, 1, 2, 3].map((answer) => ({
      text: `Answer ${answer + 1}`,
      correct: answer === index % 4 || answer === (index + 1) % 4,
    })),
  }));
  return { title: "Bots", readSeconds: 1, questions };
}
