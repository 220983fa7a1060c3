// The host of a game of our own.
import type { TransportName } from "@tidewire/client";
import { type Client, connect } from "@tidewire/client/node";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import { clockOffset } from "../shared/quiz/clock-offset.js";
import type { HostView, Phase, Row } from "../shared/quiz/contract.js";
import type { QuestionSet } from "../shared/quiz/question-set.js";
import { randomHex } from "./random-hex.js";

/** The server may be away for so long; the bots' sessions live through it. */
const outageMs = 30_000;

export class BotHost {
  /** Rejects when the game cannot go on: the server is gone, or has forgotten everything. */
  readonly broken: Promise<never>;
  readonly #client: Client<ShowcaseContract>;
  readonly #token = randomHex(16);
  #view: HostView | undefined;
  #changed: (() => void) | undefined;
  #offsetMs = 0;

  constructor(url: URL, transport: TransportName) {
    this.#client = connect(new URL(hubPath, url), {
      contract,
      token: randomHex(16),
      transports: [transport],
    });
    this.broken = new Promise((_, reject) => {
      // A page would try again and again; who runs this wants to know.
      let seenAt = Number.NEGATIVE_INFINITY;
      this.#client.watch("state", (state) => {
        if (state === "reconnecting") seenAt = performance.now();
      });
      this.#client.watch("failure", ({ detail }) => {
        if (performance.now() - seenAt < outageMs) return;
        reject(new Error(`There is no showcase at ${url.origin}: ${detail}`));
      });
      this.#client.watch("linked", ({ answer, first }) => {
        if (first || answer === "resumed") return;
        reject(new Error("The server was restarted: the game is lost."));
      });
    });
    this.broken.catch(() => {}); // Told to who waits for it.
    this.#client.on("quiz.stage", (view) => {
      this.#view = view;
      this.#changed?.();
    });
  }

  /** The server's time, ms; after `syncClock`. */
  now(): number {
    return performance.now() + this.#offsetMs;
  }

  /** @throws {Error} saying why the server cannot be reached */
  async syncClock(): Promise<void> {
    await Promise.race([this.#client.ready(), this.broken]);
    const ask = async () => (await this.#client.request("quiz.clock")).now;
    this.#offsetMs = await clockOffset(ask, () => performance.now());
  }

  /** @returns the code of the game */
  async create(set: QuestionSet): Promise<string> {
    this.#view = await this.#client.request("quiz.create", { token: this.#token, set });
    return this.#view.code;
  }

  async advance(): Promise<void> {
    const step = this.#view?.progress.step ?? 0;
    await this.#client.request("quiz.advance", { token: this.#token, step });
  }

  /** Waits until the game is there. */
  async reached(phase: Phase, signal: AbortSignal): Promise<HostView> {
    for (;;) {
      signal.throwIfAborted();
      const view = this.#view;
      if (view?.phase === phase) return view;
      await new Promise<void>((resolve) => {
        this.#changed = resolve;
        signal.addEventListener("abort", () => resolve(), { once: true });
      });
    }
  }

  /** The whole scoreboard. */
  async scores(): Promise<Row[]> {
    const rows: Row[] = [];
    for (;;) {
      const query = { token: this.#token, from: rows.length };
      const page = await this.#client.request("quiz.scores", query);
      rows.push(...page.rows);
      if (page.rows.length === 0 || rows.length >= page.total) return rows;
    }
  }

  async end(): Promise<void> {
    await this.#client.request("quiz.end", { token: this.#token });
  }

  close(): void {
    this.#client.close();
  }
}
