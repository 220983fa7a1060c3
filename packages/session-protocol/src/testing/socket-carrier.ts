// A simulated WebSocket (PROTOCOL.md §10.1), both ends of it.

import type { Codec, Encoded } from "../codec.js";
import type { Link, LinkPort } from "../link.js";
import type { Carrier, World } from "./carrier.js";
import { Pipe } from "./pipe.js";
import type { SimulatedClient } from "./simulated-client.js";

/** §10.1: messages in both directions on one connection. */
export class SocketCarrier implements Carrier {
  link: Link | undefined;
  readonly port: LinkPort;
  readonly #world: World;
  readonly #client: SimulatedClient;
  readonly #up: Pipe;
  readonly #down: Pipe;
  readonly #codec: Codec;
  #theirs: Link | undefined;

  constructor(world: World, client: SimulatedClient) {
    this.#world = world;
    this.#client = client;
    this.#codec = world.random.pick(world.codecs);
    const { timeline, random, server } = world;
    this.#up = new Pipe({
      timeline,
      random,
      isStream: false,
      deliver: (message) => server.awake(() => this.#serverGot(message)),
      drained: () => {
        this.link?.drain(client.now());
        client.settle();
      },
    });
    this.#down = new Pipe({
      timeline,
      random,
      isStream: false,
      deliver: (message) => client.receive(this.link, message, this.#codec),
      drained: () => {
        if (this.#theirs !== undefined) server.drained(this.#theirs);
      },
    });
    this.port = {
      codec: this.#codec,
      write: (entry) => this.#up.send(entry.encoded(this.#codec)),
      close: () => {
        client.forget(this);
        this.#endAfter(this.#up, true);
      },
    };
  }

  cut(notice: number): void {
    const { timeline, server } = this.#world;
    this.#up.cut();
    this.#down.cut();
    if (notice & 1) timeline.plan(1, () => this.#clientLost());
    if (notice & 2) timeline.plan(1, () => server.awake(() => this.#serverLost()));
  }

  freeze(ms: number): void {
    this.#up.freeze(ms);
    this.#down.freeze(ms);
  }

  #clientLost(): void {
    this.#client.forget(this);
    this.link?.lost(this.#client.now());
    this.#client.settle();
  }

  #serverLost(): void {
    if (this.#theirs !== undefined) this.#world.server.lost(this.#theirs);
  }

  /** An orderly close arrives behind what was written. */
  #endAfter(pipe: Pipe, isOurs: boolean): void {
    pipe.finish(() => {
      if (isOurs) this.#world.server.awake(() => this.#serverLost());
      else this.#clientLost();
    });
  }

  #serverGot(message: Encoded): void {
    const { server } = this.#world;
    if (this.#theirs !== undefined) {
      server.receive(this.#theirs, message, this.#codec);
      return;
    }
    const hello = this.#codec.decode(message);
    if (hello.type !== "hello") return;
    this.#theirs = server.accept(hello, {
      codec: this.#codec,
      write: (entry) => this.#down.send(entry.encoded(this.#codec)),
      close: () => this.#endAfter(this.#down, false),
    });
  }
}
