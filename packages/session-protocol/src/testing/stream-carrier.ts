// Simulated SSE and HTTP streaming (PROTOCOL.md §10.2, §10.3), both ends of them.

import type { Encoded } from "../codec.js";
import type { Entry } from "../entry.js";
import { frame, LineReader } from "../framing.js";
import { jsonCodec } from "../json-codec.js";
import type { Link, LinkPort } from "../link.js";
import { SseReader, sseData, sseId } from "../sse.js";
import type { Carrier, World } from "./carrier.js";
import { Violation } from "./checker.js";
import { Pipe } from "./pipe.js";
import { PostQueue } from "./post-queue.js";
import type { SimulatedClient } from "./simulated-client.js";

/** A response that stays open, and POSTs. */
export class StreamCarrier implements Carrier {
  link: Link | undefined;
  readonly port: LinkPort;
  readonly #world: World;
  readonly #client: SimulatedClient;
  readonly #down: Pipe;
  readonly #posts: PostQueue;
  #theirs: Link | undefined;

  constructor(world: World, client: SimulatedClient, kind: "sse" | "stream") {
    this.#world = world;
    this.#client = client;
    this.#posts = new PostQueue(world, client, this);
    const { timeline, random, server } = world;
    this.#down = new Pipe({
      timeline,
      random,
      isStream: true,
      deliver: kind === "sse" ? this.#sseReader() : this.#lineReader(),
      drained: () => {
        if (this.#theirs !== undefined) server.drained(this.#theirs);
      },
    });
    let isOpen = false;
    this.port = {
      codec: jsonCodec,
      write: (entry, count) => {
        if (isOpen) return this.#posts.write(entry, count);
        isOpen = true;
        this.#begin(String(entry.encoded(jsonCodec)), kind);
        return true;
      },
      close: () => {
        client.forget(this);
        this.#posts.close();
        // The browser aborts the request; the server notices, at some time.
        timeline.plan(random.below(100), () => server.awake(() => this.#serverLost()));
      },
    };
  }

  cut(notice: number): void {
    const { timeline, server } = this.#world;
    this.#down.cut();
    this.#posts.close();
    if (notice & 1) timeline.plan(1, () => this.#clientLost());
    if (notice & 2) timeline.plan(1, () => server.awake(() => this.#serverLost()));
  }

  freeze(ms: number): void {
    this.#down.freeze(ms);
  }

  #begin(hello: string, kind: "sse" | "stream"): void {
    const { timeline, random, server } = this.#world;
    timeline.plan(1 + random.below(this.#world.isCalm ? 100 : 3000), () =>
      server.awake(() => {
        const packet = jsonCodec.decode(hello);
        if (packet.type !== "hello") return;
        if (kind === "sse") this.#down.send(`:${" ".repeat(20)}\n\n`);
        else this.#down.send(`${" ".repeat(20)}\n`);
        this.#theirs = server.accept(packet, {
          codec: jsonCodec,
          write: (entry, count) => this.#down.send(responsePiece(entry, count, kind)),
          close: () => this.#down.finish(() => this.#clientLost()),
        });
      }),
    );
  }

  #sseReader(): (piece: Encoded) => void {
    const reader = new SseReader(1_000_000);
    return (piece) => {
      reader.push(String(piece), ({ data, id }) => {
        const before = this.link?.expected;
        this.#client.receive(this.link, data, jsonCodec);
        if (this.link !== undefined && !this.link.over && before !== this.link.expected) {
          if (before !== 0 && id !== String(this.link.expected)) {
            throw new Violation(`SSE id ${id} on entry ${this.link.expected}`);
          }
        }
      });
    };
  }

  #lineReader(): (piece: Encoded) => void {
    const reader = new LineReader(1_000_000);
    return (piece) => {
      reader.push(String(piece), (line) => this.#client.receive(this.link, line, jsonCodec));
    };
  }

  #clientLost(): void {
    this.#client.forget(this);
    this.#posts.close();
    this.link?.lost(this.#client.now());
    this.#client.settle();
  }

  #serverLost(): void {
    if (this.#theirs !== undefined) this.#world.server.lost(this.#theirs);
  }
}

function responsePiece(entry: Entry, count: number, kind: "sse" | "stream"): string {
  const text = String(entry.encoded(jsonCodec));
  if (kind === "stream") return String(frame(text));
  return count > 0 ? sseId(count) + sseData(text) : sseData(text);
}
