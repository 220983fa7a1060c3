// A hub with many clients in bad weather, on a virtual clock: the same seed is the same run.
//
// What is checked, at every event and at the end, when the weather is calm:
// - every reliable broadcast reaches each member of its room exactly once and in order, or a welcome
//   told that client of a gap or of a fresh session in between, and a gap names how many are lost;
// - every reliable event of a client reaches the hub's handler once and in order in its session;
// - nobody hears what was not said to one of its rooms;
// - what the hub retains stays within its budget, and nothing is left of sessions that are over.

import type { Hub, Peer } from "../../src/index.js";
import { FakeClient } from "../support/fake-client.js";
import { setup } from "../support/setup.js";
import { VirtualWorld } from "../support/world.js";
import { type Plant, Planter } from "./planted-faults.js";

export interface HubSimulationOptions {
  readonly seed: number;
  readonly steps: number;
  readonly clients: number;
  /** A fault that is planted, to prove that the checker finds it. */
  readonly plant?: Plant;
}

/** A promise of the hub was broken. As many steps from the same seed break it again. */
export class HubSimulationError extends Error {
  readonly seed: number;
  readonly steps: number;

  constructor(seed: number, steps: number, what: string, cause?: unknown) {
    const replay = `npm run simulate -- --hub --seed ${seed} --steps ${steps}`;
    super(`seed ${seed}, step ${steps}: ${what}\nReplay: ${replay}`, { cause });
    this.name = "HubSimulationError";
    this.seed = seed;
    this.steps = steps;
  }
}

export interface HubSimulationCounts {
  said: number;
  heard: number;
  up: number;
  cuts: number;
  resumed: number;
  gaps: number;
  fresh: number;
}

interface Said {
  readonly room: string;
  /** Number of this event in its room. */
  readonly n: number;
}

const rooms = ["red", "green", "blue"];
const logEntries = 32;
const stepsBetweenCalms = 4_096;

/** One client and what it must hear. */
class Person {
  readonly client: FakeClient;
  session: string | undefined;
  upSent = 0;
  upGot = 0;
  /** How many of its welcomes were looked at. */
  linksSeen = 0;

  constructor(client: FakeClient) {
    this.client = client;
  }
}

export async function simulateHub(options: HubSimulationOptions): Promise<HubSimulationCounts> {
  return await new HubSimulation(options).run();
}

class HubSimulation {
  readonly #options: HubSimulationOptions;
  readonly #world: VirtualWorld;
  readonly #hub: Hub;
  readonly #errors: unknown[];
  readonly #people: Person[] = [];
  readonly #bySession = new Map<string, Person>();
  readonly #numbers = new Map<string, number>();
  readonly #counts = { said: 0, heard: 0, up: 0, cuts: 0, resumed: 0, gaps: 0, fresh: 0 };
  /** Who is in which room: what was asked of the hub, not what the hub says. */
  readonly #members = new Map<string, Set<string>>();
  readonly #planter: Planter | undefined;
  /** What a handler of the hub found; thrown by the next step. */
  #found: string | undefined;
  #step = 0;

