// Links: which transport to try, when to try again, when to try a better one.
//
// Theory. Without a live link the connector works in rounds. A round tries the transports one after
// another, the one that worked last first, until one is welcomed; between rounds it backs off. With
// a live link that is not the best, it tries the better ones beside it (PROTOCOL.md §5.9), with a
// backoff of its own. There is at most one attempt at a time. What is lost or repeated is no concern
// of this file: the session takes care of it.

import {
  type Bye,
  type ClientSession,
  CloseCode,
  type Codec,
  type Link,
  type LinkEnd,
} from "@tidewire/session-protocol";
import type { Alarm, Alarms } from "./alarms.js";
import { backoff } from "./backoff.js";
import { type Failure, failureOf, isFinal } from "./failure.js";
import type { HubUrl } from "./hub-url.js";
import {
  attemptMs,
  attemptMsMax,
  shortLivesMax,
  stableMs,
  upgradeMs,
  upgradeMsMax,
} from "./limits.js";
import { loadLater } from "./load-later.js";
import type { Platform, Signal } from "./platform.js";
import type { TokenSource } from "./token-source.js";
import type { TransportMemory } from "./transport-memory.js";
import type { Carrier, Transport, TransportName } from "./transports/carrier.js";
import { loadTransport } from "./transports/sources.js";

export interface ConnectorOptions {
  readonly platform: Platform;
  readonly alarms: Alarms;
  readonly url: HubUrl;
  readonly codecs: readonly Codec[];
  readonly credentials: RequestCredentials;
  readonly pollIntervalMs: number;
  readonly agent: string | undefined;
  readonly transports: readonly TransportName[];
  readonly tokens: TokenSource;
  readonly memory: TransportMemory;
  session(): ClientSession;
  /** The state may have changed. */
  changed(): void;
  /** A round found no link; the next comes by itself. */
  missed(failure: Failure, retryInMs: number): void;
  /** There will be no further attempt. */
  gaveUp(failure: Failure): void;
  /** Something was reported to the session. */
  settle(): void;
}

interface Attempt {
  readonly name: TransportName;
  transport?: Transport;
  carrier?: Carrier;
  link?: Link;
  token?: string | undefined;
  failure?: Failure;
  since: number;
}

export class Connector {
  readonly #options: ConnectorOptions;
  readonly #retryAlarm: Alarm;
  readonly #deadline: Alarm;
  readonly #upgradeAlarm: Alarm;
  /** What this round, or this row of upgrades, has still to try. */
  #queue: TransportName[] = [];
  #attempt: Attempt | undefined;
  #live: Attempt | undefined;
  /** The most telling failure of this round. */
  #failure: Failure | undefined;
  #failures = 0;
  #upgrades = 0;
  #tokenRefusals = 0;
  #last: TransportName | undefined;
  #shortLives = 0;
  #isFrozen = false;
  #isStopped = true;

  constructor(options: ConnectorOptions) {
    this.#options = options;
    this.#retryAlarm = options.alarms.alarm(() => this.#startRound());
    this.#deadline = options.alarms.alarm(() => this.#timeOut());
    this.#upgradeAlarm = options.alarms.alarm(() => this.#startUpgrade());
  }

  /** The transport of the live link. */
  get transport(): TransportName | undefined {
    return this.#live?.name;
  }

  /** Whether POSTs of the live link are acknowledged at once. */
  get acknowledgesPosts(): boolean {
    return this.#live?.transport?.acknowledgesPosts === true;
  }

  start(): void {
    const { memory, platform, transports } = this.#options;
    this.#isStopped = false;
    this.#last = transports.find((name) => name === memory.recall(platform.now()));
    this.#startRound();
  }

