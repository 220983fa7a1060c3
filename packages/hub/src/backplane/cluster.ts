// The hub's side of the backplane: subscriptions that follow the rooms, questions to all nodes with
// a deadline, and one place where the engine's failures end.

import type { Page, Position, Retention } from "../history/position.js";
import type { HubLimits } from "../limits.js";
import type { Ticking, Wheel } from "../time/wheel.js";
import type { Backplane, BackplaneNode } from "./backplane.js";

/** What the cluster tells the hub. */
export interface ClusterHandler {
  published(channel: string, message: string, position: Position | undefined, from: string): void;
  /** Another node asks; the answer is JSON. A promise is waited for by the asker's deadline only. */
  asked(question: unknown, from: string): unknown;
  nodeLost(node: string): void;
  failed(error: unknown, doing: string): void;
}

/** What other nodes said, and which of them said nothing in time. */
export interface Answers {
  readonly answers: ReadonlyMap<string, unknown>;
  readonly silentNodes: readonly string[];
}

interface Question {
  readonly waiting: Set<string>;
  readonly answers: Map<string, unknown>;
  readonly deadline: number;
  readonly resolve: (answers: Answers) => void;
}

export class Cluster implements Ticking {
  readonly node: string;
  readonly #link: BackplaneNode;
  readonly #handler: ClusterHandler;
  readonly #limits: HubLimits;
  readonly #now: () => number;
  readonly #wheel: Wheel;
  readonly #questions = new Map<number, Question>();
  /** What each channel should be, and the call that makes it so: never two at once per channel. */
  readonly #wanted = new Map<string, { wanted: boolean; work: Promise<void> }>();
  #lastQuestion = 0;
  #isClosed = false;

