// The quiz's server on a port, which the test can take away and give back, with or without its memory;
// and clients of it.
import type { Client } from "@tidewire/client/node";
import { FailureError, Hub } from "@tidewire/hub";
import { registerQuiz } from "../server/pages/quiz/register-quiz.js";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import type { QuestionSet } from "../shared/quiz/question-set.js";
import type { ShowcaseClient } from "../web/session/session.js";
import { HubPort } from "./hub-port.js";

export class QuizScene {
  /** How far the server's clock is ahead of ours: the test turns it on. */
  aheadMs = 0;
  hub!: Hub<ShowcaseContract>;
  registered!: ReturnType<typeof registerQuiz>;
  readonly #refusals = new Map<string, FailureError>();
  readonly #port = new HubPort();

  static async open(): Promise<QuizScene> {
    const scene = new QuizScene();
    scene.#newHub();
    await scene.plug();
    return scene;
  }

  get errors(): unknown[] {
    return this.#port.errors;
  }

  get now(): number {
    return Math.round(performance.timeOrigin + performance.now()) + this.aheadMs;
  }

  /** The next request of that name fails, and says to come again. */
  refuseOnce(name: string, code: string, retryInMs: number): void {
    this.#refusals.set(name, new FailureError(code, code, { data: { retryInMs } }));
  }

  /** A tab. */
  connect(): ShowcaseClient {
    return this.#port.connect(undefined);
  }

  /** A client that does not check what it sends. */
  connectCareless(): Client {
    return this.#port.connectCareless();
  }

  /** All lines are cut, and nobody answers. */
  unplug(): Promise<void> {
    return this.#port.unplug();
  }

  plug(): Promise<void> {
    return this.#port.plug(this.hub);
  }

  /** The server is another process now: it has forgotten everything. */
  async forget(): Promise<void> {
    await this.hub.close();
    this.registered.close?.();
    this.#newHub();
  }

  async close(): Promise<void> {
    await this.#port.close();
    await this.hub.close();
    this.registered.close?.();
  }

  #newHub(): void {
    const hub: Hub<ShowcaseContract> = new Hub({
      contract,
      onError: (error) => this.errors.push(error),
    });
    hub.use(async ({ name }, next) => {
      const refusal = this.#refusals.get(name);
      this.#refusals.delete(name);
      if (refusal !== undefined) throw refusal;
      await next();
    });
    this.hub = hub;
    this.registered = registerQuiz(hub, { hosts: undefined }, () => this.now);
  }
}

/** A secret of its own for each name. */
export function secretOf(name: string): string {
  return Buffer.from(name.padEnd(16, "-")).toString("hex").slice(0, 32);
}

/** So many questions to which “Yes” is right and “No” is wrong. */
export function makeSet(count: number, seconds = 20): QuestionSet {
  const questions = Array.from({ length: count }, (_, index) => ({
    text: `Is ${index} a number?`,
    seconds,
    answers: [
      { text: "Yes", correct: true },
      { text: "No", correct: false },
    ],
  }));
  return { title: "Numbers", readSeconds: 1, questions };
}
