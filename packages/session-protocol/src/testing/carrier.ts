// Simulated links of every transport (PROTOCOL.md §10), client and server adapter in one place each.

import type { Codec, Encoded } from "../codec.js";
import type { Entry } from "../entry.js";
import { isFault } from "../fault.js";
import { frame, LineReader, splitBody } from "../framing.js";
import { jsonCodec } from "../json-codec.js";
import type { Link, LinkPort } from "../link.js";
import type { Batch, Packet } from "../packet.js";
import { SseReader, sseData, sseId } from "../sse.js";
import { type Checker, Violation } from "./checker.js";
import { Pipe } from "./pipe.js";
import type { Random } from "./random.js";
import type { SimulatedClient } from "./simulated-client.js";
import type { PollPort, Seam, SimulatedServer } from "./simulated-server.js";
import type { Timeline } from "./timeline.js";

export type CarrierKind = "socket" | "sse" | "stream" | "poll" | "short-poll";

/** Everything that the parts of a simulation share. */
export interface World {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly checker: Checker;
  readonly server: SimulatedServer;
  readonly seam: Seam;
  /** Codecs for socket carriers, the first of them JSON. */
  readonly codecs: readonly Codec[];
  /** True while nothing new may break. */
  isCalm: boolean;
}

/** One link of the client, and what can be done to it. */
export interface Carrier {
  readonly port: LinkPort;
  link: Link | undefined;
  /** Breaks it. Bit 1: the client notices, bit 2: the server notices. */
  cut(notice: number): void;
  freeze(ms: number): void;
}

export function openCarrier(world: World, client: SimulatedClient, kind: CarrierKind): Carrier {
  if (kind === "socket") return new SocketCarrier(world, client);
  if (kind === "sse" || kind === "stream") return new StreamCarrier(world, client, kind);
  return new PollCarrier(world, client, kind === "short-poll" ? 0 : 5000);
}

/** §10.1: messages in both directions on one connection. */
class SocketCarrier implements Carrier {
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
      deliver: (message) => receive(this.link, message, this.#codec, client),
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

interface Posted {
  readonly text: string;
  readonly count: number;
  readonly isVolatile: boolean;
}

/** §10.4: the up direction of everything that is not a socket: one POST at a time. */
class PostQueue {
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
      receive(this.#carrier.link, message, jsonCodec, this.#client);
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

/** §10.2, §10.3: a response that stays open, and POSTs. */
class StreamCarrier implements Carrier {
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
        receive(this.link, data, jsonCodec, this.#client);
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
      reader.push(String(piece), (line) => receive(this.link, line, jsonCodec, this.#client));
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

/** §10.5, §10.6: a row of polls, and POSTs beside them. */
class PollCarrier implements Carrier {
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
    for (const message of messages) receive(this.link, message, jsonCodec, this.#client);
    this.#client.settle();
    const pause = this.#waitMs === 0 ? 500 + this.#world.random.below(500) : 0;
    this.#world.timeline.plan(pause, () => this.#poll());
  }
}

interface SimulatedRequest {
  readonly body: string;
  readonly timeoutMs: number;
  /** Whether a copy may arrive late. Default true. */
  readonly mayRepeat?: boolean;
  serve(body: string, answer: (body: string) => void, isCopy: boolean): void;
  answered(body: string): void;
  failed(): void;
}

/** One HTTP request: it, or its answer, may be lost, late, or arrive again as an old copy. */
function request(world: World, options: SimulatedRequest): void {
  const { timeline, random, server } = world;
  const trouble = world.isCalm ? 0 : 0.04;
  let isDone = false;
  const latency = (): number => 1 + random.below(200);
  const arrive = (isCopy: boolean): void => {
    server.awake(() => {
      const answer = (body: string): void => {
        if (isCopy || random.chance(trouble)) return;
        timeline.plan(latency(), () => {
          if (isDone) return;
          isDone = true;
          options.answered(body);
        });
      };
      options.serve(options.body, answer, isCopy);
    });
  };
  if (!random.chance(trouble)) timeline.plan(latency(), () => arrive(false));
  if (random.chance(trouble)) timeline.plan(random.below(15_000), () => arrive(true));
  timeline.plan(options.timeoutMs, () => {
    if (isDone) return;
    isDone = true;
    options.failed();
  });
}

function receive(
  link: Link | undefined,
  message: Encoded,
  codec: Codec,
  client: SimulatedClient,
): void {
  if (link === undefined) return;
  const packet = codec.decode(message);
  if (isFault(packet)) throw new Violation(`the client read ${packet.code}: ${packet.detail}`);
  link.receive(packet, client.now());
  client.settle();
}

function responsePiece(entry: Entry, count: number, kind: "sse" | "stream"): string {
  const text = String(entry.encoded(jsonCodec));
  if (kind === "stream") return String(frame(text));
  return count > 0 ? sseId(count) + sseData(text) : sseData(text);
}
