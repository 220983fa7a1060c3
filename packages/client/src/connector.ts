// The links of a client: the live one, and the attempt at the next.
//
// Theory. There is at most one attempt at a time. What follows from its failure, or from the loss of
// the live link, is decided by `Course` in the second chunk, which every page has as soon as it has a
// link; a page that has never had one asks for it with its first failure. Without that chunk, trying
// the first transport again after a backoff is all that there is. What is lost or repeated is no
// concern of this file: the session takes care of it.

import { type Bye, bounds, type Link, type LinkEnd } from "@tidewire/session-protocol";
import type { Alarm } from "./alarms.js";
import { backoff } from "./backoff.js";
import type { ClientOptions } from "./client-options.js";
import type { Core } from "./core.js";
import type { Course } from "./course.js";
import { type Failure, failureOf } from "./failure.js";
import { hubUrl } from "./hub-url.js";
import { attemptMs, attemptMsMax } from "./limits.js";
import { later, loadLater } from "./load-later.js";
import type { Signal } from "./platform.js";
import { TokenSource } from "./token-source.js";
import { TransportMemory } from "./transport-memory.js";
import type { Carrier, Transport, TransportName } from "./transports/carrier.js";
import { checkedTransports, loadTransport } from "./transports/sources.js";

/** One try at a link, and later that link. */
export interface Attempt {
  readonly name: TransportName;
  since: number;
  transport?: Transport;
  carrier?: Carrier;
  link?: Link;
  token?: string | undefined;
  failure?: Failure;
}

export class Connector {
  readonly core: Core;
  readonly options: ClientOptions;
  readonly transports: readonly TransportName[];
  readonly tokens: TokenSource;
  readonly url: URL;
  readonly credentials: RequestCredentials;
  attempt: Attempt | undefined;
  live: Attempt | undefined;
  /** Rounds without success in a row. */
  failures = 0;
  /** The transport that worked last. */
  last: TransportName | undefined;
  isFrozen = false;
  isStopped = true;
  readonly #memory: TransportMemory;
  readonly #retryAlarm: Alarm;
  readonly #deadline: Alarm;
  #made: Course | undefined;
  /** What waits for the chunk that decides. */
  #question: object | undefined;

  constructor(core: Core, url: string | URL, options: ClientOptions) {
    const { platform, alarms } = core;
    this.core = core;
    this.options = options;
    this.url = hubUrl(url, platform.baseUrl);
    this.transports = checkedTransports(options.transports);
    this.tokens = new TokenSource(options.token, alarms);
    this.credentials = options.credentials ?? "same-origin";
    this.#memory = new TransportMemory(platform.storage, this.url.href);
    this.#retryAlarm = alarms.alarm(() => this.#begin());
    this.#deadline = alarms.alarm(() => this.#timeOut());
  }

  /** The transport of the live link. */
  get transport(): TransportName | undefined {
    return this.live?.name;
  }

  start(): void {
    this.isStopped = false;
    const known = this.#memory.recall(this.core.platform.now());
    this.last = this.transports.find((name) => name === known);
    this.#begin();
  }

  stop(): void {
    this.isStopped = true;
    this.abandon();
    this.live = undefined;
  }

  /** The world around changed. */
  signal(signal: Signal): void {
    const { core } = this;
    const now = core.alarms.now();
    if (this.isStopped) return;
    const wasFrozen = this.isFrozen;
    this.isFrozen = signal === "freeze";
    if (this.isFrozen) {
      this.abandon();
      this.#retryAlarm.clear();
      this.live?.link?.lost(now, 0, "the page was frozen");
    } else if (this.live !== undefined) {
      core.session.ping(now);
      if (signal === "retry") this.#course?.planUpgrade(true);
    } else if ((signal === "retry" || wasFrozen) && this.attempt === undefined) {
      this.failures = 0;
      // Many machines hear of the same network at the same moment.
      this.#retryAlarm.set(Math.min(this.#retryAlarm.at, now + core.platform.random() * 250));
    }
    core.changed();
    core.settle();
  }

  /** Of the session: a link was welcomed. It is the one of the attempt. */
  linked(): void {
    const { attempt } = this;
    if (attempt === undefined) return;
    const { alarms, platform } = this.core;
    this.attempt = undefined;
    this.live = attempt;
    this.last = attempt.name;
    attempt.since = alarms.now();
    this.#deadline.clear();
    this.#retryAlarm.clear();
    this.#memory.remember(attempt.name, platform.now());
    // Fetched while the network is good: hours later it, or the deployment, may be another.
    loadLater().then(
      () => {
        if (this.live === attempt) this.#course?.linked();
      },
      () => {},
    );
  }

  /** Of the session: a link ended, the live one or that of the attempt. */
  unlinked(end: LinkEnd): void {
    const { live, attempt } = this;
    if (this.isStopped) return;
    if (end.wasLive) {
      this.live = undefined;
      this.core.changed();
      const failure = { ...(live?.failure ?? failureOf(end)), transport: live?.name };
      this.#consult(failure, (course) => course.lost(live, failure, end));
    } else if (attempt?.link?.number === end.link) {
      this.#missed(attempt, attempt.failure ?? failureOf(end), end);
    }
  }

