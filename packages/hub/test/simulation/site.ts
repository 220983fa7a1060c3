// One hub in one process, with its real HTTP transports and WebSocket links. The process stands still
// at times, its clock leaps, and at the end it drains.

import type { FetchHandler, Hub } from "../../src/index.js";
import { MemoryBackplane } from "../../src/index.js";
import type { PeerSession } from "../../src/peers/peer-session.js";
import type { Platform } from "../../src/platform.js";
import type { SessionTable } from "../../src/sessions/session-table.js";
import { createFetchHandler } from "../../src/transports/fetch-handler.js";
import { setup } from "../support/setup.js";
import type { VirtualWorld } from "../support/world.js";
import { Doorkeeper } from "./doorkeeper.js";
import type { Weather } from "./weather.js";

/** Small ones, so that every bound is met often. */
export const limits = {
  messageBytes: 4_096,
  logEntries: 32,
  logBytes: 8_192,
  sessionMs: 10_000,
  heartbeatMs: 5_000,
  ackEntries: 8,
  ackMs: 300,
  pollMs: 5_000,
  inboxEntries: 256,
};

/** Who asks too often is another test's subject. */
const rates = {
  hellosBurst: 1_000_000_000,
  hellosPerSecond: 1_000_000_000,
  wrongSecretsBurst: 1_000_000_000,
  wrongSecretsPerSecond: 1_000_000_000,
  eventsPerSecond: 1_000_000_000,
  eventsBurst: 1_000_000_000,
  tokensPerSecond: 1_000_000_000,
  tokensBurst: 1_000_000_000,
};

export const origin = "https://example.org";
export const base = `${origin}/tidewire`;

export class Site {
  readonly hub: Hub;
  readonly handler: FetchHandler;
  readonly door: Doorkeeper;
  /** What the hub and its transports reported as failed; it must stay empty. */
  readonly errors: unknown[];
  /** Whether it was told to go. */
  isLeaving = false;
  /** Whether it is gone. */
  isGone = false;
  readonly #weather: Weather;
  readonly #waiting: (() => void)[] = [];
  #awakeAt = 0;
  /** All of its pauses, with what is left of the present one. */
  #sleptMs = 0;
  #leaptMs = 0;

  constructor(world: VirtualWorld, weather: Weather) {
    this.#weather = weather;
    this.door = new Doorkeeper(weather, this);
    const platform = this.#platform(world);
    const { hub, errors } = setup(
      {
        limits: { ...limits, ...rates },
        platform,
        backplane: new MemoryBackplane({ platform }),
        authenticate: (handshake) => this.door.judge(handshake),
      },
      world,
    );
    this.hub = hub;
    this.errors = errors;
    this.handler = createFetchHandler(hub, {
      failed: (error) => errors.push(error),
      limits: {
        requestsBurst: 1_000_000_000,
        requestsPerSecond: 1_000_000_000,
        linkBytes: 4_096,
        pollBytes: 2_048,
        pollPackets: 16,
        lingerMs: 2_000,
        bodyMs: 5_000,
      },
    });
  }

  now(): number {
    return this.#weather.timeline.now + this.#leaptMs;
  }

  /** Virtual time without the pauses. */
  get awakeMs(): number {
    const { now } = this.#weather.timeline;
    return now - (this.#sleptMs - Math.max(0, this.#awakeAt - now));
  }

  get table(): SessionTable {
    return this.hub.admission as SessionTable;
  }

  core(id: string | undefined): PeerSession | undefined {
    return this.table.get(id ?? "");
  }

  /** Runs it in the process: now, or when the process wakes up. */
  awake(run: () => void): void {
    const isAwake = this.#weather.timeline.now >= this.#awakeAt && this.#waiting.length === 0;
    if (isAwake) run();
    else this.#waiting.push(run);
  }

  /** As long as it takes in the process. */
  sleep(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#weather.timeline.plan(ms, () => this.awake(resolve));
    });
  }

  /** The process stands still: timers, requests and messages wait. */
  pause(ms: number): void {
    const { timeline } = this.#weather;
    const until = timeline.now + ms;
    const from = Math.max(timeline.now, this.#awakeAt);
    if (until <= from) return;
    this.#sleptMs += until - from;
    this.#awakeAt = until;
    timeline.plan(ms, () => {
      if (timeline.now < this.#awakeAt) return;
      for (const run of this.#waiting.splice(0)) run();
    });
  }

  leapClock(ms: number): void {
    this.#leaptMs += ms;
  }

  /** Drains, and closes when all links were let go. */
  async leave(overMs: number): Promise<void> {
    this.isLeaving = true;
    await this.hub.drain({ overMs, retryMs: [50, 1_500] });
    this.handler.close();
    await this.hub.close();
    this.isGone = true;
  }

  #platform({ platform, random }: VirtualWorld): Platform {
    return {
      ...platform,
      random: () => random.next(),
      now: () => this.now(),
      after: (ms, run) => {
        let isOn = true;
        const stop = platform.after(ms, () => this.awake(() => isOn && run()));
        return () => {
          isOn = false;
          stop();
        };
      },
    };
  }
}
