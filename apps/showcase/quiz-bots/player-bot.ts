// One simulated player: a real client over a real connection, which answers by chance and writes down
// everything that it is told.
import { ClientError, type TransportName } from "@tidewire/client";
import { type Client, connect } from "@tidewire/client/node";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import type { Asked, Receipt, Result, Standing } from "../shared/quiz/contract.js";

export interface BotOptions {
  readonly url: URL;
  readonly transport: TransportName;
  readonly token: string;
  readonly nickname: string;
  /** The server's time, ms. */
  readonly now: () => number;
}

/** What a bot has of one question. */
export interface BotRound {
  readonly asked: Asked;
  /** From the server's asking to its arrival here. */
  readonly fanOutMs: number;
  receipt?: Receipt;
  /** From the answer to its receipt. */
  roundTripMs?: number;
  result?: Result;
  you?: Standing;
}

export class PlayerBot {
  readonly nickname: string;
  readonly rounds = new Map<number, BotRound>();
  /** What should not have happened, in words. */
  readonly complaints: string[] = [];
  /** Answers that were to be refused, and were. */
  refused = 0;
  /** Links beyond the first: the session went on by them. */
  reconnects = 0;
  joinMs = 0;
  /** The podium was shown, or the game is gone. */
  isOver = false;
  /** Told when a question has come, and when its result has. */
  onAsked: ((round: BotRound) => void) | undefined;
  onResult: ((round: BotRound) => void) | undefined;
  readonly #options: BotOptions;
  readonly #client: Client<ShowcaseContract>;
  #code = "";

  constructor(options: BotOptions) {
    this.#options = options;
    this.nickname = options.nickname;
    this.#client = connect(new URL(hubPath, options.url), {
      contract,
      token: options.token,
      transports: [options.transport],
      agent: "tidewire-quiz-bot",
      autoConnect: false,
    });
    this.#client.watch("error", (error) => this.complaints.push(String(error)));
    this.#client.watch("linked", ({ answer, first }) => {
      if (first) return;
      this.reconnects += 1;
      if (answer !== "resumed") this.complaints.push(`its session was lost: ${answer}`);
    });
    this.#client.watch("closed", ({ reason, detail }) => {
      if (reason !== "closed") this.complaints.push(`its client was closed: ${detail}`);
    });
    this.#client.on("quiz.asked", ({ question }) => this.#asked(question));
    this.#client.on("quiz.result", ({ you, result }) => this.#result(you, result));
    for (const last of ["quiz.podium", "quiz.gone"] as const) {
      this.#client.on(last, () => {
        this.isOver = true;
      });
    }
  }

  async join(code: string): Promise<void> {
    this.#code = code;
    const { token } = this.#options;
    const startedAt = performance.now();
    this.#client.connect();
    await this.#client.request("quiz.join", { code, token, nickname: this.nickname });
    this.joinMs = performance.now() - startedAt;
  }

  /** Resolves when the answer is in. What is wrong becomes a complaint. */
  async answer(round: BotRound, answer: number): Promise<void> {
    const { index } = round.asked;
    const startedAt = performance.now();
    try {
      round.receipt = await this.#send(index, answer, this.#options.token);
      round.roundTripMs = performance.now() - startedAt;
      const { receipt } = round;
      if (receipt.index !== index || receipt.answer !== answer) {
        this.complaints.push(`its receipt for question ${index + 1} is for another answer`);
      }
    } catch (error) {
      this.complaints.push(`its answer to question ${index + 1} failed: ${String(error)}`);
    }
  }

  /**
   * Sends an answer that the server has to refuse.
   *
   * @param code the reason that it has to give
   * @param token whose answer it is to be
   */
  async cheat(
    index: number,
    answer: number,
    code: string,
    token: string = this.#options.token,
  ): Promise<void> {
    try {
      await this.#send(index, answer, token);
      this.complaints.push(`an answer to question ${index + 1} counted that should be ${code}`);
    } catch (error) {
      if (error instanceof ClientError && error.code === code) this.refused += 1;
      else this.complaints.push(`refused otherwise than as ${code}: ${String(error)}`);
    }
  }

  close(): void {
    this.#client.close();
  }

  #send(index: number, answer: number, token: string): Promise<Receipt> {
    return this.#client.request("quiz.answer", { code: this.#code, token, index, answer });
  }

  #asked(asked: Asked): void {
    if (this.rounds.has(asked.index)) {
      this.complaints.push(`question ${asked.index + 1} came twice`);
      return;
    }
    const round = { asked, fanOutMs: this.#options.now() - asked.askedAt };
    this.rounds.set(asked.index, round);
    this.onAsked?.(round);
  }

  #result(you: Standing, result: Result): void {
    const round = this.rounds.get(result.index);
    if (round === undefined || round.result !== undefined) {
      this.complaints.push(`the result of question ${result.index + 1} came twice, or before it`);
      return;
    }
    round.result = result;
    round.you = you;
    this.onResult?.(round);
  }
}
