// A player as the page knows it. Draws nothing.
//
// While the session lives there is nothing to do about lost connections: what the server says comes,
// and an answer that was given leaves, when there is a link again. With a new session (`fresh`, also
// after a reload) or after a `gap` the player comes back by its token, and is told where the game is.
import { type ReadonlySignal, signal } from "@preact/signals";
import { ClientError } from "@tidewire/client";
import type { Gone, PlayerView } from "../../../shared/quiz/contract.js";
import { explain, isLoss } from "../../session/explain.js";
import type { ShowcaseClient } from "../../session/session.js";
import { randomId } from "../../session/tab-token.js";
import type { Seat } from "./memory.js";
import { pauseOf } from "./passing.js";
import { ServerClock } from "./server-clock.js";

/** The client knows when a session is lost; no clock has to. */
const patiently = { timeoutMs: Number.POSITIVE_INFINITY } as const;

const goneWords: Readonly<Record<Gone, string>> = {
  ended: "The host has ended the game.",
  idle: "The game was closed: nothing happened in it for a long time.",
  removed: "The host has removed you from the game.",
  elsewhere: "You play on in another tab or on another device.",
};

/** An answer that was given, until the server has said what becomes of it. */
export interface Given {
  readonly index: number;
  readonly answer: number;
}

export interface PlayerOptions {
  readonly client: ShowcaseClient;
  /** The place of last time. */
  readonly seat: Seat | undefined;
  /** Called with the place to keep; undefined when it is no more. */
  readonly remember?: (seat: Seat | undefined) => void;
}

export class PlayerModel {
  readonly clock: ServerClock;
  readonly #client: ShowcaseClient;
  readonly #remember: (seat: Seat | undefined) => void;
  readonly #seat = signal<Seat | undefined>(undefined);
  readonly #view = signal<PlayerView | undefined>(undefined);
  readonly #given = signal<Given | undefined>(undefined);
  readonly #isJoining = signal(false);
  readonly #problem = signal("");
  readonly #refusal = signal("");
  readonly #stops: (() => void)[];
  #nickname = "";
  #retryTimer: ReturnType<typeof setTimeout> | undefined;

  constructor({ client, seat, remember }: PlayerOptions) {
    this.#client = client;
    this.#remember = remember ?? (() => {});
    this.#seat.value = seat;
    this.clock = new ServerClock(async () => (await client.request("quiz.clock")).now);
    this.#stops = [
      client.watch("linked", ({ answer }) => {
        this.#syncClock();
        if (answer !== "resumed") this.#return();
      }),
      client.on("quiz.asked", ({ question, ...told }) => {
        this.#tell(told, { phase: "question", question, answered: undefined, result: undefined });
        this.#given.value = undefined;
        this.#refusal.value = "";
      }),
      client.on("quiz.result", ({ you, result, ...told }) =>
        this.#tell(told, { phase: "reveal", you, result }),
      ),
      client.on("quiz.podium", ({ podium, ...told }) =>
        this.#tell(told, { phase: "podium", podium }),
      ),
      client.on("quiz.gone", ({ code, why }) => {
        if (this.#seat.value?.code === code) this.#drop(goneWords[why]);
      }),
    ];
    if (client.session === undefined) return; // Then `linked` comes.
    this.#syncClock();
    this.#return();
  }

  /** Our place in a game; undefined while we play in none. */
  get seat(): ReadonlySignal<Seat | undefined> {
    return this.#seat;
  }

  /** As whom we played or wanted to play last; empty when there is nothing to offer. */
  get nickname(): string {
    return this.#nickname;
  }

  /** The game as the server told it last; undefined until it has. */
  get view(): ReadonlySignal<PlayerView | undefined> {
    return this.#view;
  }

  /** Our answer to the question that is shown. */
  get given(): ReadonlySignal<Given | undefined> {
    return this.#given;
  }

  get isJoining(): ReadonlySignal<boolean> {
    return this.#isJoining;
  }

  /** Why we do not play; empty when there is nothing to say. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  /** Why the answer does not count; empty when there is nothing to say. */
  get refusal(): ReadonlySignal<string> {
    return this.#refusal;
  }

