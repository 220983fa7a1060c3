// All the bots of a run: they come in so many at a time, answer by chance within the spread, and some
// try what is not allowed.
import type { TransportName } from "@tidewire/client";
import { type BotRound, PlayerBot } from "./player-bot.js";
import { randomHex } from "./random-hex.js";

export interface CrowdOptions {
  readonly url: URL;
  readonly transport: TransportName;
  readonly players: number;
  readonly spreadMs: number;
  readonly joining: number;
  /** The server's time, ms. */
  readonly now: () => number;
  readonly signal: AbortSignal;
}

/** After the opening: clocks are only known so well, and an answer too early is refused. */
const openMarginMs = 50;
/** Of so many bots one answers twice, one ahead of time, one too late, and one as somebody else. */
const mischiefEvery = 10;

export class Crowd {
  readonly bots: readonly PlayerBot[];
  /** How many have come in, received the latest question, its receipt, its result. */
  readonly counts = { joined: 0, asked: 0, answered: 0, results: 0 };
  /** What bots do that nobody waits for otherwise. */
  readonly #underWay = new Set<Promise<void>>();
  readonly #options: CrowdOptions;
  #latest = -1;

  constructor(options: CrowdOptions) {
    this.#options = options;
    const { players, url, transport, now } = options;
    const run = randomHex(2);
    this.bots = Array.from({ length: players }, (_, index) => {
      const nickname = `bot ${run}-${index + 1}`;
      const bot = new PlayerBot({ url, transport, token: randomHex(16), nickname, now });
      bot.onAsked = (round) => this.#track(this.#play(bot, index, round));
      bot.onResult = () => {
        this.counts.results += 1;
      };
      return bot;
    });
  }

  /** @throws the first failure to come in */
  async join(code: string): Promise<void> {
    const waiting = this.bots.values();
    const walkIn = async (): Promise<void> => {
      for (const bot of waiting) {
        this.#options.signal.throwIfAborted();
        await bot.join(code);
        this.counts.joined += 1;
      }
    };
    const { joining, players } = this.#options;
    await Promise.all(Array.from({ length: Math.min(joining, players) }, walkIn));
  }

  /** Until nothing that the bots began is under way. */
  async settled(): Promise<void> {
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  close(): void {
    for (const bot of this.bots) bot.close();
  }

  async #play(bot: PlayerBot, index: number, round: BotRound): Promise<void> {
    const { now, spreadMs, signal } = this.#options;
    const { asked } = round;
    if (asked.index !== this.#latest) {
      this.#latest = asked.index;
      Object.assign(this.counts, { asked: 0, answered: 0, results: 0 });
    }
    this.counts.asked += 1;
    const wait = asked.opensAt + openMarginMs - now() + Math.random() * spreadMs;
    // Not by the signal: thousands would listen to it.
    await new Promise((resolve) => setTimeout(resolve, Math.max(0, wait)));
    signal.throwIfAborted();
    const answer = Math.floor(Math.random() * asked.answers.length);
    await bot.answer(round, answer);
    this.counts.answered += 1;
    await this.#mischief(bot, index, asked.index, (answer + 1) % asked.answers.length);
  }

  /** What the server has to refuse: each kind by one bot in ten. */
  async #mischief(bot: PlayerBot, kind: number, question: number, answer: number): Promise<void> {
    switch (kind % mischiefEvery) {
      case 0:
        return bot.cheat(question, answer, "already-answered");
      case 1:
        return bot.cheat(question + 1, answer, "other-question");
      case 2:
        return question > 0 ? bot.cheat(question - 1, answer, "too-late") : undefined;
      case 3:
        return bot.cheat(question, answer, "not-a-player", randomHex(16));
    }
  }

  #track(work: Promise<void>): void {
    const settled = work
      .catch((error: unknown) => {
        if (!this.#options.signal.aborted) throw error;
      })
      .finally(() => this.#underWay.delete(settled));
    this.#underWay.add(settled);
  }
}
