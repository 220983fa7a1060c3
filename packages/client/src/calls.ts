// Requests in both directions (PROTOCOL.md §8.2): ours wait for a reply, theirs for our handler.

import {
  type Entry,
  type Failure,
  PendingRequests,
  type Reply,
  type Request,
} from "@tidewire/session-protocol";
import type { Alarm } from "./alarms.js";
import type { Answers } from "./answers.js";
import { abortError, ClientError } from "./client-error.js";
import type { Core } from "./core.js";
import { loadMs, requestMs } from "./limits.js";
import { handleOnly, type Unsubscribe } from "./listeners.js";
import { later, loadLater } from "./load-later.js";
import type { Message } from "./outbox.js";

export interface RequestOptions {
  /** How long to wait for the reply, in ms, from the call on; above 0, default 30,000. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
  /** False: fail with `offline` instead of waiting for a link. Default true. */
  readonly queue?: boolean;
}

export interface RequestInfo {
  readonly name: string;
  /** Aborted when the server stopped waiting, or the session is lost. */
  readonly signal: AbortSignal;
}

export type RequestHandler = (data: unknown, info: RequestInfo) => unknown;

export class Calls {
  readonly #core: Core;
  readonly #pending: PendingRequests;
  readonly #alarm: Alarm;
  readonly #handlers = new Map<string, RequestHandler>();
  #answers: Answers | undefined;
  /** Answers that the log refused; at most `limits.requests`. */
  readonly #owed: Entry[] = [];

  constructor(core: Core) {
    this.#core = core;
    this.#pending = new PendingRequests(core.session.limits.requests);
    this.#alarm = core.alarms.alarm(() => this.#tick());
  }

  // ── Ours ─────────────────────────────────────────────────────────────────────────────────────

  async request(name: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const { schemas } = this.#core;
    const { signal } = options;
    if (signal?.aborted) throw abortError(signal);
    schemas.check("client", name);
    // Without a promise the request keeps its place among the events of the same turn.
    const valid = schemas.validate("client", name, "data", data);
    if (valid instanceof Promise) await valid;
    if (signal?.aborted) throw abortError(signal);
    const reply = await this.#ask(name, data, options);
    return schemas.validate("client", name, "reply", reply);
  }

  #ask(name: string, data: unknown, options: RequestOptions): Promise<unknown> {
    const core = this.#core;
    const { timeoutMs = requestMs, signal, queue = true } = options;
    core.checkOpen();
    // On the wire it would end the session, and a mistake such as "5 s" would wait for ever.
    if (!(timeoutMs > 0)) throw new RangeError(`timeoutMs is ${timeoutMs}: give more than 0.`);
    if (!queue && !core.outbox.isOpen) {
      return Promise.reject(new ClientError("offline", "There is no link, and queue is false."));
    }
    return new Promise((resolve, reject) => {
      let message: Message | undefined;
      const settle = (answer: Reply | Failure): void => {
        signal?.removeEventListener("abort", abort);
        if (answer.type === "reply") resolve(answer.data);
        else {
          if (message !== undefined && answer.code === "timeout") this.#stopAsking(id!, message);
          reject(new ClientError(answer.code, answer.message, { data: answer.data }));
        }
      };
      const id = this.#pending.open(core.alarms.now(), timeoutMs, settle);
      if (id === undefined) {
        reject(new ClientError("busy", `${this.#pending.size} requests wait for their replies.`));
        return;
      }
      const abort = (): void => {
        if (!this.#pending.cancel(id)) return;
        if (message !== undefined) this.#stopAsking(id, message);
        reject(abortError(signal));
        core.settle();
      };
      try {
        const packet = { type: "request", id, name, data } as const;
        const deadline = timeoutMs < 2 ** 53 ? { timeoutMs: Math.ceil(timeoutMs) } : {};
        message = this.#messageOf(id, core.encode({ ...packet, ...deadline }), name, data);
        core.outbox.put(message);
        signal?.addEventListener("abort", abort, { once: true });
      } catch (error) {
        this.#pending.cancel(id);
        reject(error);
      }
      core.settle();
    });
  }

