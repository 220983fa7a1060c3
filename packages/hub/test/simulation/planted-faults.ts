// Faults planted in a hub, each at the place where a bug of ours could be: the witness must find all
// of them. They change what the hub does, never what the witness knows.

import type {
  Bye,
  Entry,
  Hello,
  Link,
  LinkPort,
  ServerSession,
  Welcome,
} from "@tidewire/session-protocol";
import { Entry as NewEntry } from "@tidewire/session-protocol";
import { Random } from "@tidewire/session-protocol/testing";
import type { PeerSession } from "../../src/peers/peer-session.js";
import { SocketLink } from "../../src/transports/socket-link.js";
import type { Site } from "./site.js";
import type { Breach } from "./witness.js";

/** Each fault, and how the witness calls what comes of it. */
export const plants = {
  /** A member of the room is left out of a broadcast. */
  lose: "skipped",
  /** A member is delivered a broadcast twice. */
  repeat: "repeated",
  /** Two broadcasts reach a member in the wrong order. */
  swap: "skipped",
  /** Somebody outside the room hears a broadcast. */
  leak: "stranger",
  /** A resume that lost entries is answered `resumed`. */
  "deny-gap": "skipped",
  /** A gap is answered, but of fewer entries than were lost. */
  "belittle-gap": "skipped",
  /** An entry is driven out although there is room. */
  "evict-early": "untrue-answer",
  /** The entries under way are forgotten when the session moves to another link. */
  "drop-tail": "skipped",
  /** What the answer to a poll carried counts as received, though the answer was lost. */
  "trust-polls": "skipped",
  /** An event of a client never reaches its handler. */
  "lose-up": "up-skipped",
  /** An event of a client reaches its handler twice. */
  "repeat-up": "up-repeated",
  /** A POST that comes again is applied again. */
  "repeat-post": "up-repeated",
  /** A POST of a link that was replaced is taken. */
  "old-post": "old-link",
  /** A socket that was replaced goes on. */
  "old-socket": "old-link",
  /** A refused renewal leaves the link as it is. */
  "keep-refused": "refused-link",
  /** A token that has run out leaves the link as it is. */
  "keep-expired": "expired-link",
  /** A session ends before its time. */
  "end-early": "early-end",
  /** A session that is over stays in the table. */
  "keep-session": "left-over",
  /** The log evicts nothing. */
  hoard: "memory",
  /** A socket that takes no more is written to all the same. */
  "push-on": "memory",
} as const satisfies Record<string, Breach>;

export type Plant = keyof typeof plants;

/** Plants a fault in the hubs and in every session. It strikes now and then, or where it can. */
export class Planter {
  readonly #plant: Plant;
  /** Dice of its own: until the fault strikes, the run is that without it. */
  readonly #random: Random;

  constructor(plant: Plant, seed: number) {
    this.#plant = plant;
    this.#random = new Random(seed + 1_000_000);
  }