  constructor(options: HubSimulationOptions) {
    this.#options = options;
    this.#world = new VirtualWorld(options.seed);
    const limits = {
      logEntries,
      sessionMs: 10_000,
      hellosBurst: 1_000_000,
      hellosPerSecond: 1_000_000,
      wrongSecretsBurst: 1_000_000,
      eventsPerSecond: 1_000_000,
      eventsBurst: 1_000_000,
    };
    const { hub, errors } = setup({ limits }, this.#world);
    this.#hub = hub;
    this.#errors = errors;
    const { plant, steps } = options;
    if (plant !== undefined) {
      const strikes = (): boolean => this.#step > steps / 2 && this.#world.random.chance(0.05);
      this.#planter = new Planter(hub, plant, strikes);
    }
    hub.on("connect", (peer) => {
      this.#planter?.spoil(peer.id);
      this.#members.set(peer.id, new Set());
      this.#join(peer, this.#world.random.pick(rooms));
    });
    hub.on("disconnect", ({ id }) => {
      this.#members.delete(id);
    });
    hub.on("up", async (peer, data) => {
      if (this.#world.random.chance(0.3)) await Promise.resolve();
      this.#gotUp(peer, data as { session: string; n: number });
    });
  }

  async run(): Promise<HubSimulationCounts> {
    const { random } = this.#world;
    for (let i = 0; i < this.#options.clients; i += 1) this.#people.push(this.#person());
    try {
      while (this.#step < this.#options.steps) {
        this.#step += 1;
        this.#act();
        if (random.chance(0.2)) await this.#pass(random.below(400));
        if (random.chance(0.0005)) await this.#pass(random.below(20_000));
        if (this.#step % stepsBetweenCalms === 0) await this.#calm();
      }
      await this.#calm();
    } catch (error) {
      const what = error instanceof Error ? error.message : String(error);
      throw new HubSimulationError(this.#options.seed, this.#step, what, error);
    }
    return this.#counts;
  }

  #join(peer: Peer, room: string): void {
    peer.join(room);
    this.#members.get(peer.id)?.add(room);
  }

  #leave(peer: Peer, room: string): void {
    peer.leave(room);
    this.#members.get(peer.id)?.delete(room);
  }

  #act(): void {
    const { random } = this.#world;
    const dice = random.next();
    const person = random.pick(this.#people);
    const peer = this.#peerOf(person);
    if (dice < 0.35) this.#say(random.pick(rooms));
    else if (dice < 0.55) this.#sayUp(person);
    else if (dice < 0.65 && peer !== undefined) {
      const room = random.pick(rooms);
      if (random.chance(0.5)) this.#join(peer, room);
      else this.#leave(peer, room);
    } else if (dice < 0.75) this.#cut(person);
    else if (dice < 0.8) this.#stall(person);
    else if (dice < 0.81) this.#hub.all.volatile.emit("noise");
    else if (dice < 0.812 && peer !== undefined) peer.disconnect();
    else if (dice < 0.95) this.#link(person);
  }

  #person(): Person {
    const { random } = this.#world;
    const client = new FakeClient(this.#world, this.#hub, { latencyMs: 1 + random.below(60) });
    const person = new Person(client);
    client.onEvent = (event) => {
      if (event.name === "said") this.#heard(person, event.data as Said);
    };
    return person;
  }

  #say(room: string): void {
    const n = this.#numbers.get(room) ?? 0;
    this.#numbers.set(room, n + 1);
    this.#counts.said += 1;
    const said: Said = { room, n };
    for (const [id, joined] of this.#members) if (joined.has(room)) this.#owe(id, said);
    this.#hub.to(room).emit("said", said);
  }

  /** Events for a session whose welcome its client has not seen yet are owed to the session. */
  readonly #owedTo = new Map<string, Said[]>();

  #owe(session: string, said: Said): void {
    const owed = this.#owedTo.get(session);
    if (owed === undefined) this.#owedTo.set(session, [said]);
    else owed.push(said);
  }

  #heard(person: Person, said: Said): void {
    this.#counts.heard += 1;
    const session = person.client.session.id ?? "";
    const owed = this.#owedTo.get(session) ?? [];
    this.#skipLost(person);
    const next = owed.shift();
    if (next?.room !== said.room || next.n !== said.n) {
      this.#fail(`heard ${said.room} ${said.n}, owed ${next?.room} ${next?.n}`);
    }
  }

  /** What a welcome admitted to be lost is owed no more, exactly that many. */
  #skipLost(person: Person): void {
    const { links } = person.client;
    for (const { answer, lost, welcome } of links.slice(person.linksSeen)) {
      const owed = this.#owedTo.get(welcome?.session ?? "") ?? [];
      if (answer === "gap") owed.splice(0, lost);
      if (answer === "gap") this.#counts.gaps += 1;
      if (answer === "resumed") this.#counts.resumed += 1;
      if (answer === "fresh") this.#counts.fresh += 1;
    }
    person.linksSeen = links.length;
  }

