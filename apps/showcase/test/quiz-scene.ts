// The quiz's server on a port, which the test can take away and give back, with or without its memory;
// and clients of it.
import { createServer, type Server } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { type Client, connect } from "@tidewire/client/node";
import { FailureError, Hub } from "@tidewire/hub";
import { type Attached, attach } from "@tidewire/hub/node";
import { registerQuiz } from "../server/pages/quiz/register-quiz.js";
import { contract, type ShowcaseContract } from "../shared/contract.js";
import { hubPath } from "../shared/hub-path.js";
import type { QuestionSet } from "../shared/quiz/question-set.js";
import type { ShowcaseClient } from "../web/session/session.js";

export class QuizScene {
  /** How far the server's clock is ahead of ours: the test turns it on. */
  aheadMs = 0;
  hub!: Hub<ShowcaseContract>;
  registered!: ReturnType<typeof registerQuiz>;
  readonly errors: unknown[] = [];
  readonly #clients: Pick<Client, "retry" | "close">[] = [];
  readonly #refusals = new Map<string, FailureError>();
  readonly #sockets = new Set<Socket>();
  #server: Server | undefined;
  #attached: Attached | undefined;
  #port = 0;

  static async open(): Promise<QuizScene> {
    const scene = new QuizScene();
    scene.#newHub();
    await scene.plug();
    return scene;
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
    return this.#keep(connect(this.#url, { contract, ...quick }));
  }

  /** A client that does not check what it sends. */
  connectCareless(): Client {
    return this.#keep(connect(this.#url, quick));
  }

  /** All lines are cut, and nobody answers. */
  async unplug(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    const closed = new Promise((resolve) => server?.close(resolve));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
    await this.#attached?.close();
  }

  async plug(): Promise<void> {
    const server = createServer((_, response) => response.writeHead(404).end());
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#attached = attach(this.hub, server, { path: hubPath });
    await new Promise<void>((resolve) => server.listen(this.#port, "127.0.0.1", resolve));
    this.#port = (server.address() as AddressInfo).port;
    this.#server = server;
    for (const client of this.#clients) client.retry();
  }

  /** The server is another process now: it has forgotten everything. */
  async forget(): Promise<void> {
    await this.hub.close();
    this.registered.close?.();
    this.#newHub();
  }

  async close(): Promise<void> {
    for (const client of this.#clients) client.close();
    if (this.#server !== undefined) await this.unplug();
    await this.hub.close();
    this.registered.close?.();
  }

  get #url(): string {
    return `http://127.0.0.1:${this.#port}${hubPath}`;
  }

  #keep<C extends Client | ShowcaseClient>(client: C): C {
    client.watch("error", (error) => this.errors.push(error));
    this.#clients.push(client);
    return client;
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

/** Back at once: the dice of the backoff always fall low. */
const quick = { transports: ["websocket"], platform: { random: () => 0.01 } } as const;

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
