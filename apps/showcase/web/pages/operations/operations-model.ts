// What the page knows of the server: whether it may ask, the samples of the last ten minutes, a drain.
// Begins anew with every link, since a new session has to show the token again and a resumed one has
// missed samples.
import { type ReadonlySignal, signal } from "@preact/signals";
import type { DrainProgress } from "../../../shared/operations/contract.js";
import { drainWord, historyMs, historySamplesMax } from "../../../shared/operations/limits.js";
import { extend, type Sample, toSamples } from "../../../shared/operations/sample.js";
import type { ShowcaseClient } from "../../session/session.js";
import { codeOf, explain, isLoss } from "./explain.js";
import { forgetToken, recallToken, rememberToken } from "./token-memory.js";

/** `asking`: the server has not said yet whether the token is right. */
export type Access = "locked" | "asking" | "open";

export class OperationsModel {
  readonly #client: ShowcaseClient;
  readonly #access = signal<Access>("locked");
  readonly #problem = signal("");
  readonly #samples = signal<readonly Sample[]>([]);
  readonly #drain = signal<DrainProgress | undefined>(undefined);
  readonly #isPaused = signal(false);
  readonly #off: () => void;
  /** All there are; what is shown stands still during a pause. */
  #latest: Sample[] = [];
  #token = recallToken();
  /** An answer to an earlier attempt does not count. */
  #attempts = 0;

  constructor(client: ShowcaseClient) {
    this.#client = client;
    this.#off = client.on("operations.sample", ({ sample, drain }) => {
      if (this.#access.peek() !== "open") return;
      extend(this.#latest, sample, historyMs, historySamplesMax);
      this.#drain.value = drain;
      this.#show();
    });
  }

  get access(): ReadonlySignal<Access> {
    return this.#access;
  }

  /** Why it did not open; empty when there is nothing to say. */
  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  /** The oldest first. */
  get samples(): ReadonlySignal<readonly Sample[]> {
    return this.#samples;
  }

  /** Once it is begun; as it was told last. */
  get drain(): ReadonlySignal<DrainProgress | undefined> {
    return this.#drain;
  }

  get isPaused(): ReadonlySignal<boolean> {
    return this.#isPaused;
  }

  pause(isPaused: boolean): void {
    this.#isPaused.value = isPaused;
    this.#show();
  }

  /** Shows the token that is known, if any: for each link. */
  begin(): void {
    if (this.#token !== undefined) void this.#open(this.#token);
  }

  unlock(token: string): Promise<void> {
    return this.#open(token.trim());
  }

  /** Forgets the token, and what it opened. */
  lock(): void {
    this.#close("");
    this.#client.request("operations.lock").catch(() => {}); // A lost session is locked as well.
  }

  /** @throws what the server has against it */
  async beginDrain(overMs: number): Promise<void> {
    this.#drain.value = await this.#client.request("operations.drain", {
      overMs,
      confirm: drainWord,
    });
  }

  dispose(): void {
    this.#attempts += 1;
    this.#off();
    if (this.#access.peek() !== "open" || this.#client.state === "closed") return;
    this.#client.request("operations.unwatch").catch(() => {}); // A lost session does not watch.
  }

  async #open(token: string): Promise<void> {
    this.#attempts += 1;
    const attempt = this.#attempts;
    if (this.#access.peek() === "locked") this.#access.value = "asking";
    this.#problem.value = "";
    try {
      await this.#client.request("operations.unlock", token);
      const { history, drain } = await this.#client.request("operations.watch");
      if (attempt !== this.#attempts) return;
      this.#token = token;
      rememberToken(token);
      this.#latest = toSamples(history);
      this.#drain.value = drain;
      this.#access.value = "open";
      this.#show();
    } catch (error) {
      if (attempt !== this.#attempts) return;
      const isWrong = codeOf(error) === "wrong-token" || codeOf(error) === "invalid";
      if (isWrong && token === this.#token) {
        this.#close("The server was started again since, and has another token.");
      } else if (this.#access.peek() === "asking" || !isLoss(error)) {
        this.#access.value = "locked";
        this.#problem.value = explain(error);
      } // Else the next link begins again.
    }
  }

  #close(problem: string): void {
    this.#attempts += 1;
    this.#token = undefined;
    forgetToken();
    this.#latest = [];
    this.#samples.value = [];
    this.#drain.value = undefined;
    this.#access.value = "locked";
    this.#problem.value = problem;
  }

  #show(): void {
    if (!this.#isPaused.peek()) this.#samples.value = [...this.#latest];
  }
}
