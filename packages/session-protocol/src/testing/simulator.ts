// The seeded simulator: a client and a server session, every transport, and bad weather, in virtual
// time. One number, the seed, decides everything; a failure names it.

import type { Codec } from "../codec.js";
import { jsonCodec } from "../json-codec.js";
import { defaultLimits, type Limits } from "../limits.js";
import type { World } from "./carrier.js";
import { Checker, Violation } from "./checker.js";
import { Random } from "./random.js";
import { SimulatedClient } from "./simulated-client.js";
import { type Seam, SimulatedServer } from "./simulated-server.js";
import { Timeline } from "./timeline.js";

export interface SimulatorOptions {
  readonly seed: number;
  /** Codecs that sockets may use besides JSON. */
  readonly codecs?: readonly Codec[];
  /** Planted bugs. */
  readonly seam?: Seam;
  /** Default: `simulatedLimits`, small ones, so that every bound is met often. */
  readonly limits?: Limits;
}

/** What a run did, to see that it met what it should. */
export type SimulationCounts = Checker["counts"] & { steps: number; virtualMs: number };

/** Thrown when a promise was broken. The same seed breaks it again at the same step. */
export class SimulationError extends Error {
  readonly seed: number;
  readonly step: number;

  constructor(seed: number, step: number, cause: Error) {
    super(`seed ${seed}, step ${step}: ${cause.message}`, { cause });
    this.name = "SimulationError";
    this.seed = seed;
    this.step = step;
  }
}

export const simulatedLimits: Limits = {
  ...defaultLimits,
  logBytes: 8192,
  logEntries: 64,
  sessionMs: 20_000,
  heartbeatMs: 5_000,
  ackEntries: 8,
  ackMs: 300,
  pollMs: 5_000,
  batchPackets: 64,
};

const stepsBetweenCalms = 4000;
const calmMsMax = 200_000;

export class Simulator {
  readonly #seed: number;
  readonly #world: World;
  readonly #client: SimulatedClient;
  #steps = 0;

  constructor(options: SimulatorOptions) {
    this.#seed = options.seed;
    const limits = options.limits ?? simulatedLimits;
    const timeline = new Timeline();
    const random = new Random(options.seed);
    const checker = new Checker();
    const seam = options.seam ?? {};
    this.#world = {
      timeline,
      random,
      checker,
      seam,
      server: new SimulatedServer(timeline, random, checker, limits, seam),
      codecs: [jsonCodec, ...(options.codecs ?? [])],
      isCalm: false,
    };
    this.#client = new SimulatedClient(this.#world, limits);
  }

  /** @throws {SimulationError} when a promise is broken. */
  run(steps: number): SimulationCounts {
    try {
      for (let left = steps; left > 0; left -= 1) {
        this.#steps += 1;
        if (this.#steps % stepsBetweenCalms === 0) this.#calm();
        else this.#step();
      }
      this.#calm();
    } catch (error) {
      throw new SimulationError(this.#seed, this.#steps, error as Error);
    }
    const { checker, timeline } = this.#world;
    return { ...checker.counts, steps: this.#steps, virtualMs: timeline.now };
  }

  #step(): void {
    const { timeline, random } = this.#world;
    if (random.chance(0.25) || timeline.size === 0) this.#act();
    else timeline.step();
    if (timeline.size > 10_000) throw new Violation("the simulation's own queue grows");
  }

  #act(): void {
    const { random, server, checker } = this.#world;
    const client = this.#client;
    const dice = random.next();
    const size = random.chance(0.05) ? random.below(900) : random.below(60);
    if (dice < 0.4) client.emit(size, random.chance(0.1));
    else if (dice < 0.85) server.emit(size, random.chance(0.1));
    else if (dice < 0.93) client.session.ping(client.now());
    else if (dice < 0.96) client.hurt();
    else if (dice < 0.985) {
      checker.counts.moved += 1;
      client.connect();
    } else this.#disaster();
    client.settle();
  }

  #disaster(): void {
    const { random, server, timeline } = this.#world;
    const client = this.#client;
    const dice = random.next();
    if (dice < 0.3) client.goOffline(random.below(random.chance(0.3) ? 40_000 : 8_000));
    else if (dice < 0.45) server.pause(random.below(random.chance(0.2) ? 60_000 : 2_000));
    else if (dice < 0.6) client.jumpClock(jump(random));
    else if (dice < 0.75) server.awake(() => server.jumpClock(jump(random)));
    else if (dice < 0.85) server.awake(() => server.expireToken());
    else if (dice < 0.92) server.awake(() => server.drain());
    else if (dice < 0.97) for (let i = 0; i < 80; i += 1) server.emit(200, false);
    else if (timeline.now > 0) server.awake(() => server.restart());
  }

  /** The weather clears: now everything must arrive, and all memory be free again. */
  #calm(): void {
    const { timeline, server, checker } = this.#world;
    const client = this.#client;
    this.#world.isCalm = true;
    const until = timeline.now + calmMsMax;
    while (!this.#isSettled()) {
      client.settle();
      if (timeline.nextAt > until || !timeline.step()) {
        const { session } = client;
        const theirs = server.sessionOf(session.id);
        throw new Violation(
          `stuck: link ${session.live?.number ?? "none"}, up ${theirs?.received} of ${session.sent}, ` +
            `down ${session.received} of ${theirs?.sent}, ` +
            `retained ${session.retained.entries} and ${theirs?.retained.entries}`,
        );
      }
    }
    checker.settled(server.recordOf(client.session.id), client.session.sent);
    this.#world.isCalm = false;
  }

  #isSettled(): boolean {
    const { session } = this.#client;
    const theirs = this.#world.server.sessionOf(session.id);
    return (
      session.live !== undefined &&
      theirs?.live !== undefined &&
      session.pending === undefined &&
      session.live.number === theirs.live.number &&
      session.retained.entries === 0 &&
      theirs.retained.entries === 0 &&
      theirs.received === session.sent &&
      session.received === theirs.sent
    );
  }
}

function jump(random: Random): number {
  const ms = random.chance(0.2) ? random.below(86_400_000) : random.below(30_000);
  return random.chance(0.5) ? ms : -ms;
}
