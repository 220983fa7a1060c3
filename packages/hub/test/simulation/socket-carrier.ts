// §10.1: a WebSocket, with either codec. Messages on two pipes; at the hub's end stands its own `SocketLink`.

import type { Encoded, Link, LinkPort } from "@tidewire/session-protocol";
import { Pipe } from "@tidewire/session-protocol/testing";
import { type MessageSocket, SocketLink } from "../../src/transports/socket-link.js";
import { type Carrier, type Place, receive } from "./carrier.js";
import { base, origin } from "./site.js";

/** The pipe says stop at twelve messages; a last word may follow. */
const inFlightMax = 14;

export class SocketCarrier implements Carrier {
  readonly kind = "socket";
  readonly port: LinkPort;
  link: Link | undefined;
  readonly #place: Place;
  readonly #up: Pipe;
  readonly #down: Pipe;
  #theirs: SocketLink<MessageSocket> | undefined;
  #isFull = false;

  constructor(place: Place) {
    const { weather, site, owner } = place;
    const { timeline, random } = weather;
    this.#place = place;
    this.#up = new Pipe({
      timeline,
      random,
      isStream: false,
      deliver: (message) => site.awake(() => this.#arrived(message)),
      drained: () => {
        this.link?.drain(owner.now());
        owner.settle();
      },
    });
    this.#down = new Pipe({
      timeline,
      random,
      isStream: false,
      deliver: (message) => receive(this.link, message, place),
      drained: () => {
        this.#isFull = false;
        site.awake(() => this.#theirs?.drain());
      },
    });
    const codec = random.pick(site.table.codecs);
    this.port = {
      codec,
      write: (entry) => this.#up.send(entry.encoded(codec)),
      close: (code, reason) => {
        owner.forget(this);
        this.#up.finish(() => site.awake(() => this.#theirs?.closed(code, reason)));
      },
    };
  }

  cut(notice: number): void {
    const { weather, site } = this.#place;
    if (this.#up.inFlight + this.#down.inFlight > 0) weather.met("cutInFlight");
    this.#up.cut();
    this.#down.cut();
    if (notice & 1) weather.timeline.plan(1, () => this.#lost(0, ""));
    if (notice & 2)
      weather.timeline.plan(1, () => site.awake(() => this.#theirs?.closed(1006, "")));
  }

  freeze(ms: number): void {
    this.#up.freeze(ms);
    this.#down.freeze(ms);
  }

  #lost(code: number, reason: string): void {
    const { owner } = this.#place;
    owner.forget(this);
    this.link?.lost(owner.now(), code, reason);
    owner.settle();
  }

  #arrived(message: Encoded): void {
    const { site, witness, weather } = this.#place;
    if (this.#theirs === undefined && !this.#open()) return;
    const theirs = this.#theirs!;
    const session = site.core(this.#place.owner.session.id)?.session;
    const isOld =
      session?.live !== undefined &&
      theirs.link !== undefined &&
      theirs.link.number < session.live.number;
    const received = session?.received;
    if (isOld) weather.met("oldLink");
    theirs.message(message);
    if (isOld && (!theirs.link?.over || session?.received !== received)) {
      witness.violated("old-link", "a message on a socket that a newer link replaced");
    }
  }

  /** The handshake passes the gate, like every request. */
  #open(): boolean {
    const { site, owner } = this.#place;
    const { handler, hub } = site;
    const { gate, limits, carriers, failed } = handler;
    const headers = { get: (name: string) => (name.toLowerCase() === "origin" ? origin : null) };
    const asked = { url: base, headers, address: owner.address };
    const passed = gate.judge({ ...asked, method: "GET" }, "websocket");
    if (passed.type === "refused") {
      this.#down.finish(() => this.#lost(0, ""));
      return false;
    }
    this.#theirs = new SocketLink(
      this.#socket(),
      this.port.codec,
      { ...asked, transport: "websocket", origin: passed.origin },
      {
        admission: hub.admission,
        limits,
        carriers,
        failed,
        send: (_, entry, codec) => {
          this.#isFull = !this.#down.send(entry.encoded(codec));
          if (this.#down.inFlight <= inFlightMax) return;
          this.#place.witness.violated("memory", "the hub writes on to a socket that is full");
        },
      },
      passed.release,
    );
    return true;
  }

  /** What the hub has of it. */
  #socket(): MessageSocket {
    return {
      hasRoom: () => !this.#isFull,
      close: (code, reason) => this.#down.finish(() => this.#lost(code, reason)),
    };
  }
}
