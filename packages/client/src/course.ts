// Which transport to try, when to try again, when to try a better one: in the second chunk, since a
// first attempt that succeeds needs none of it.
//
// Theory. Without a live link there are rounds. A round tries the transports one after another, the
// one that worked last first, until one is welcomed; between rounds it backs off. With a live link
// that is not the best, the better ones are tried beside it (PROTOCOL.md §5.9), with a backoff of its
// own.

import { type Bye, CloseCode, type LinkEnd, reconnects } from "@tidewire/session-protocol";
import type { Alarm } from "./alarms.js";
import { checkOptions } from "./check-options.js";
import { ClientError } from "./client-error.js";
import type { Attempt, Connector } from "./connector.js";
import type { Failure } from "./failure.js";
import { shortLivesMax, stableMs, upgradeMs, upgradeMsMax } from "./later-limits.js";
import { attemptMs } from "./limits.js";
import { systemCode } from "./system-code.js";
import type { TransportName } from "./transports/carrier.js";
import type { Posted } from "./transports/post.js";
import { probe } from "./transports/probe.js";

type LastWord = Pick<Bye, "code" | "reconnect">;

export class Course {
  readonly #connector: Connector;
  readonly #upgradeAlarm: Alarm;
  /** What this round, or this row of upgrades, has still to try. */
  #queue: TransportName[];
  /** The most telling failure of this round. */
  #failure: Failure | undefined;
  #upgrades = 0;
  #tokenRefusals = 0;
  /** The transport whose links keep dying soon after their welcome, and how many did in a row. */
  #shortLived: TransportName | undefined;
  #shortLives = 0;

  constructor(connector: Connector) {
    this.#connector = connector;
    const { core, options } = connector;
    // In a later turn: whoever has just called `connect` watches for errors by then.
    Promise.resolve(options)
      .then(checkOptions)
      .catch((error) => core.reportError(error));
    this.#upgradeAlarm = core.alarms.alarm(() => this.#startUpgrade());
    // The round under way was begun without us.
    this.#queue = this.#others();
  }

  startRound(): void {
    this.#failure = undefined;
    this.#queue = this.#order();
    this.#next();
  }

  /** There is a live link. */
  linked(): void {
    this.#queue = [];
    this.#tokenRefusals = 0;
    this.#failure = undefined;
    this.planUpgrade(false);
  }

  /** An attempt found no link: the hub's word decides, or the next transport is tried. */
  async missed(attempt: Attempt, failure: Failure, bye?: LastWord): Promise<void> {
    const connector = this.#connector;
    if (failure.reason === "blocked" && connector.transports.length === 1) {
      const probed = await this.#probe(attempt);
      if (connector.attempt !== attempt || connector.isStopped) return;
      const { cause } = failure;
      failure = { transport: attempt.name, cause, ...(probed?.failure ?? failure) };
      bye = probed?.bye ?? bye;
    }
    failure = explained(failure);
    connector.attempt = undefined;
    if (failure.reason === "token") this.#queue = [];
    if (connector.live !== undefined) {
      this.#next();
      return;
    }
    this.#failure = moreTelling(this.#failure, failure);
    const { reason } = failure;
    if (isTokenRefusal(bye?.code)) this.#refusedToken(failure);
    else if (bye !== undefined && isFinal(bye)) connector.core.close(failure);
    else {
      // Nothing answers there: the other ways over fetch would hear the same.
      if (reason === "refused" || reason === "offline")
        this.#queue = this.#queue.filter((name) => name === "websocket");
      if (reason === "overloaded") this.#queue = [];
      this.#next();
    }
    connector.core.changed();
  }

  /** The live link is gone. */
  lost(live: Attempt | undefined, failure: Failure, end: LinkEnd): void {
    const connector = this.#connector;
    this.#upgradeAlarm.clear();
    const isShort = live !== undefined && connector.core.alarms.now() - live.since < stableMs;
    if (!isShort) connector.failures = 0;
    const isCut = isShort && end.code === 0;
    this.#shortLives = isCut ? (this.#shortLived === live.name ? this.#shortLives : 0) + 1 : 0;
    this.#shortLived = live?.name;
    if (isTokenRefusal(end.code)) {
      connector.abandon();
      this.#refusedToken(failure);
    } else if (isFinal(end)) connector.core.close(failure);
    // An attempt at a better link now counts as the attempt at a new one; else after a pause.
    else if (connector.attempt === undefined && !connector.isFrozen) {
      connector.retryLater({ ...failure, retryMs: end.retryMs });
    } else this.#queue = this.#others();
  }

