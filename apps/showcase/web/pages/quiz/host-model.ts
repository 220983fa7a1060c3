// A game as its host's page knows it. Draws nothing. As for players, only a new session needs to
// announce itself: by the host's token.
import { type ReadonlySignal, signal } from "@preact/signals";
import type { HostView, Row } from "../../../shared/quiz/contract.js";
import type { QuestionSet } from "../../../shared/quiz/question-set.js";
import { explain, isLoss } from "../../session/explain.js";
import type { ShowcaseClient } from "../../session/session.js";
import { randomId } from "../../session/tab-token.js";
import { pauseOf } from "./passing.js";
import { ServerClock } from "./server-clock.js";

const patiently = { timeoutMs: Number.POSITIVE_INFINITY } as const;

export interface HostOptions {
  readonly client: ShowcaseClient;
  /** The token of last time. */
  readonly token: string | undefined;
  /** Called with the token to keep; undefined when its game is no more. */
  readonly remember?: (token: string | undefined) => void;
}

export class HostModel {
  readonly clock: ServerClock;
  readonly #client: ShowcaseClient;
  readonly #remember: (token: string | undefined) => void;
  readonly #view = signal<HostView | undefined>(undefined);
  readonly #hosts = signal<readonly string[]>([]);
  readonly #isBusy = signal(false);
  readonly #problem = signal("");
  readonly #token = signal<string | undefined>(undefined);
  readonly #stops: (() => void)[];
  #opening: QuestionSet | undefined;
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ client, token, remember }: HostOptions) {
    this.#client = client;
    this.#token.value = token;
    this.#remember = remember ?? (() => {});
    this.clock = new ServerClock(async () => (await client.request("quiz.clock")).now);
    this.#stops = [
      client.watch("linked", ({ answer }) => {
        this.#syncClock();
        if (answer !== "resumed") this.#return();
      }),
      client.on("quiz.stage", (view) => {
        if (this.#view.value?.code === view.code) this.#view.value = view;
      }),
      client.on("quiz.progress", ({ code, progress }) => {
        const view = this.#view.value;
        if (view?.code === code && view.progress.step <= progress.step) {
          this.#view.value = { ...view, progress };
        }
      }),
      client.on("quiz.gone", ({ code, why }) => {
        if (this.#view.value?.code !== code || why === "removed" || why === "elsewhere") return;
        this.#drop(
          why === "idle" ? "The game was closed: nothing happened in it for a long time." : "",
        );
      }),
    ];
    if (client.session === undefined) return; // Then `linked` comes.
    this.#syncClock();
    this.#return();
  }

  /** The game; undefined while there is none. */
  get view(): ReadonlySignal<HostView | undefined> {
    return this.#view;
  }

  /** Names by which phones reach the server, when it is not the one in this page's address. */
  get hosts(): ReadonlySignal<readonly string[]> {
    return this.#hosts;
  }

  /** The game of last time, or the new one, is being asked for. */
  get isOpening(): ReadonlySignal<boolean> {
    return this.#isBusy;
  }

  /** Whether there is a game to come back to, which the server has not told about yet. */
  get isReturning(): boolean {
    return this.#token.value !== undefined && this.#view.value === undefined;
  }

  /** Something that the host should know; empty when there is nothing. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  async create(set: QuestionSet): Promise<void> {
    if (this.#isBusy.value) return;
    this.#isBusy.value = true;
    this.#problem.value = "";
    this.#opening = set;
    this.#token.value = randomId();
    await this.#open();
    this.#isBusy.value = false;
  }

  /** On to the next phase. A second click while the first is under way does nothing. */
  async advance(): Promise<void> {
    const step = this.#view.value?.progress.step;
    if (step === undefined) return;
    await this.#ask((token) => this.#client.request("quiz.advance", { token, step }));
  }

  async remove(player: string): Promise<void> {
    await this.#ask((token) => this.#client.request("quiz.remove", { token, player }));
  }

  async end(): Promise<void> {
    await this.#ask((token) => this.#client.request("quiz.end", { token }));
    this.#drop("");
  }

  /** The whole scoreboard. */
  async scores(): Promise<Row[]> {
    const rows: Row[] = [];
    const token = this.#token.value;
    while (token !== undefined) {
      const page = await this.#client.request("quiz.scores", { token, from: rows.length });
      rows.push(...page.rows);
      if (page.rows.length === 0 || rows.length >= page.total) break;
    }
    return rows;
  }

  dismissProblem(): void {
    this.#problem.value = "";
  }

  dispose(): void {
    clearTimeout(this.#retryTimer);
    for (const stop of this.#stops.splice(0)) stop();
  }

  async #ask(request: (token: string) => Promise<unknown>): Promise<void> {
    const token = this.#token.value;
    if (token === undefined) return;
    try {
      await request(token);
      this.#problem.value = "";
    } catch (error) {
      if (!isLoss(error)) this.#problem.value = explain(error);
    }
  }

  #syncClock(): void {
    this.clock.sync().catch(() => {}); // The next link asks again.
    const told = this.#client.request("quiz.hosts");
    told.then(
      ({ hosts }) => {
        this.#hosts.value = hosts;
      },
      () => {},
    );
  }

  #return(): void {
    clearTimeout(this.#retryTimer);
    if (this.#token.value !== undefined && this.#client.state === "connected") void this.#open();
  }

  /** Asks for the game of our token: a new one until the server has answered once. */
  async #open(): Promise<void> {
    const token = this.#token.value;
    if (token === undefined) return;
    const set = this.#opening;
    try {
      const view =
        set === undefined
          ? await this.#client.request("quiz.host", { token }, patiently)
          : await this.#client.request("quiz.create", { token, set }, patiently);
      if (this.#token.value !== token) return;
      this.#opening = undefined;
      this.#view.value = view;
      this.#remember(token);
    } catch (error) {
      if (this.#token.value !== token || isLoss(error)) return; // The next link asks again.
      const pauseMs = set === undefined ? pauseOf(error) : undefined;
      if (pauseMs !== undefined) {
        this.#retryTimer = setTimeout(() => this.#return(), pauseMs);
        return;
      }
      this.#drop(
        set === undefined
          ? "The game is gone: it is over, or the server was restarted. Your questions are still here."
          : explain(error),
      );
    }
  }

  #drop(problem: string): void {
    this.#token.value = undefined;
    this.#opening = undefined;
    this.#view.value = undefined;
    this.#problem.value = problem;
    this.#remember(undefined);
  }
}
