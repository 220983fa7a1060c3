// A hub with many clients in bad weather, on a virtual clock: the same seed is the same run.
//
// The clients are sessions of the engine on simulated links of every transport; the hub is the real one
// behind its real HTTP handler and socket links. What must hold, the witness knows:
// - every reliable broadcast reaches each member of its room once and in order, unless an answer told
//   of a gap or of a fresh session, and that answer was true;
// - every event of a client reaches the hub's handler once and in order in its session;
// - links that were replaced, refused or expired say no more;
// - what is retained stays within its budget, and in calm nothing is left of what is over.

import { VirtualWorld } from "../support/world.js";
import { Person } from "./person.js";
import { type Plant, Planter } from "./planted-faults.js";
import { Program, sizeOf } from "./program.js";
import { limits, Site } from "./site.js";
import { type Hazard, Weather } from "./weather.js";
import { type Breach, Witness } from "./witness.js";

export interface HubSimulationOptions {
  readonly seed: number;
  readonly steps: number;
  /** Default 12. */
  readonly clients?: number;
  /** A fault that is planted, to prove that the witness finds it. */
  readonly plant?: Plant;
}

/** A promise of the hub was broken. As many steps from the same seed break it again. */
export class HubSimulationError extends Error {
  readonly seed: number;
  readonly steps: number;
  /** Which promise; undefined when the simulation itself failed. */
  readonly breach: Breach | undefined;

  constructor(seed: number, steps: number, what: string, breach?: Breach, cause?: unknown) {
    const replay = `npm run simulate -- --hub --seed ${seed} --steps ${steps}`;
    const told = breach === undefined ? what : `${breach}: ${what}`;
    super(`seed ${seed}, step ${steps}: ${told}\nReplay: ${replay}`, { cause });
    this.name = "HubSimulationError";
    this.seed = seed;
    this.steps = steps;
    this.breach = breach;
  }
}

export interface HubSimulationCounts {
  readonly witness: Witness["counts"];
  readonly weather: Readonly<Record<Hazard, number>>;
  /** From which transport to which other a session moved while it was live. */
  readonly moves: readonly string[];
  readonly virtualMs: number;
  /** Of all that happened, in order. */
  readonly digest: number;
}

const stepsBetweenCalms = 4_096;
const stepsBetweenLooks = 8;
const calmMsMax = 300_000;
/** A link may outlive its token by the hub's look at it (`wheelHorizonMs`) and its answer to a renewal. */
const overdueMsMax = 6_000;

/** @throws {HubSimulationError} when a promise is broken. */
export async function simulateHub(options: HubSimulationOptions): Promise<HubSimulationCounts> {
  return await new HubSimulation(options).run();
}

class HubSimulation {
  readonly #options: HubSimulationOptions;
  readonly #world: VirtualWorld;
  readonly #weather: Weather;
  readonly #witness: Witness;
  readonly #planter: Planter | undefined;
  readonly #program: Program;
  readonly #people: Person[] = [];
  /** The newest is the last; others are draining. */
  #sites: Site[] = [];
  #peopleBorn = 0;
  #step = 0;

  constructor(options: HubSimulationOptions) {
    const { plant, seed } = options;
    this.#options = options;
    this.#world = new VirtualWorld(seed);
    this.#weather = new Weather(this.#world.timeline, this.#world.random);
    this.#witness = new Witness(this.#weather);
    this.#planter = plant === undefined ? undefined : new Planter(plant, seed);
    this.#program = new Program(this.#weather, this.#witness, this.#planter);
  }