  /** When a better transport is tried, if there is one. */
  planUpgrade(isSoon: boolean): void {
    const { attempt, core } = this.#connector;
    if (isSoon || this.#better().length === 0) this.#upgrades = 0;
    if (this.#better().length === 0 || attempt !== undefined) return;
    const ceiling = isSoon ? 1000 : Math.min(upgradeMsMax, upgradeMs * 2 ** this.#upgrades);
    const at = core.alarms.now() + ceiling * (0.5 + core.platform.random() / 2);
    this.#upgradeAlarm.set(isSoon ? Math.min(at, this.#upgradeAlarm.at) : at);
  }

  #startUpgrade(): void {
    const { isStopped, live, attempt } = this.#connector;
    if (isStopped || live === undefined || attempt !== undefined) return;
    this.#upgrades = Math.min(16, this.#upgrades + 1);
    this.#queue = this.#better();
    this.#next();
  }

  #better(): TransportName[] {
    const { transports, live } = this.#connector;
    return live === undefined ? [] : transports.slice(0, transports.indexOf(live.name));
  }

  /** The one that worked is first, unless it keeps dying soon after its welcome: then it is last. */
  #order(): TransportName[] {
    const { transports, last } = this.#connector;
    if (last === undefined) return [...transports];
    const others = transports.filter((name) => name !== last);
    const isShortLived = last === this.#shortLived && this.#shortLives >= shortLivesMax;
    return isShortLived ? [...others, last] : [last, ...others];
  }

  /** All but the one that is being tried. */
  #others(): TransportName[] {
    return this.#order().filter((name) => name !== this.#connector.attempt?.name);
  }

  #next(): void {
    const connector = this.#connector;
    const name = this.#queue.shift();
    if (name !== undefined) connector.open(name);
    else if (connector.live !== undefined) this.planUpgrade(false);
    else connector.retryLater(this.#failure ?? { reason: "lost", detail: "the link was lost" });
  }

  async #probe(attempt: Attempt): Promise<(Posted & { type: "failed" }) | undefined> {
    const { core, url, credentials } = this.#connector;
    const { platform, alarms } = core;
    if (platform.fetch === undefined) return undefined;
    const abort = new AbortController();
    try {
      const asked = probe({ platform, url, credentials }, attempt.token, abort.signal);
      return await alarms.within(attemptMs, asked, "The probe");
    } catch {
      return undefined;
    } finally {
      abort.abort();
    }
  }

  /** One new token is fetched; when that is refused too, nobody can help but the application. */
  #refusedToken(failure: Failure): void {
    const { tokens, core, isFrozen } = this.#connector;
    if (!tokens.canRefresh || this.#tokenRefusals > 0) {
      core.close({ ...failure, reason: "unauthorised" });
      return;
    }
    this.#tokenRefusals += 1;
    tokens.forget();
    if (!isFrozen) this.startRound();
  }
}

/** Whether the failure is the hub's last word, so that trying again would change nothing. */
function isFinal(bye: Pick<Bye, "code" | "reconnect">): boolean {
  // A codec that is not offered here may be offered on another transport (§11).
  if (bye.code === CloseCode.codec || bye.code === CloseCode.superseded || bye.code === 0)
    return false;
  return !(bye.reconnect ?? reconnects(bye.code));
}

function isTokenRefusal(code: number | undefined): boolean {
  return code === CloseCode.unauthorised || code === CloseCode.tokenExpired;
}

/** With what the system said of a WebSocket, or we of a token provider; its own words stay here. */
function explained(failure: Failure): Failure {
  if (failure.reason === "token" && failure.cause instanceof ClientError) {
    return { ...failure, detail: `${failure.detail}: ${failure.cause.message}` };
  }
  const code = failure.reason === "blocked" ? systemCode(failure.cause) : undefined;
  return code === undefined ? failure : { ...failure, detail: `${failure.detail}: ${code}` };
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
  "unavailable",
  "blocked",
];