  /** @param nickname in good shape */
  async join(code: string, nickname: string): Promise<void> {
    if (this.#isJoining.value) return;
    this.#isJoining.value = true;
    this.#problem.value = "";
    const seat = { code, token: randomId(), nickname };
    this.#nickname = nickname;
    // Kept before it is asked for: should the reply get lost, the place is ours all the same.
    this.#seat.value = seat;
    await this.#enter(seat);
  }

  /** Goes on with a place that another tab had. */
  resume(seat: Seat): void {
    this.#seat.value = seat;
    this.#problem.value = "";
    this.#return();
  }

  answer(answer: number): void {
    const view = this.#view.value;
    if (view?.phase !== "question" || view.question === undefined) return;
    if (this.#given.value !== undefined || view.answered !== undefined) return;
    this.#given.value = { index: view.question.index, answer };
    this.#sendAnswer(this.#given.value);
  }

  /** The score is given up, unless the game is over. */
  leave(): void {
    const seat = this.#seat.value;
    if (seat === undefined) return;
    const { code, token } = seat;
    this.#client.request("quiz.leave", { code, token }).catch(() => {}); // Gone is gone.
    this.#drop("");
  }

  dispose(): void {
    clearTimeout(this.#retryTimer);
    for (const stop of this.#stops.splice(0)) stop();
  }

  #syncClock(): void {
    this.clock.sync().catch(() => {}); // The next link asks again.
  }

  #return(): void {
    clearTimeout(this.#retryTimer);
    const seat = this.#seat.value;
    if (seat === undefined || this.#client.state !== "connected") return;
    void this.#enter(seat);
  }

  async #enter(seat: Seat): Promise<void> {
    const { code, token } = seat;
    const isNew = this.#isJoining.value;
    try {
      const view = await (isNew
        ? this.#client.request("quiz.join", seat, patiently)
        : this.#client.request("quiz.return", { code, token }, patiently));
      if (this.#seat.value !== seat) return;
      this.#isJoining.value = false;
      const kept = { ...seat, nickname: view.you.nickname };
      this.#seat.value = kept;
      this.#remember(kept);
      this.#show(view);
    } catch (error) {
      if (this.#seat.value !== seat) return;
      if (isLoss(error)) return; // The next link asks again.
      const pauseMs = pauseOf(error);
      if (pauseMs !== undefined) {
        this.#retryTimer = setTimeout(() => this.#return(), pauseMs);
        return;
      }
      const isGone = error instanceof ClientError && error.code === "no-such-game" && !isNew;
      this.#drop(
        isGone ? "The game is gone: it is over, or the server was restarted." : explain(error),
      );
    }
  }

  #show(view: PlayerView): void {
    this.#view.value = view;
    const given = this.#given.value;
    if (given === undefined) return;
    const isOpen = view.phase === "question" && view.question?.index === given.index;
    if (view.answered !== undefined || !isOpen) this.#given.value = undefined;
    else this.#sendAnswer(given);
  }

  async #sendAnswer(given: Given): Promise<void> {
    const seat = this.#seat.value;
    if (seat === undefined) return;
    const { code, token } = seat;
    try {
      const answered = await this.#client.request(
        "quiz.answer",
        { code, token, ...given },
        patiently,
      );
      const view = this.#view.value;
      if (view?.question?.index === given.index) this.#view.value = { ...view, answered };
    } catch (error) {
      // Lost: nobody knows, and who comes back is told. Already answered: by us, in that case.
      if (isLoss(error) || this.#given.value !== given) return;
      if (error instanceof ClientError && error.code === "already-answered") return;
      this.#refusal.value = explain(error);
    }
  }

  /** What the server tells is about the game that we see, and new. */
  #tell(told: { code: string; step: number; players?: number }, news: Partial<PlayerView>): void {
    const view = this.#view.value;
    if (view?.code !== told.code || told.step <= view.step) return;
    const { question, answered, result, ...rest } = { ...view, ...news, ...told };
    this.#view.value = {
      ...rest,
      ...(question && { question }),
      ...(answered && { answered }),
      ...(result && { result }),
    };
  }

  #drop(problem: string): void {
    this.#nickname = this.#seat.value?.nickname ?? this.#nickname;
    this.#seat.value = undefined;
    this.#view.value = undefined;
    this.#given.value = undefined;
    this.#isJoining.value = false;
    this.#problem.value = problem;
    this.#remember(undefined);
  }
}
