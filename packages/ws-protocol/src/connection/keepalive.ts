/**
 * Notices a peer that is gone without a word (RFC 6455 §5.5.2): a ping after a silence, and a
 * deadline for any sign of life after it. Everything that arrives counts as life, so a busy
 * connection is never pinged.
 */

export interface KeepaliveOptions {
  /**
   * Silence after which a ping is sent, in milliseconds; 0 turns keepalive off. Default 25,000:
   * below the 60 s after which the usual proxies drop an idle connection, with one try to spare.
   */
  readonly pingIntervalMs?: number | undefined;
  /**
   * How long after a ping the peer may stay silent, in milliseconds, more than 0. Default 30,000: a pong may
   * queue behind megabytes in the kernel's buffers of a slow link.
   */
  readonly pongDeadlineMs?: number | undefined;
  /**
   * Shorten the deadline to what the measured round trips justify, never below 2,000 ms and never
   * above `pongDeadlineMs`. The estimate is that of RFC 6298 §2. Default false.
   */
  readonly adaptive?: boolean | undefined;
}

export const DEFAULT_PING_INTERVAL_MS = 25_000;
export const DEFAULT_PONG_DEADLINE_MS = 30_000;
const ADAPTIVE_DEADLINE_MIN_MS = 2000;
/** A tick later than this means that we were suspended: what the peer sent has not been read yet. */
const LATE_TICK_MS = 5000;
/** Variations of the round trip that the adaptive deadline allows for. */
const ADAPTIVE_SPREAD = 8;

/** The options, complete; the connections of an endpoint share them. */
export interface KeepaliveSettings {
  /** More than 0. */
  readonly pingIntervalMs: number;
  readonly pongDeadlineMs: number;
  readonly adaptive: boolean;
}

/** Options that `assertTimings` has passed, completed with the defaults; undefined when it is off. */
export function resolveKeepalive(options: KeepaliveOptions = {}): KeepaliveSettings | undefined {
  const {
    pingIntervalMs = DEFAULT_PING_INTERVAL_MS,
    pongDeadlineMs = DEFAULT_PONG_DEADLINE_MS,
    adaptive = false,
  } = options;
  return pingIntervalMs === 0 ? undefined : { pingIntervalMs, pongDeadlineMs, adaptive };
}

export const KeepaliveAction = { none: 0, ping: 1, giveUp: 2 } as const;
export type KeepaliveAction = (typeof KeepaliveAction)[keyof typeof KeepaliveAction];

export class Keepalive {
  /** When `tick` has something to do, at the earliest. */
  nextTickAt: number;
  /** Smoothed round-trip time in milliseconds; undefined before the first pong. */
  rttMs: number | undefined;

  readonly #settings: KeepaliveSettings;
  #rttVariationMs = 0;
  #aliveAt: number;
  /** When the ping was sent that no pong has answered yet. */
  #pingedAt: number | undefined;
  /** Whether nothing has come since that ping. */
  #silent = false;
  /** Distinguishes our pings, so that a pong tells the round trip of the right one. */
  #sequence = 0;

  constructor(settings: KeepaliveSettings, now: number) {
    this.#settings = settings;
    this.#aliveAt = now;
    this.nextTickAt = this.#idleAt();
  }

  /** The payload of the latest ping: its number, in four bytes. */
  get pingPayload(): Uint8Array {
    const n = this.#sequence;
    return Uint8Array.of(n >>> 24, n >>> 16, n >>> 8, n);
  }

  /** The peer showed life, or could not have: reading was paused, or bytes were on their way. */
  alive(now: number): void {
    this.#aliveAt = now;
    this.#silent = false;
  }

  /** A pong arrived; one that answers our latest ping measures the round trip. */
  pong(bytes: Uint8Array, start: number, end: number, now: number): void {
    if (this.#pingedAt === undefined || end - start !== 4) return;
    const number =
      (bytes[start]! << 24) |
      (bytes[start + 1]! << 16) |
      (bytes[start + 2]! << 8) |
      bytes[start + 3]!;
    if (number !== (this.#sequence | 0)) return;
    this.#measure(now - this.#pingedAt);
    this.#pingedAt = undefined;
  }

  /** What is due at `now`; updates `nextTickAt`. */
  tick(now: number): KeepaliveAction {
    if (now < this.nextTickAt) return KeepaliveAction.none;
    if (this.#pingedAt !== undefined && this.#silent) {
      const deadline = this.#pingedAt + this.#currentDeadlineMs();
      if (now >= deadline + LATE_TICK_MS) return this.#ping(now);
      if (now >= deadline) return KeepaliveAction.giveUp;
      this.nextTickAt = deadline;
      return KeepaliveAction.none;
    }
    const idleAt = this.#idleAt();
    if (now < idleAt) {
      this.nextTickAt = idleAt;
      return KeepaliveAction.none;
    }
    return this.#ping(now);
  }

  #ping(now: number): KeepaliveAction {
    this.#sequence++;
    this.#pingedAt = now;
    this.#silent = true;
    // An answer must not put the next ping off until the deadline, which may be far longer.
    this.nextTickAt = now + Math.min(this.#currentDeadlineMs(), this.#settings.pingIntervalMs);
    return KeepaliveAction.ping;
  }

  #idleAt(): number {
    return this.#aliveAt + this.#settings.pingIntervalMs;
  }

  #currentDeadlineMs(): number {
    const { pongDeadlineMs, adaptive } = this.#settings;
    if (!adaptive || this.rttMs === undefined) return pongDeadlineMs;
    const justified = this.rttMs + ADAPTIVE_SPREAD * this.#rttVariationMs;
    return Math.min(pongDeadlineMs, Math.max(ADAPTIVE_DEADLINE_MIN_MS, justified));
  }

  /** RFC 6298 §2: weights of 1/8 for the mean and 1/4 for the variation. */
  #measure(sampleMs: number): void {
    if (this.rttMs === undefined) {
      this.rttMs = sampleMs;
      this.#rttVariationMs = sampleMs / 2;
      return;
    }
    this.#rttVariationMs += (Math.abs(this.rttMs - sampleMs) - this.#rttVariationMs) / 4;
    this.rttMs += (sampleMs - this.rttMs) / 8;
  }
}