  /** Seldom, so that faults are found among much that is right. */
  #strikes(): boolean {
    return this.#random.chance(0.1);
  }

  /** A hub began. */
  spoilHub({ table }: Site): void {
    if (this.#plant === "keep-session") {
      const ended = table.ended.bind(table);
      table.ended = (core, end) => {
        if (!this.#strikes()) ended(core, end);
      };
    }
    if (this.#plant === "old-post") {
      const find = table.find.bind(table);
      table.find = (batch, facts) => {
        const link = table.get(batch.session)?.session.live?.number ?? 0;
        return find(batch.link < link ? { ...batch, link } : batch, facts);
      };
    }
  }

  /** A session began. */
  spoil(site: Site, id: string): void {
    const core = site.core(id);
    if (core === undefined) return;
    const session = core.session as unknown as ServerSession;
    switch (this.#plant) {
      case "lose":
      case "repeat":
      case "swap":
      case "leak":
        this.#spoilDelivery(core, site);
        return;
      case "deny-gap":
      case "belittle-gap":
      case "evict-early":
      case "drop-tail":
        this.#spoilWelcomes(session);
        return;
      case "lose-up":
      case "repeat-up":
        this.#spoilEvents(core);
        return;
      case "repeat-post":
      case "trust-polls":
        this.#spoilBodies(session);
        return;
      case "old-socket":
        this.#spoilOldLinks(session);
        return;
      case "push-on":
        this.#spoilWrites(session);
        return;
      case "keep-refused":
        this.#spoilRefusals(session);
        return;
      case "keep-expired":
        Object.defineProperty(core, "expiresAt", { get: () => Infinity, set: () => {} });
        return;
      case "end-early":
        this.#spoilTicks(session);
        return;
      case "hoard":
        internals(session).log.fits = () => true;
        return;
      default:
    }
  }

  #spoilDelivery(core: PeerSession, site: Site): void {
    const deliver = core.deliver.bind(core);
    let held: Entry | undefined;
    core.deliver = (entry, now) => {
      const isStruck = this.#strikes();
      if (isStruck && this.#plant === "lose") return;
      if (isStruck && this.#plant === "repeat") deliver(entry, now);
      if (isStruck && this.#plant === "leak") outsider(core, site)?.session.send(entry, now);
      if (isStruck && this.#plant === "swap" && held === undefined) {
        held = entry;
        return;
      }
      deliver(entry, now);
      if (held !== undefined) deliver(held, now);
      held = undefined;
    };
  }

  #spoilWelcomes(session: ServerSession): void {
    const accept = session.accept.bind(session);
    session.accept = (port, hello, now, extra) => {
      const former = session.live;
      if (this.#plant === "evict-early" && this.#strikes()) dropNext(session, hello);
      const write = port.write.bind(port);
      const received = hello.received ?? 0;
      port.write = (entry, count) => {
        const packet = entry.type === "welcome" ? (entry.packet() as Welcome) : undefined;
        if (packet === undefined || packet.answer === "fresh") return write(entry, count);
        return write(this.#untrue(packet, received, port), count);
      };
      const isDropped = this.#plant === "drop-tail" && former !== undefined;
      return accept(port, isDropped ? withoutTail(hello, former) : hello, now, extra);
    };
  }

  #spoilWrites(session: ServerSession): void {
    const accept = session.accept.bind(session);
    session.accept = (port, ...given) => {
      const write = port.write.bind(port);
      const isSocket = port instanceof SocketLink;
      port.write = (entry, count) => write(entry, count) || isSocket;
      return accept(port, ...given);
    };
  }

  #untrue(welcome: Welcome, received: number, { codec }: LinkPort): Entry {
    const { reason, ...rest } = welcome;
    const isGap = welcome.answer === "gap";
    const isDenied = this.#plant === (isGap ? "deny-gap" : "drop-tail");
    if (isDenied) return new NewEntry({ ...rest, answer: "resumed", position: received }, codec);
    const isBelittled = this.#plant === "belittle-gap" && isGap;
    return new NewEntry(isBelittled ? { ...welcome, position: received + 1 } : welcome, codec);
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

  #spoilBodies(session: ServerSession): void {
    if (this.#plant === "repeat-post") {
      const seek = session.seek.bind(session);
      session.seek = (link, position, now) => {
        session.received = Math.min(session.received, position);
        return seek(link, position, now);
      };
    } else {
      const rewind = session.rewind.bind(session);
      session.rewind = (link, received, now) => rewind(link, Math.max(received, link.next), now);
    }
  }

  /** Nobody tells the former link that it is over. */
  #spoilOldLinks(session: ServerSession): void {
    const inside = internals(session);
    const sayBye = inside.sayBye.bind(session);
    inside.sayBye = (link, bye) => {
      if (bye.code !== 4001) sayBye(link, bye);
    };
  }

  #spoilRefusals(session: ServerSession): void {
    const unlink = session.unlink.bind(session);
    session.unlink = (code, reason, now, more) => {
      if (code !== 4401 && code !== 4403) unlink(code, reason, now, more);
    };
  }

  #spoilTicks(session: ServerSession): void {
    const tick = session.tick.bind(session);
    session.tick = (now) => {
      tick(now);
      if (session.live === undefined && !session.ended && this.#strikes()) {
        session.end(4003, "expired", now);
      }
    };
  }
}

/** What is under way counts as received. */
function withoutTail(hello: Hello, former: Link): Hello {
  return { ...hello, received: Math.max(hello.received ?? 0, former.next) };
}

/** What the client would get next is gone. */
function dropNext(session: ServerSession, { received = 0 }: Hello): void {
  const { log } = internals(session);
  if (received >= log.base && received < log.head) log.forget(received + 1);
}

/** Somebody who shares no room with a member, and hears at once what it is told. */
function outsider(member: PeerSession, { table }: Site): PeerSession | undefined {
  for (const core of table.all()) {
    if (core.session.live === undefined || core.session.retained.entries > 0) continue;
    if ([...member.rooms].every((room) => !core.rooms.includes(room))) return core;
  }
  return undefined;
}

/** Parts of the engine that are its own matter, where bugs would be. */
function internals(session: ServerSession): {
  log: { base: number; head: number; fits(entry: Entry): boolean; forget(position: number): void };
  sayBye(link: Link, bye: Bye): void;
} {
  return session as unknown as ReturnType<typeof internals>;
}
