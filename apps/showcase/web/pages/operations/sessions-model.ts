// The page of the table of sessions that is shown, asked for again every few seconds.
import { type ReadonlySignal, signal } from "@preact/signals";
import type {
  SessionAnswer,
  SessionQuestion,
  SessionSort,
} from "../../../shared/operations/contract.js";
import { searchMax } from "../../../shared/operations/limits.js";
import type { ShowcaseClient } from "../../session/session.js";
import { explain } from "./explain.js";

const everyMs = 3_000;

/** These are of interest where they are largest; the others by the alphabet or the clock. */
const largestFirst: ReadonlySet<SessionSort> = new Set([
  "since",
  "rooms",
  "roundTripMs",
  "retainedBytes",
  "received",
  "sent",
]);

export class SessionsModel {
  readonly #client: ShowcaseClient;
  readonly #question = signal<SessionQuestion>({
    search: "",
    sort: "since",
    descending: true,
    page: 0,
  });
  readonly #answer = signal<SessionAnswer | undefined>(undefined);
  readonly #problem = signal("");
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAsking = false;
  #isStale = false;

  constructor(client: ShowcaseClient) {
    this.#client = client;
  }

  get question(): ReadonlySignal<SessionQuestion> {
    return this.#question;
  }

  /** Undefined until there is one. */
  get answer(): ReadonlySignal<SessionAnswer | undefined> {
    return this.#answer;
  }

  get problem(): ReadonlySignal<string> {
    return this.#problem;
  }

  /** Asks now and every few seconds, until it is stopped. */
  start(): void {
    this.stop();
    void this.ask();
    this.#timer = setInterval(() => {
      if (!document.hidden) void this.ask();
    }, everyMs);
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  search(text: string): void {
    this.#change({ search: text.slice(0, searchMax), page: 0 });
  }

  turn(page: number): void {
    this.#change({ page });
  }

  /** The same once more is the other direction. */
  sort(sort: SessionSort): void {
    const { sort: before, descending } = this.#question.peek();
    const isSame = sort === before;
    this.#change({ sort, descending: isSame ? !descending : largestFirst.has(sort), page: 0 });
  }

  /** One question at a time: what is changed meanwhile is asked for when the answer is there. */
  async ask(): Promise<void> {
    if (this.#isAsking) {
      this.#isStale = true;
      return;
    }
    this.#isAsking = true;
    this.#isStale = false;
    try {
      this.#answer.value = await this.#client.request("operations.sessions", this.#question.peek());
      this.#problem.value = "";
    } catch (error) {
      this.#problem.value = explain(error);
    }
    this.#isAsking = false;
    if (this.#isStale) await this.ask();
  }

  #change(change: Partial<SessionQuestion>): void {
    this.#question.value = { ...this.#question.peek(), ...change };
    void this.ask();
  }
}
