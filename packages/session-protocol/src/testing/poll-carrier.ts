// Simulated polls, long and short (PROTOCOL.md §10.5, §10.6), both ends of them.

import { isFault } from "../fault.js";
import { frame, splitBody } from "../framing.js";
import { jsonCodec } from "../json-codec.js";
import type { Link, LinkPort } from "../link.js";
import type { Carrier, World } from "./carrier.js";
import { Violation } from "./checker.js";
import { PostQueue } from "./post-queue.js";
import type { SimulatedClient } from "./simulated-client.js";
import { request } from "./simulated-request.js";
import type { PollPort } from "./simulated-server.js";

/** A row of polls, and POSTs beside them. */
export class PollCarrier implements Carrier {
  link: Link | undefined;
  readonly port: LinkPort;
  readonly #world: World;
  readonly #client: SimulatedClient;
  readonly #posts: PostQueue;
  readonly #waitMs: number;
  #remote: PollPort;
  #isOver = false;
  #frozenUntil = 0;
  #failures = 0;
  #turn = 0;

  constructor(world: World, client: SimulatedClient, waitMs: number) {
    this.#world = world;
    this.#client = client;
    this.#waitMs = waitMs;
    this.#posts = new PostQueue(world, client, this);
    this.#remote = world.server.pollPort();
    let isOpen = false;
    this.port = {
      codec: jsonCodec,
      allowanceMs: 3000,
      write: (entry, count) => {
        if (isOpen) return this.#posts.write(entry, count);
        isOpen = true;
        this.#begin(String(entry.encoded(jsonCodec)));
        return true;
      },
      close: () => this.#close(),
    };
  }

  cut(): void {
    // Without a connection of its own, a row of polls can only lose what is under way.
    this.#turn += 1;
    this.#world.timeline.plan(100, () => this.#failed());
  }

  freeze(ms: number): void {
    this.#frozenUntil = this.#world.timeline.now + ms;
  }

  #close(): void {
    this.#isOver = true;
    this.#client.forget(this);
    this.#posts.close();
  }

  #begin(hello: string): void {
    const turn = this.#turn;
    request(this.#world, {
      body: hello,
      mayRepeat: true,
      serve: (body, answer, isCopy) => {
        const packet = jsonCodec.decode(body);
        if (packet.type !== "hello") return;
        // A late copy of the hello is a link of its own, to be refused as such.
        const remote = this.#world.server.pollPort();
        remote.park({ answer }, 100);
        if (!isCopy) this.#remote = remote;
        this.#world.server.accept(packet, remote);
      },
      timeoutMs: 5000,
      answered: (body) => {
        if (turn === this.#turn) this.#answered(body, undefined);
      },
      failed: () => this.#lost(),
    });
  }

  #poll(): void {
    if (this.#isOver || this.link === undefined || this.link.over) return;
    // The answer to the hello was lost: there is no link to poll on.
    if (this.#client.session.live !== this.link) {
      this.#lost();
      return;
    }
    const frozen = this.#frozenUntil - this.#world.timeline.now;
    if (frozen > 0) {
      this.#world.timeline.plan(frozen, () => this.#poll());
      return;
    }
    const { received } = this.#client.session;
    const batch = this.#posts.batch(0, { received, waitMs: this.#waitMs });
    if (batch === undefined) return;
    this.#turn += 1;
    const turn = this.#turn;
    request(this.#world, {
      body: String(frame(jsonCodec.encode(batch))),
      serve: (body, answer) => this.#world.server.poll(body, this.#remote, answer),
      timeoutMs: this.#waitMs + 3000,
      answered: (body) => {
        if (turn === this.#turn) this.#answered(body, received);
      },
      failed: () => {
        if (turn === this.#turn) this.#failed();
      },
    });
  }

  #failed(): void {
    this.#failures += 1;
    if (this.#failures > 3) this.#lost();
    else this.#poll();
  }

  #lost(): void {
    if (this.#isOver) return;
    this.#close();
    this.link?.lost(this.#client.now());
    this.#client.settle();
  }

  #answered(body: string, received: number | undefined): void {
    if (this.#isOver || this.link === undefined) return;
    this.#failures = 0;
    const messages = splitBody(body, 1000);
    if (isFault(messages)) throw new Violation("an answer that cannot be split");
    if (received === undefined) this.link.heard(this.#client.now());
    else this.link.seek(received, this.#client.now());
    for (const message of messages) this.#client.receive(this.link, message, jsonCodec);
    this.#client.settle();
    const pause = this.#waitMs === 0 ? 500 + this.#world.random.below(500) : 0;
    this.#world.timeline.plan(pause, () => this.#poll());
  }
}