  // ── Of the course ────────────────────────────────────────────────────────────────────────────

  async open(name: TransportName): Promise<void> {
    const { options } = this;
    const { alarms, platform, session } = this.core;
    const attempt: Attempt = { name, since: alarms.now() };
    this.attempt = attempt;
    this.#question = undefined;
    try {
      attempt.token = await this.tokens.get();
    } catch (cause) {
      this.#missed(attempt, { reason: "token", detail: "the token provider failed", cause });
      return;
    }
    if (this.attempt !== attempt) return;
    this.#deadline.setIn(Math.min(attemptMsMax, attemptMs * 2 ** Math.min(8, this.failures)));
    try {
      attempt.transport = await loadTransport(name);
      const missing = attempt.transport.missing(platform);
      if (missing !== undefined) throw new Error(missing);
      if (this.attempt !== attempt) return;
      attempt.carrier = attempt.transport.open({
        platform,
        alarms,
        session,
        url: this.url,
        wantsText: options.codec === "json",
        credentials: this.credentials,
        pollIntervalMs: options.pollIntervalMs,
        settle: () => this.core.settle(),
        greet: (port) => {
          const agent = options.agent && String(options.agent).slice(0, bounds.textMax);
          attempt.link = session.connect(port, alarms.now(), { token: attempt.token, agent });
          return attempt.link;
        },
        failed: (failure, bye) => this.#carrierFailed(attempt, failure, bye),
      });
    } catch (cause) {
      this.#missed(attempt, { reason: "unavailable", detail: String(cause), cause });
    }
    this.core.settle();
  }

  /** A round found no link, or there is none any more: the next begins by itself. */
  retryLater(failure: Failure): void {
    const { platform } = this.core;
    const isNowhere = failure.reason === "refused" || failure.reason === "blocked";
    const reason = isNowhere && !platform.isOnline() ? "offline" : failure.reason;
    const delay = backoff(this.failures, platform.random(), failure.retryMs);
    this.failures += 1;
    this.#retryAlarm.setIn(delay);
    this.core.missed({ ...failure, reason }, delay);
    this.core.changed();
  }

  /** Gives up the attempt without a word. */
  abandon(): void {
    const { attempt } = this;
    this.attempt = undefined;
    this.#question = undefined;
    this.#deadline.clear();
    if (attempt?.link !== undefined) attempt.link.lost(this.core.alarms.now());
    else attempt?.carrier?.abandon();
  }

  // ── Below ────────────────────────────────────────────────────────────────────────────────────

  /** A round; before the course is here it is the one attempt at what worked last. */
  #begin(): void {
    if (this.isStopped || this.isFrozen || this.attempt !== undefined) return;
    const course = this.#course;
    if (course !== undefined) course.startRound();
    else this.open(this.last ?? this.transports[0]!);
    this.core.changed();
  }

  get #course(): Course | undefined {
    const module = later();
    if (module !== undefined) this.#made ??= new module.Course(this);
    return this.#made;
  }

  #carrierFailed(attempt: Attempt, failure: Failure, bye: Bye | undefined): void {
    const { link } = attempt;
    const now = this.core.alarms.now();
    attempt.failure ??= failure;
    if (link === undefined) this.#missed(attempt, failure, bye);
    else if (bye !== undefined) link.receive(bye, now);
    else link.lost(now, 0, failure.detail);
    this.core.settle();
  }

  #timeOut(): void {
    const { attempt } = this;
    if (attempt === undefined) return;
    this.#carrierFailed(attempt, { reason: "timeout", detail: "no welcome in time" }, undefined);
  }

  /** An attempt found no link. It stays in its place until it is decided what comes next. */
  #missed(attempt: Attempt, failure: Failure, bye?: Pick<Bye, "code" | "reconnect">): void {
    if (this.attempt !== attempt || this.isStopped) return;
    if (attempt.link === undefined) attempt.carrier?.abandon();
    this.#deadline.clear();
    failure = { transport: attempt.name, ...failure };
    this.#consult(failure, (course) => course.missed(attempt, failure, bye));
  }

  /** Asks the course, when it is here in time; else tries again later. */
  #consult(failure: Failure, ask: (course: Course) => unknown): void {
    const course = this.#course;
    if (course !== undefined) {
      ask(course);
      return;
    }
    const question = {};
    this.#question = question;
    const settle = (): void => {
      if (this.#question !== question || this.isStopped) return;
      this.#question = undefined;
      const course = this.#course;
      if (course !== undefined) ask(course);
      else {
        this.attempt = undefined;
        this.retryLater(failure);
      }
      this.core.settle();
    };
    this.core.alarms.within(attemptMs, loadLater(), "Loading").then(settle, settle);
  }
}
