// Everything that the client does later, on one timer of the platform.

import { ClientError } from "./client-error.js";
import { timerMsMax, wakeMs } from "./limits.js";
import type { Platform } from "./platform.js";

/** A deadline that can be moved. Moving it later costs nothing: the timer then fires once in vain. */
export class Alarm {
  at: number = Number.POSITIVE_INFINITY;
  readonly run: () => void;
  readonly #owner: Alarms;

  constructor(owner: Alarms, run: () => void) {
    this.#owner = owner;
    this.run = run;
  }

  /** Wants `run` at `at`, on the clock of `Alarms.now`; infinity: not at all. */
  set(at: number): void {
    this.at = at;
    this.#owner.arm(at);
  }

  setIn(delayMs: number): void {
    this.set(this.#owner.now() + delayMs);
  }

  clear(): void {
    this.at = Number.POSITIVE_INFINITY;
  }

  /** For an alarm that dies before its owner. */
  remove(): void {
    this.clear();
    this.#owner.remove(this);
  }
}

export class Alarms {
  readonly #platform: Platform;
  readonly #onWake: () => void;
  readonly #alarms = new Set<Alarm>();
  #timer: unknown;
  #armedFor: number = Number.POSITIVE_INFINITY;
  #last: number;
  #offset = 0;
  #isStopped = false;

  /** `onWake` is called when the timer came so late that the machine must have slept. */
  constructor(platform: Platform, onWake: () => void) {
    this.#platform = platform;
    this.#onWake = onWake;
    this.#last = platform.now();
  }

  /** The platform's time, but it never goes back: a clock set an hour back would stall us for an hour. */
  now(): number {
    const now = this.#platform.now();
    if (now < this.#last) this.#offset += this.#last - now;
    this.#last = now;
    return now + this.#offset;
  }

  alarm(run: () => void): Alarm {
    const alarm = new Alarm(this, run);
    this.#alarms.add(alarm);
    return alarm;
  }

  remove(alarm: Alarm): void {
    this.#alarms.delete(alarm);
  }

  /** The promise, but rejects with `unavailable` when it takes longer; `what` begins the sentence. */
  within<Value>(ms: number, promise: Promise<Value>, what: string): Promise<Value> {
    return new Promise((resolve, reject) => {
      const alarm = this.alarm(() => {
        alarm.remove();
        reject(new ClientError("unavailable", `${what} took longer than ${ms} ms.`));
      });
      alarm.setIn(ms);
      promise.then(resolve, reject).then(() => alarm.remove());
    });
  }

  arm(at: number): void {
    if (at >= this.#armedFor || this.#isStopped) return;
    this.#disarm();
    this.#armedFor = at;
    const delay = Math.min(timerMsMax, Math.max(0, Math.ceil(at - this.now())));
    this.#timer = this.#platform.setTimer(() => this.#fire(), delay);
  }

  /** For good: no alarm rings any more. */
  stop(): void {
    this.#isStopped = true;
    this.#disarm();
    this.#alarms.clear();
  }

  #disarm(): void {
    if (this.#timer !== undefined) this.#platform.clearTimer(this.#timer);
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
  }

  #fire(): void {
    const now = this.now();
    const isLate = now - this.#armedFor > wakeMs;
    this.#timer = undefined;
    this.#armedFor = Number.POSITIVE_INFINITY;
    if (isLate) this.#onWake();
    for (const alarm of [...this.#alarms]) {
      if (alarm.at > now) continue;
      alarm.clear();
      alarm.run();
    }
    for (const alarm of this.#alarms) this.arm(alarm.at);
  }
}