  #sayUp(person: Person): void {
    const { session } = person.client;
    if (session.id === undefined || session.live === undefined || session.ended) return;
    if (person.session !== session.id) {
      person.session = session.id;
      person.upSent = 0;
      person.upGot = 0;
      this.#bySession.set(session.id, person);
    }
    person.client.emit("up", { session: session.id, n: person.upSent });
    person.upSent += 1;
  }

  #gotUp(peer: Peer, { session, n }: { session: string; n: number }): void {
    const person = this.#bySession.get(session);
    // Entries that were never written may be sent again in a later session; ours are not.
    if (person === undefined || person.session !== session || peer.id !== session) return;
    if (n !== person.upGot)
      this.#fail(`the hub got up ${n} of ${session}, expected ${person.upGot}`);
    person.upGot += 1;
    this.#counts.up += 1;
  }

  #cut(person: Person): void {
    if (person.client.session.live === undefined) return;
    this.#counts.cuts += 1;
    const { carrier } = person.client;
    if (this.#world.random.chance(0.3)) {
      // Half open: only the client notices.
      carrier.vanish();
      carrier.link?.lost(this.#world.timeline.now);
    } else carrier.cut();
  }

  #stall(person: Person): void {
    if (person.client.session.live === undefined) return;
    const { carrier } = person.client;
    carrier.stall();
    this.#world.timeline.plan(this.#world.random.below(3_000), () => carrier.resume());
  }

  #link(person: Person): void {
    if (person.client.session.ended || person.client.over !== undefined) this.#replace(person);
    else person.client.connect();
  }

  /** The hub removed it for good: somebody else comes. */
  #replace(person: Person): void {
    const index = this.#people.indexOf(person);
    this.#people[index] = this.#person();
    this.#people[index]?.client.connect();
  }

  #peerOf(person: Person): Peer | undefined {
    return this.#hub.peer(person.client.session.id ?? "");
  }

  async #pass(ms: number): Promise<void> {
    await this.#world.pass(ms);
    for (const { client } of this.#people) {
      client.session.tick(this.#world.timeline.now);
      client.events.length = 0;
    }
    if (this.#found !== undefined) this.#fail(this.#found);
    if (this.#errors.length > 0) this.#fail(`an error of the hub: ${String(this.#errors[0])}`);
    for (const peer of this.#hub.peers()) {
      if (peer.retained.entries > logEntries)
        this.#fail(`${peer.retained.entries} entries retained`);
    }
  }

  /** Everybody links, and everything that is owed must arrive. */
  async #calm(): Promise<void> {
    // A half-open link is noticed after heartbeat and patience, and its session lives on for a while.
    for (let turn = 0; turn < 20 || (turn < 100 && !this.#isSettled()); turn += 1) {
      for (const person of [...this.#people]) {
        if (person.client.over !== undefined) this.#replace(person);
        else if (person.client.session.live === undefined) person.client.connect();
      }
      await this.#pass(1_500);
    }
    for (const person of this.#people) {
      const { session } = person.client;
      const owed = this.#owedTo.get(session.id ?? "") ?? [];
      this.#skipLost(person);
      if (owed.length > 0)
        this.#fail(`${owed.length} events never arrived, the first ${JSON.stringify(owed[0])}`);
      if (person.session === session.id && person.upGot !== person.upSent) {
        this.#fail(`the hub got ${person.upGot} of ${person.upSent} events`);
      }
    }
    const living = new Set([...this.#hub.peers()].map(({ id }) => id));
    for (const id of this.#owedTo.keys()) if (!living.has(id)) this.#owedTo.delete(id);
    for (const id of this.#bySession.keys()) if (!living.has(id)) this.#bySession.delete(id);
    const stats = this.#hub.stats();
    if (stats.sessions !== this.#people.length) this.#fail(`${stats.sessions} sessions are left`);
    if (stats.retainedEntries !== 0)
      this.#fail(`${stats.retainedEntries} entries are retained in calm`);
  }

  #isSettled(): boolean {
    const { sessions, retainedEntries } = this.#hub.stats();
    return sessions === this.#people.length && retainedEntries === 0;
  }

  #fail(what: string): never {
    // Where it is thrown somebody may catch it: a handler's errors go to the hub.
    this.#found ??= what;
    throw new Error(what);
  }
}
