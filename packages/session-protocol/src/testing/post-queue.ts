// The way up of every simulated HTTP transport (PROTOCOL.md §10.4).

import type { Entry } from "../entry.js";
import { isFault } from "../fault.js";
import { frame, splitBody } from "../framing.js";
import { jsonCodec } from "../json-codec.js";
import type { Batch, Packet } from "../packet.js";
import type { Carrier, World } from "./carrier.js";
import { Violation } from "./checker.js";
import type { SimulatedClient } from "./simulated-client.js";
import { request } from "./simulated-request.js";

interface Posted {
  readonly text: string;
  readonly count: number;
  readonly isVolatile: boolean;
}

/** One POST at a time, with what was written meanwhile. */
export class PostQueue {
  readonly #world: World;
  readonly #client: SimulatedClient;
  readonly #carrier: Carrier;
  #waiting: Posted[] = [];
  #isUnderWay = false;
  #isOver = false;
  #wasFull = false;

  constructor(world: World, client: SimulatedClient, carrier: Carrier) {
    this.#world = world;
    this.#client = client;
    this.#carrier = carrier;
  }

  write(entry: Entry, count: number): boolean {
    const isVolatile = entry.type === "event" && !entry.counted;
    this.#waiting.push({ text: String(entry.encoded(jsonCodec)), count, isVolatile });
    this.#launch();
    this.#wasFull = this.#waiting.length >= 16;
    return !this.#wasFull;
  }

  /** Nothing more is sent, but what is under way may still arrive, and more than once. */
  close(): void {
    this.#isOver = true;
  }

  /** The batch packet that names the session and the first of these entries. */
  batch(first: number, more: Partial<Batch> = {}): Packet | undefined {
    const { session } = this.#client;
    const link = this.#carrier.link;
    if (session.id === undefined || session.secret === undefined || link === undefined) {
      return undefined;
    }
    const position = first > 0 ? { position: first - 1 } : {};
    const { id, secret } = session;
    return { type: "batch", session: id, secret, link: link.number, ...position, ...more };
  }

  #launch(): void {
    if (this.#isUnderWay || this.#isOver || this.#waiting.length === 0) return;
    this.#isUnderWay = true;
    this.#world.timeline.plan(0, () => this.#post(this.#waiting.splice(0, 8), 0));
  }

  #post(packets: Posted[], tries: number): void {
    const first = packets.find((packet) => packet.count > 0)?.count ?? 0;
    const batch = this.batch(first);
    if (this.#isOver || batch === undefined) return;
    const lines = [jsonCodec.encode(batch), ...packets.map((packet) => packet.text)];
    request(this.#world, {
      body: lines.map(frame).join(""),
      serve: (body, answer) => answer(this.#world.server.post(body)),
      timeoutMs: 3000,
      answered: (body) => this.#answered(body),
      failed: () => this.#retry(packets, tries),
    });
  }

  #retry(packets: Posted[], tries: number): void {
    if (this.#isOver) return;
    const again = packets.filter((packet) => !packet.isVolatile);
    if (tries >= 3) {
      this.#client.forget(this.#carrier);
      this.#carrier.link?.lost(this.#client.now());
      this.#client.settle();
    } else if (again.length > 0) this.#post(again, tries + 1);
    else this.#done();
  }

  #answered(body: string): void {
    if (this.#isOver) return;
    const messages = splitBody(body, 64);
    if (isFault(messages)) throw new Violation("an answer that cannot be split");
    for (const message of messages) {
      this.#client.receive(this.#carrier.link, message, jsonCodec);
    }
    this.#done();
  }

  #done(): void {
    this.#isUnderWay = false;
    this.#launch();
    if (this.#wasFull && this.#waiting.length < 8) {
      this.#wasFull = false;
      this.#carrier.link?.drain(this.#client.now());
      this.#client.settle();
    }
  }
}