  stop(): void {
    this.#isStopped = true;
    this.#abandon();
    this.#live = undefined;
    for (const alarm of [this.#retryAlarm, this.#deadline, this.#upgradeAlarm]) alarm.clear();
  }

  /** The world around changed. */
  signal(signal: Signal): void {
    if (this.#isStopped) return;
    if (signal === "freeze") {
      this.#freeze();
      return;
    }
    const wasFrozen = this.#isFrozen;
    this.#isFrozen = false;
    if (this.#live !== undefined) {
      this.#options.session().ping(this.#options.alarms.now());
      if (signal === "retry") this.#planUpgrade(true);
    } else if ((signal === "retry" || wasFrozen) && this.#attempt === undefined) {
      this.#failures = 0;
      // Many machines hear of the same network at the same moment.
      const soon = this.#options.alarms.now() + this.#random() * 250;
      this.#retryAlarm.set(Math.min(this.#retryAlarm.at, soon));
    }
    this.#options.changed();
    this.#options.settle();
  }

  /** Of the session: a link was welcomed. It is the one of the attempt. */
  linked(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    const { alarms, memory, platform } = this.#options;
    this.#attempt = undefined;
    this.#live = attempt;
    attempt.since = alarms.now();
    if (attempt.name !== this.#last) this.#shortLives = 0;
    this.#last = attempt.name;
    this.#queue = [];
    this.#tokenRefusals = 0;
    this.#failure = undefined;
    this.#deadline.clear();
    this.#retryAlarm.clear();
    memory.remember(attempt.name, platform.now());
    // Fetched while the network is good: hours later it, or the deployment, may be another.
    loadLater().catch(() => {});
    this.#planUpgrade(false);
  }

  /** Of the session: a link ended, the live one or that of the attempt. */
  unlinked(end: LinkEnd): void {
    if (this.#isStopped) return;
    if (end.wasLive) this.#lostLive(end);
    else if (this.#attempt?.link?.number === end.link) {
      this.#missed(this.#attempt, this.#attempt.failure ?? failureOf(end), end);
    }
  }

  // ── Rounds ───────────────────────────────────────────────────────────────────────────────────

  #startRound(): void {
    if (this.#isStopped || this.#isFrozen || this.#attempt !== undefined) return;
    this.#failure = undefined;
    this.#queue = this.#order();
    this.#options.changed();
    this.#next();
  }

  /** The one that worked is first, unless it keeps dying soon after its welcome: then it is last. */
  #order(): TransportName[] {
    const { transports } = this.#options;
    const last = this.#last;
    if (last === undefined) return [...transports];
    const others = transports.filter((name) => name !== last);
    return this.#shortLives >= shortLivesMax ? [...others, last] : [last, ...others];
  }

  #next(): void {
    const name = this.#queue.shift();
    if (name !== undefined) {
      this.#open({ name, since: this.#options.alarms.now() });
    } else if (this.#live === undefined) this.#retryLater(this.#failure);
    else this.#planUpgrade(false);
  }

  async #open(attempt: Attempt): Promise<void> {
    const { alarms, platform, tokens } = this.#options;
    this.#attempt = attempt;
    try {
      attempt.token = await tokens.get();
    } catch (cause) {
      this.#queue = [];
      this.#missed(attempt, { reason: "token", detail: "the token provider failed", cause });
      return;
    }
    if (this.#attempt !== attempt) return;
    this.#deadline.set(
      alarms.now() + Math.min(attemptMsMax, attemptMs * 2 ** Math.min(8, this.#failures)),
    );
    try {
      attempt.transport = await loadTransport(attempt.name);
      const missing = attempt.transport.missing(platform);
      if (missing !== undefined) throw new Error(missing);
      if (this.#attempt !== attempt) return;
      attempt.carrier = attempt.transport.open(this.#hostFor(attempt));
    } catch (cause) {
      this.#missed(attempt, { reason: "unavailable", detail: String(cause), cause });
    }
    this.#options.settle();
  }

  #hostFor(attempt: Attempt): Parameters<Transport["open"]>[0] {
    const { platform, alarms, url, codecs, credentials, agent, session, settle } = this.#options;
    const { pollIntervalMs } = this.#options;
    return {
      platform,
      alarms,
      url,
      codecs,
      credentials,
      pollIntervalMs,
      session: session(),
      settle,
      greet: (port) => {
        const greeting = {
          ...(attempt.token === undefined ? {} : { token: attempt.token }),
          ...(agent === undefined ? {} : { agent }),
        };
        const link = session().connect(port, alarms.now(), greeting);
        attempt.link = link;
        return link;
      },
      failed: (failure, bye) => this.#carrierFailed(attempt, failure, bye),
    };
  }

  #carrierFailed(attempt: Attempt, failure: Failure, bye: Bye | undefined): void {
    const { alarms, settle } = this.#options;
    const { link } = attempt;
    attempt.failure ??= failure;
    if (link === undefined) this.#missed(attempt, failure, bye);
    else if (bye !== undefined) link.receive(bye, alarms.now());
    else link.lost(alarms.now(), 0, failure.detail);
    settle();
  }

  #timeOut(): void {
    const attempt = this.#attempt;
    if (attempt === undefined) return;
    this.#carrierFailed(attempt, { reason: "timeout", detail: "no welcome in time" }, undefined);
  }

  /** An attempt found no link: the hub's word decides, or the next transport is tried. */
  async #missed(
    attempt: Attempt,
    failure: Failure,
    bye?: Pick<Bye, "code" | "reconnect">,
  ): Promise<void> {
    if (this.#attempt !== attempt || this.#isStopped) return;
    if (attempt.link === undefined) attempt.carrier?.abandon();
    this.#deadline.clear();
    if (failure.reason === "blocked" && this.#options.transports.length === 1) {
      const probed = await this.#probe(attempt);
      if (this.#attempt !== attempt || this.#isStopped) return;
      failure = probed?.failure ?? failure;
      bye = probed?.bye ?? bye;
    }
    this.#attempt = undefined;
    failure = { transport: attempt.name, ...failure };
    const code = bye?.code ?? 0;
    if (this.#live !== undefined) {
      this.#next();
      return;
    }
    this.#failure = moreTelling(this.#failure, failure);
    if (isTokenRefusal(code)) this.#refusedToken(failure);
    else if (bye !== undefined && isFinal(bye)) this.#options.gaveUp(failure);
    else {
      // Nothing answers there: the other ways over fetch would hear the same.
      if (failure.reason === "refused" || failure.reason === "offline")
        this.#queue = this.#queue.filter((name) => name === "websocket");
      if (failure.reason === "overloaded") this.#queue = [];
      this.#next();
    }
    this.#options.changed();
  }

  async #probe(attempt: Attempt): Promise<{ failure: Failure; bye?: Bye } | undefined> {
    const { platform, url, credentials, alarms } = this.#options;
    if (platform.fetch === undefined) return undefined;
    const abort = new AbortController();
    let alarm!: Alarm;
    const late = new Promise<undefined>((resolve) => {
      alarm = alarms.alarm(() => {
        abort.abort();
        resolve(undefined);
      });
    });
    alarm.setIn(attemptMs);
    const probing = loadLater().then(({ probe }) =>
      probe({ platform, url, credentials }, attempt.token, abort.signal),
    );
    try {
      return await Promise.race([probing, late]);
    } catch {
      return undefined;
    } finally {
      alarm.remove();
    }
  }

  #retryLater(failure: Failure = { reason: "lost", detail: "the link was lost" }): void {
    const { platform, changed, missed } = this.#options;
    const isNowhere = failure.reason === "refused" || failure.reason === "blocked";
    const reason = isNowhere && !platform.isOnline() ? "offline" : failure.reason;
    const delay = backoff(this.#failures, this.#random(), failure.retryMs);
    this.#failures += 1;
    this.#retryAlarm.setIn(delay);
    missed({ ...failure, reason }, delay);
    changed();
  }

  /** One new token is fetched; when that is refused too, nobody can help but the application. */
  #refusedToken(failure: Failure): void {
    const { tokens, gaveUp } = this.#options;
    if (!tokens.canRefresh || this.#tokenRefusals > 0) {
      gaveUp({ ...failure, reason: "unauthorised" });
      return;
    }
    this.#tokenRefusals += 1;
    tokens.forget();
    this.#startRound();
  }

  // ── The live link ────────────────────────────────────────────────────────────────────────────

  #lostLive(end: LinkEnd): void {
    const live = this.#live;
    const { alarms, changed, gaveUp } = this.#options;
    this.#live = undefined;
    this.#upgradeAlarm.clear();
    const isShort = live !== undefined && alarms.now() - live.since < stableMs;
    if (!isShort) this.#failures = 0;
    this.#shortLives = isShort && end.code === 0 ? this.#shortLives + 1 : 0;
    const failure = { ...(live?.failure ?? failureOf(end)), ...(live && { transport: live.name }) };
    changed();
    if (isTokenRefusal(end.code)) {
      this.#abandon();
      this.#refusedToken(failure);
    } else if (isFinal(end)) gaveUp(failure);
    // An attempt at a better link now counts as the attempt at a new one; else after a pause.
    else if (this.#attempt === undefined && !this.#isFrozen) {
      const retryMs = end.retryMs;
      this.#retryLater({ ...failure, ...(retryMs === undefined ? {} : { retryMs }) });
    } else this.#queue = this.#order().filter((name) => name !== this.#attempt?.name);
  }

  #better(): TransportName[] {
    const { transports } = this.#options;
    return this.#live === undefined ? [] : transports.slice(0, transports.indexOf(this.#live.name));
  }

  #planUpgrade(isSoon: boolean): void {
    if (this.#better().length === 0) {
      this.#upgrades = 0;
      return;
    }
    if (isSoon) this.#upgrades = 0;
    if (this.#attempt !== undefined) return;
    const ceiling = isSoon ? 1000 : Math.min(upgradeMsMax, upgradeMs * 2 ** this.#upgrades);
    const at = this.#options.alarms.now() + ceiling * (0.5 + this.#random() / 2);
    this.#upgradeAlarm.set(isSoon ? Math.min(at, this.#upgradeAlarm.at) : at);
  }

  #startUpgrade(): void {
    if (this.#isStopped || this.#live === undefined || this.#attempt !== undefined) return;
    this.#upgrades = Math.min(16, this.#upgrades + 1);
    this.#queue = this.#better();
    this.#next();
  }

  #freeze(): void {
    this.#isFrozen = true;
    this.#abandon();
    this.#retryAlarm.clear();
    this.#live?.link?.lost(this.#options.alarms.now(), 0, "the page was frozen");
    this.#options.settle();
  }

  #abandon(): void {
    const attempt = this.#attempt;
    this.#attempt = undefined;
    this.#deadline.clear();
    if (attempt?.link !== undefined) attempt.link.lost(this.#options.alarms.now());
    else attempt?.carrier?.abandon();
  }

  #random(): number {
    return this.#options.platform.random();
  }
}

function isTokenRefusal(code: number): boolean {
  return code === CloseCode.unauthorised || code === CloseCode.tokenExpired;
}

/** Of two failures of one round the one that says more about its cause. */
function moreTelling(one: Failure | undefined, other: Failure): Failure {
  if (one === undefined) return other;
  return telling.indexOf(other.reason) < telling.indexOf(one.reason) ? other : one;
}

const telling: readonly Failure["reason"][] = [
  "overloaded",
  "token",
  "offline",
  "server",
  "refused",
  "timeout",
  "lost",
  "protocol",
  "blocked",
  "unavailable",
];