  constructor(
    node: string,
    backplane: Backplane,
    handler: ClusterHandler,
    parts: { limits: HubLimits; now: () => number; wheel: Wheel },
  ) {
    this.node = node;
    this.#handler = handler;
    this.#limits = parts.limits;
    this.#now = parts.now;
    this.#wheel = parts.wheel;
    this.#link = backplane.connect(node, {
      published: (channel, message, position, from) =>
        handler.published(channel, message, position, from),
      sent: (message, from) => this.#sent(message, from),
      nodeLost: (lost) => this.#nodeLost(lost),
    });
  }

  // ── Channels ─────────────────────────────────────────────────────────────────────────────────

  /** Resolves when the channel's messages arrive from now on (or the engine failed, which is told). */
  subscribe(channel: string): Promise<void> {
    return this.#turn(channel, true);
  }

  unsubscribe(channel: string): Promise<void> {
    return this.#turn(channel, false);
  }

  /** Undefined when the engine failed, which is told. */
  async publish(channel: string, message: string, keep?: Retention): Promise<Position | undefined> {
    if (this.#isClosed) return undefined;
    try {
      return await this.#link.publish(channel, message, keep);
    } catch (error) {
      this.#fail(error, "publish");
      return undefined;
    }
  }

  /** @throws what the engine throws. */
  read(channel: string, since: Position | undefined, max: number): Promise<Page<string>> {
    return this.#link.read(channel, since, max);
  }

  // ── Sessions ─────────────────────────────────────────────────────────────────────────────────

  claim(session: string): void {
    this.#link.claim(session).catch((error: unknown) => this.#fail(error, "claim"));
  }

  release(session: string): void {
    if (this.#isClosed) return;
    this.#link.release(session).catch((error: unknown) => this.#fail(error, "release"));
  }

  // ── Questions ────────────────────────────────────────────────────────────────────────────────

  /**
   * Asks every other node, and waits for their answers until the deadline. Never rejects: an engine
   * that cannot even name the nodes is a silent node called `?`.
   */
  async ask(question: unknown, timeoutMs: number = this.#limits.clusterMs): Promise<Answers> {
    let nodes: readonly string[];
    try {
      nodes = (await this.#link.nodes()).filter((node) => node !== this.node);
    } catch (error) {
      this.#fail(error, "nodes");
      return { answers: new Map(), silentNodes: ["?"] };
    }
    if (nodes.length === 0) return { answers: new Map(), silentNodes: [] };
    if (this.#questions.size >= this.#limits.clusterQuestions) {
      return { answers: new Map(), silentNodes: nodes };
    }
    this.#lastQuestion += 1;
    const id = this.#lastQuestion;
    return await new Promise((resolve) => {
      const deadline = this.#now() + timeoutMs;
      const waiting = new Set(nodes);
      this.#questions.set(id, { waiting, answers: new Map(), deadline, resolve });
      this.#wheel.schedule(this);
      const message = JSON.stringify({ kind: "ask", id, question });
      for (const node of nodes) this.#send(node, message);
    });
  }

  get nextTickAt(): number {
    let at = Number.POSITIVE_INFINITY;
    for (const { deadline } of this.#questions.values()) at = Math.min(at, deadline);
    return at;
  }

  tick(now: number): void {
    for (const [id, question] of this.#questions) {
      if (now >= question.deadline) this.#settle(id, question);
    }
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    for (const [id, question] of this.#questions) this.#settle(id, question);
    this.#wheel.remove(this);
    try {
      await this.#link.close();
    } catch (error) {
      this.#fail(error, "close");
    }
  }

  #send(node: string, message: string): void {
    this.#link.send(node, message).catch((error: unknown) => this.#fail(error, "send"));
  }

  #sent(text: string, from: string): void {
    const message = readMessage(text);
    if (message === undefined) {
      this.#fail(new Error(`Node ${from} sent what is no message.`), "receive");
    } else if (message.kind === "ask") this.#answer(message.id, message.question, from);
    else {
      const question = this.#questions.get(message.id);
      if (question === undefined || !question.waiting.delete(from)) return;
      question.answers.set(from, message.answer);
      if (question.waiting.size === 0) this.#settle(message.id, question);
    }
  }

  async #answer(id: number, question: unknown, from: string): Promise<void> {
    try {
      const answer = await this.#handler.asked(question, from);
      if (!this.#isClosed) this.#send(from, JSON.stringify({ kind: "answer", id, answer }));
    } catch (error) {
      this.#fail(error, "answer");
    }
  }

  #nodeLost(node: string): void {
    for (const [id, question] of this.#questions) {
      // It stays in `waiting`: it is silent.
      if (!question.waiting.has(node)) continue;
      const others = [...question.waiting].some((name) => name !== node);
      if (!others) this.#settle(id, question);
    }
    this.#handler.nodeLost(node);
  }

  #settle(id: number, question: Question): void {
    this.#questions.delete(id);
    question.resolve({ answers: question.answers, silentNodes: [...question.waiting] });
  }

  #turn(channel: string, wanted: boolean): Promise<void> {
    if (this.#isClosed) return Promise.resolve();
    const former = this.#wanted.get(channel);
    if (former !== undefined) {
      former.wanted = wanted;
      return former.work;
    }
    const state = { wanted, work: Promise.resolve() };
    this.#wanted.set(channel, state);
    state.work = this.#work(channel, state);
    return state.work;
  }

  /** Follows what is wanted until it is so: a room may fill and empty faster than an engine answers. */
  async #work(channel: string, state: { wanted: boolean }): Promise<void> {
    let is: boolean | undefined;
    while (is !== state.wanted && !this.#isClosed) {
      const next = state.wanted;
      try {
        await (next ? this.#link.subscribe(channel) : this.#link.unsubscribe(channel));
      } catch (error) {
        this.#fail(error, next ? "subscribe" : "unsubscribe");
      }
      is = next;
    }
    this.#wanted.delete(channel);
  }

  #fail(error: unknown, doing: string): void {
    if (!this.#isClosed) this.#handler.failed(error, doing);
  }
}

type NodeMessage =
  | { readonly kind: "ask"; readonly id: number; readonly question: unknown }
  | { readonly kind: "answer"; readonly id: number; readonly answer: unknown };

function readMessage(text: string): NodeMessage | undefined {
  try {
    const value = JSON.parse(text) as NodeMessage | null;
    const isMessage = value?.kind === "ask" || value?.kind === "answer";
    return isMessage && Number.isSafeInteger(value.id) ? value : undefined;
  } catch {
    return undefined;
  }
}