  async run(): Promise<HubSimulationCounts> {
    const { steps, clients = 12 } = this.#options;
    this.#openSite();
    for (let i = 0; i < clients; i += 1) this.#people.push(this.#newPerson());
    try {
      while (this.#step < steps && this.#witness.found === undefined) {
        this.#step += 1;
        if (this.#step % stepsBetweenCalms === 0) await this.#calm();
        else await this.#go();
      }
      if (this.#witness.found === undefined) await this.#calm();
    } catch (error) {
      this.#fail(error instanceof Error ? error.message : String(error), undefined, error);
    }
    const { found, counts, digest } = this.#witness;
    if (found !== undefined) this.#fail(found.what, found.breach);
    const { counts: weather, moves, timeline } = this.#weather;
    return { witness: counts, weather, moves: [...moves].sort(), virtualMs: timeline.now, digest };
  }

  #fail(what: string, breach: Breach | undefined, cause?: unknown): never {
    throw new HubSimulationError(this.#options.seed, this.#step, what, breach, cause);
  }

  async #go(): Promise<void> {
    const { random, timeline } = this.#world;
    if (random.chance(0.3)) this.#act();
    else this.#pass();
    await drained();
    this.#witness.note(this.#step, timeline.size);
    if (this.#step % stepsBetweenLooks === 0) this.#look();
  }

  /** All that happens next at the same time. */
  #pass(): void {
    const { timeline } = this.#world;
    const at = timeline.nextAt;
    while (timeline.nextAt <= at) timeline.step();
  }

  // ── What people and programs do ──────────────────────────────────────────────────────────────

  #act(): void {
    const { random } = this.#world;
    const dice = random.next();
    const person = random.pick(this.#people);
    const site = random.pick(this.#sites);
    if (dice < 0.41) site.awake(() => this.#program.act(site, person.session.id));
    else if (dice < 0.8) person.say(sizeOf(random));
    else if (dice < 0.89) person.hurt();
    else if (dice < 0.94) person.connect();
    else if (dice < 0.97) person.haunt();
    else this.#disaster(person, site);
  }

  #disaster(person: Person, site: Site): void {
    const { random } = this.#world;
    const dice = random.next();
    if (dice < 0.35) person.goOffline(random.below(random.chance(0.3) ? 25_000 : 6_000));
    else if (dice < 0.55) {
      this.#weather.met("hubPause");
      site.pause(random.below(random.chance(0.2) ? 30_000 : 2_000));
    } else if (dice < 0.8) {
      this.#weather.met("clientClock");
      const ms = random.chance(0.2) ? random.below(86_400_000) : random.below(30_000);
      person.jumpClock(random.chance(0.5) ? ms : -ms);
    } else if (dice < 0.94) {
      this.#weather.met("hubClock");
      site.leapClock(random.below(random.chance(0.2) ? 86_400_000 : 30_000));
    } else this.#drain();
  }

  // ── Hubs and people come and go ──────────────────────────────────────────────────────────────

  #openSite(): void {
    const site = new Site(this.#world, this.#weather);
    this.#program.listen(site);
    this.#planter?.spoilHub(site);
    this.#sites.push(site);
  }

  /** The newest hub goes, link by link, and another takes its place for whoever comes anew. */
  #drain(): void {
    const site = this.#sites.at(-1)!;
    if (this.#sites.length > 1) return;
    this.#weather.met("drain");
    this.#openSite();
    site
      .leave(500 + this.#world.random.below(4_000))
      .catch((error: unknown) => site.errors.push(error));
  }

  #newPerson(): Person {
    this.#peopleBorn += 1;
    const self = this;
    const around = {
      weather: this.#weather,
      witness: this.#witness,
      get site() {
        return self.#sites.at(-1)!;
      },
    };
    const person = new Person(around, this.#peopleBorn);
    person.connect();
    return person;
  }

  // ── What is looked at ────────────────────────────────────────────────────────────────────────

  #look(): void {
    const witness = this.#witness;
    for (const site of this.#sites) {
      if (site.errors.length > 0) witness.violated("hub-error", String(site.errors[0]));
      for (const { session, link } of site.door.refused.splice(0)) {
        if (site.core(session)?.session.live?.number === link) {
          witness.violated("refused-link", "a link lives on after its token was refused");
        }
      }
    }
    for (const record of witness.sessions.values()) this.#lookAt(record.id);
    this.#sites = this.#sites.filter(({ isGone }) => !isGone);
    for (const [index, { session }] of this.#people.entries()) {
      if (session.ended) this.#people[index] = this.#newPerson();
    }
  }

  #lookAt(id: string): void {
    const record = this.#witness.sessions.get(id)!;
    const { site, user, ended } = record;
    const core = site.core(id);
    if (core === undefined) return;
    if (ended !== undefined) {
      this.#witness.violated("left-over", `the hub still has a session of ${user} that is over`);
    }
    const { entries, bytes } = core.session.retained;
    if (entries > limits.logEntries || bytes > limits.logBytes) {
      this.#witness.violated("memory", `the hub retains ${entries} entries, ${bytes} bytes`);
    }
    const isOverdue = core.session.live !== undefined && site.now() > site.door.goodUntil(user);
    record.overdueSince = isOverdue ? (record.overdueSince ?? site.awakeMs) : undefined;
    if (isOverdue && site.awakeMs - record.overdueSince! > overdueMsMax) {
      this.#witness.violated("expired-link", `a link of ${user} outlives its token`);
    }
  }

  /** The weather clears: everybody links, what is owed arrives, and all memory is free again. */
  async #calm(): Promise<void> {
    this.#weather.isCalm = true;
    const until = this.#world.timeline.now + calmMsMax;
    for (let turn = 0; !(turn % 16 === 0 && this.#isSettled()); turn += 1) {
      this.#pass();
      await drained();
      this.#look();
      for (const person of this.#people) {
        const { live, pending } = person.session;
        if (live === undefined && pending === undefined) person.planConnect();
      }
      if (this.#world.timeline.now > until) this.#blame();
      if (this.#witness.found !== undefined) return;
    }
    for (const { name, session } of this.#people) this.#witness.settled(name, session.sent);
    this.#witness.forget(new Map(this.#people.map(({ name, nextNumber }) => [name, nextNumber])));
    this.#weather.isCalm = false;
  }

  #isSettled(): boolean {
    const [site, leaving] = this.#sites;
    const { length } = this.#people;
    if (site === undefined || leaving !== undefined) return false;
    const { sessions, retainedEntries, inboxEntries } = site.hub.stats();
    const { carriers, gate } = site.handler;
    return (
      sessions === length &&
      retainedEntries === 0 &&
      inboxEntries === 0 &&
      carriers.size === length &&
      gate.places.waiting === 0 &&
      this.#people.every(({ session }) => {
        const theirs = site.core(session.id)?.session;
        return (
          session.pending === undefined &&
          session.live?.number === theirs?.live?.number &&
          session.live !== undefined &&
          session.retained.entries === 0
        );
      })
    );
  }

  /** It does not settle: says what is in the way. */
  #blame(): void {
    const witness = this.#witness;
    const site = this.#sites[0]!;
    const { sessions, linked, retainedEntries } = site.hub.stats();
    const { carriers, gate } = site.handler;
    const { length } = this.#people;
    for (const { name, session } of this.#people) witness.settled(name, session.sent);
    const state = `${sessions} sessions, ${linked} linked, ${retainedEntries} entries, ${carriers.size} carriers, ${gate.places.waiting} waiting, ${this.#sites.length} hubs`;
    const isLeft = sessions > length || carriers.size > linked || gate.places.waiting > 0;
    witness.violated(isLeft ? "left-over" : "stuck", `${state} for ${length} people in calm`);
  }
}

/** All promises have gone on that can: nothing here waits for anything but virtual time. */
function drained(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
