// The program of a simulated hub: it talks to rooms, moves people between them, removes some of them,
// and listens. What it asks of the hub it tells the witness.

import type { Random } from "@tidewire/session-protocol/testing";
import type { Peer } from "../../src/index.js";
import type { Planter } from "./planted-faults.js";
import type { SessionRecord } from "./session-record.js";
import type { Site } from "./site.js";
import type { Weather } from "./weather.js";
import type { Witness } from "./witness.js";

const rooms = ["red", "green", "blue"];
/** More than a log holds. */
const burst = 50;

/** Characters of a text: few mostly, at times a tenth of a log. */
export function sizeOf(random: Random): number {
  return random.below(random.chance(0.05) ? 900 : 60);
}

export class Program {
  readonly #weather: Weather;
  readonly #random: Random;
  readonly #witness: Witness;
  readonly #planter: Planter | undefined;

  constructor(weather: Weather, witness: Witness, planter: Planter | undefined) {
    this.#weather = weather;
    this.#random = weather.random;
    this.#witness = witness;
    this.#planter = planter;
  }

  /** A hub began. */
  listen(site: Site): void {
    const { hub } = site;
    const witness = this.#witness;
    hub.on("connect", (peer) => {
      witness.began(peer.id, peer.user ?? "", site);
      this.#planter?.spoil(site, peer.id);
      this.#join(peer, witness.sessions.get(peer.id)!);
    });
    hub.on("disconnect", ({ id }, { code }) => witness.ended(id, code));
    hub.onLink(({ id }, isLinked) => witness.linked(id, isLinked));
    hub.on("up", async (peer, data) => {
      if (this.#random.chance(0.3)) await Promise.resolve();
      witness.upApplied(peer.id, peer.user ?? "", (data as { number: number }).number);
      // The answer to a POST may bring it home.
      if (this.#random.chance(0.3)) this.#say(site, this.#random.below(60));
      // The next one waits for its turn meanwhile.
      if (this.#random.chance(0.05)) await site.sleep(this.#random.below(200));
    });
  }

  /** Something that the program does of itself, perhaps with the peer of this session. */
  act(site: Site, id: string | undefined): void {
    const dice = this.#random.next();
    const peer = site.hub.peer(id ?? "");
    const record = this.#witness.sessions.get(id ?? "");
    if (dice < 0.83) this.#say(site, sizeOf(this.#random));
    else if (dice < 0.85) site.hub.all.volatile.emit("noise");
    else if (dice < 0.87)
      for (let i = 0; i < burst; i += 1) this.#say(site, this.#random.below(300));
    else if (peer === undefined || record === undefined || record.ended !== undefined) return;
    else if (dice < 0.94) this.#join(peer, record);
    else if (dice < 0.99) this.#leave(peer, record);
    else this.#kick(peer, record);
  }

  #say(site: Site, length: number): void {
    const room = this.#random.pick(rooms);
    const text = "d".repeat(length);
    const event = { type: "event", name: "said", data: { room, n: 0, text } };
    // The number's digits are not yet known; the bytes are for an upper bound.
    const bytes = JSON.stringify(event).length + 10;
    const n = this.#witness.said(site, room, bytes);
    site.hub.to(room).emit("said", { room, n, text });
  }

  #join(peer: Peer, record: SessionRecord): void {
    const room = this.#random.pick(rooms);
    peer.join(room);
    record.rooms.add(room);
  }

  #leave(peer: Peer, record: SessionRecord): void {
    const room = this.#random.pick(rooms);
    peer.leave(room);
    record.rooms.delete(room);
  }

  #kick(peer: Peer, record: SessionRecord): void {
    this.#weather.met("kick");
    record.isKicked = true;
    peer.disconnect();
  }
}
