// Faults planted in a hub, each at the place where a bug of ours could be: the checker must find all of
// them. They change what the hub does, never what the checker knows.

import type { Entry, LinkPort, Welcome } from "@tidewire/session-protocol";
import { Entry as NewEntry } from "@tidewire/session-protocol";
import type { Hub } from "../../src/index.js";
import type { PeerSession } from "../../src/peers/peer-session.js";
import type { SessionTable } from "../../src/sessions/session-table.js";

export const plants = [
  /** A member of the room is left out of a broadcast. */
  "lose",
  /** A member is delivered a broadcast twice. */
  "repeat",
  /** Two broadcasts reach a member in the wrong order. */
  "swap",
  /** Somebody outside the room hears a broadcast. */
  "leak",
  /** A resume that lost entries is answered `resumed`. */
  "deny-gap",
  /** A gap is answered, but of fewer entries than were lost. */
  "belittle-gap",
  /** An event of a client never reaches its handler. */
  "lose-up",
  /** An event of a client reaches its handler twice. */
  "repeat-up",
  /** A session that is over stays in the table. */
  "keep-session",
] as const;

export type Plant = (typeof plants)[number];

/** Plants a fault in every session of the hub. It strikes when `strikes` says so. */
export class Planter {
  readonly #plant: Plant;
  readonly #table: SessionTable;
  readonly #strikes: () => boolean;

  constructor(hub: Hub, plant: Plant, strikes: () => boolean) {
    this.#plant = plant;
    this.#table = hub.admission as SessionTable;
    this.#strikes = strikes;
    if (plant === "keep-session") this.#keepSessions();
  }

  /** A session began. */
  spoil(id: string): void {
    const core = this.#table.get(id);
    if (core === undefined) return;
    const plant = this.#plant;
    if (plant === "deny-gap" || plant === "belittle-gap") this.#spoilWelcomes(core);
    else if (plant === "lose-up" || plant === "repeat-up") this.#spoilEvents(core);
    else if (plant !== "keep-session") this.#spoilDelivery(core);
  }

  #spoilDelivery(core: PeerSession): void {
    const deliver = core.deliver.bind(core);
    let held: Entry | undefined;
    core.deliver = (entry, now) => {
      const isStruck = this.#strikes();
      if (isStruck && this.#plant === "lose") return;
      if (isStruck && this.#plant === "repeat") deliver(entry, now);
      if (isStruck && this.#plant === "leak") this.#outsider(core)?.deliver(entry, now);
      if (isStruck && this.#plant === "swap" && held === undefined) {
        held = entry;
        return;
      }
      deliver(entry, now);
      if (held !== undefined) deliver(held, now);
      held = undefined;
    };
  }

  /** Somebody who shares no room with a member. */
  #outsider(member: PeerSession): PeerSession | undefined {
    for (const core of this.#table.all()) {
      if ([...member.rooms].every((room) => !core.rooms.has(room))) return core;
    }
    return undefined;
  }

  #spoilWelcomes(core: PeerSession): void {
    const accept = core.session.accept.bind(core.session);
    Object.assign(core.session, {
      accept: (...given: Parameters<typeof accept>) => {
        const [port, hello] = given;
        const write = port.write.bind(port);
        port.write = (entry, count) => {
          const packet = entry.type === "welcome" ? (entry.packet() as Welcome) : undefined;
          if (packet?.answer !== "gap" || !this.#strikes()) return write(entry, count);
          return write(this.#untrue(packet, hello.received ?? 0, port), count);
        };
        return accept(...given);
      },
    });
  }

  #untrue(welcome: Welcome, received: number, { codec }: LinkPort): Entry {
    const { reason, ...rest } = welcome;
    if (this.#plant === "deny-gap") {
      return new NewEntry({ ...rest, answer: "resumed", position: received }, codec);
    }
    return new NewEntry({ ...welcome, position: received + 1 }, codec);
  }

  #spoilEvents(core: PeerSession): void {
    const packet = core.packet.bind(core);
    core.packet = (given) => {
      const isStruck = given.type === "event" && this.#strikes();
      if (isStruck && this.#plant === "lose-up") return;
      if (isStruck) packet(given);
      packet(given);
    };
  }

  #keepSessions(): void {
    const ended = this.#table.ended.bind(this.#table);
    this.#table.ended = (core, end) => {
      if (!this.#strikes()) ended(core, end);
    };
  }
}