  #messageOf(id: number, entry: Entry, name: string, data: unknown): Message {
    const fate = {
      handed: (position: number): void => this.#pending.sentAt(id, position),
      requeued: (): void => this.#pending.sentAt(id, Number.POSITIVE_INFINITY),
      failed: ({ code, message }: ClientError): void => {
        this.#pending.settle({ type: "failure", id, code, message });
      },
    };
    return { entry, name, data, expiresAt: Number.POSITIVE_INFINITY, fate };
  }

  /** Nobody waits any more: it does not leave, or the server is told. */
  #stopAsking(id: number, message: Message): void {
    const { outbox, session, alarms } = this.#core;
    if (outbox.withdraw(message) || session.ended) return;
    session.send(this.#core.encode({ type: "abort", id }), alarms.now());
  }

  /** Of the core: a reply or a failure came. One that nobody waits for came too late. */
  settle(answer: Reply | Failure): void {
    this.#pending.settle(answer);
  }

  /** Of the core, `gap`: replies to what the server had may be lost (PROTOCOL.md §5.7). */
  gap(received: number): void {
    this.#pending.failBelow(received, "gap", "The reply may be among entries that were lost.");
  }

  /** Of the core, `fresh`: the session that was asked is gone; what was not sent yet stays. */
  startAnew(): void {
    const text = "The session was lost after this was sent: it may or may not have been applied.";
    this.#pending.failBelow(Number.POSITIVE_INFINITY, "lost", text);
    this.#dropTheirs("lost");
  }

  close(error: ClientError): void {
    this.#pending.failAll(error.code, error.message);
    this.#dropTheirs("closed");
  }

  /** Of the core: after everything. */
  plan(): void {
    while (this.#owed.length > 0) {
      if (this.#core.session.send(this.#owed[0]!, this.#core.alarms.now()) < 0) break;
      this.#owed.shift();
    }
    if (this.#pending.nextTickAt < this.#alarm.at) this.#alarm.set(this.#pending.nextTickAt);
  }

  #tick(): void {
    this.#pending.tick(this.#core.alarms.now());
    this.#core.settle();
  }

  // ── Theirs ───────────────────────────────────────────────────────────────────────────────────

  handle(name: string, handler: RequestHandler): Unsubscribe {
    // What runs it is wanted soon: events behind the first request would wait for it.
    loadLater().catch(() => {});
    return handleOnly(this.#handlers, name, handler);
  }

  /** @throws {ClientError} `unknown-name`. */
  checkHandler(name: string): void {
    if (this.#handlers.has(name) && !this.#core.schemas.isUnknown("server", name)) return;
    throw new ClientError("unknown-name", `Nobody handles "${name}" here.`);
  }

  /** The data of a request, or a promise of it while the chunk with what runs handlers is coming. */
  whenReady(data: unknown): unknown {
    if (later() !== undefined) return data;
    return this.#core.alarms.within(loadMs, loadLater(), "Loading").then(() => data);
  }

  /** A request with valid data, when the chunk is here. */
  receive(request: Request, data: unknown): void {
    const { Answers } = later()!;
    this.#answers ??= new Answers(this.#core, (answer) => this.answer(answer));
    this.#answers.run(request, data, this.#handlers.get(request.name));
  }

  refuse({ id }: Request, error: ClientError): void {
    this.answer({ type: "failure", id, code: error.code, message: error.message.slice(0, 1_000) });
  }

  /** The server does not wait any more. */
  abort(id: number): void {
    this.#answers?.abort(id);
  }

  /** @throws {ClientError | DataError} when it cannot be sent. */
  answer(answer: Reply | Failure): void {
    const core = this.#core;
    if (core.session.ended) return;
    const entry = core.encode(answer);
    if (this.#owed.length > 0 || core.session.send(entry, core.alarms.now()) < 0) {
      this.#owed.push(entry);
    }
    core.settle();
  }

  #dropTheirs(why: string): void {
    this.#owed.length = 0;
    this.#answers?.drop(why);
  }
}
