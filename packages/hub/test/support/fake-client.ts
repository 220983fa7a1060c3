// A client for tests: the engine in its other role, on links that are two queues.

import {
  type Bye,
  bounds,
  type Codec,
  Entry,
  type Event,
  type Failure,
  isFault,
  jsonCodec,
  type Link,
  type LinkEnd,
  type Linked,
  type LinkPort,
  type Packet,
  type Payload,
  PendingRequests,
  type Renew,
  type Reply,
  type Request,
  Session,
  type Stream,
  type StreamHandler,
  Streams,
} from "@tidewire/session-protocol";
import type { Hub, LinkFacts, TransportName, Untyped } from "../../src/index.js";
import type { VirtualWorld } from "./world.js";

// Any hub will do: the client speaks the wire.
export type AnyHub = Pick<Hub<Untyped, unknown>, "admission">;

export interface FakeClientOptions {
  readonly token?: string;
  readonly origin?: string;
  readonly address?: string;
  readonly transport?: TransportName;
  readonly codec?: Codec;
  readonly latencyMs?: number;
  /** Credit per stream; must not be above the hub's `streamItems`. */
  readonly streamItems?: number;
}

export class FakeClient {
  readonly world: VirtualWorld;
  readonly session: Session;
  readonly events: Event[] = [];
  readonly links: Linked[] = [];
  readonly ends: LinkEnd[] = [];
  readonly byes: Bye[] = [];
  readonly renews: Renew[] = [];
  readonly requests: PendingRequests = new PendingRequests(bounds.depthMax * 16);
  readonly streams: Streams;
  over: LinkEnd | undefined;
  /** Answers requests of the hub; the default leaves them unanswered. */
  onRequest: (request: Request) => Reply | Failure | undefined = () => undefined;
  onOpen: (stream: Stream, data: unknown) => void = () => {};
  onEvent: (event: Event) => void = () => {};
  options: FakeClientOptions;
  hub: AnyHub;
  #carrier: Carrier | undefined;

  constructor(world: VirtualWorld, hub: AnyHub, options: FakeClientOptions = {}) {
    this.world = world;
    this.hub = hub;
    this.options = options;
    this.session = new Session(
      {
        role: "client",
        handler: {
          packet: (packet) => this.#packet(packet),
          linked: (linked) => {
            this.links.push(linked);
            if (linked.answer === "fresh") {
              this.requests.failAll("lost", "fresh");
              this.streams.failAll("lost", "fresh");
            }
            if (linked.answer === "gap") this.streams.failAll("gap", "gap");
            this.streams.flush();
          },
          unlinked: (end) => this.ends.push(end),
          acknowledged: () => this.streams.flush(),
          ended: (end) => {
            this.over = end;
          },
        },
      },
      world.timeline.now,
    );
    this.streams = new Streams({
      role: "client",
      streamsMax: 1000,
      itemsMax: options.streamItems ?? 64,
      send: (packet) => this.send(packet) >= 0,
      opened: (stream, data) => this.onOpen(stream, data),
    });
  }

  get facts(): LinkFacts {
    return {
      transport: this.options.transport ?? "websocket",
      origin: this.options.origin ?? "https://example.org",
      address: this.options.address ?? "192.0.2.1",
      url: "https://example.org/tidewire",
      headers: { get: () => null },
    };
  }

  /** Opens a link; the answer is there after `world.settle()`. */
  connect(): Carrier {
    const carrier = new Carrier(this);
    this.#carrier = carrier;
    const { token } = this.options;
    carrier.link = this.session.connect(
      carrier.port,
      this.world.timeline.now,
      token === undefined ? {} : { token },
    );
    return carrier;
  }

  /** Opens a link and waits for the welcome, or the bye. */
  async join(): Promise<this> {
    this.connect();
    await this.world.settle();
    return this;
  }

  get carrier(): Carrier {
    if (this.#carrier === undefined) throw new Error("The client has no link.");
    return this.#carrier;
  }

  send(packet: Packet): number {
    return this.session.send(new Entry(packet, jsonCodec), this.world.timeline.now);
  }

  emit(name: string, data?: unknown): void {
    this.send({ type: "event", name, ...(data === undefined ? {} : { data }) });
  }

  emitVolatile(name: string, data?: unknown): void {
    const packet: Event = { type: "event", name, volatile: true };
    const entry = new Entry(data === undefined ? packet : { ...packet, data }, jsonCodec);
    this.session.sendVolatile(entry, this.world.timeline.now);
  }

  sendToken(token: string): void {
    const entry = new Entry({ type: "token", token }, jsonCodec);
    this.session.sendVolatile(entry, this.world.timeline.now);
  }

  request(name: string, data?: unknown): Promise<Reply | Failure> {
    return new Promise((resolve) => {
      const { now } = this.world.timeline;
      const id = this.requests.open(now, Number.POSITIVE_INFINITY, resolve);
      if (id === undefined) throw new Error("too many requests for the test's client");
      this.send({ type: "request", id, name, ...(data === undefined ? {} : { data }) });
    });
  }

  openStream(name: string, data: unknown, handler: StreamHandler): Stream {
    const stream = this.streams.open(name, data, handler);
    if (stream === undefined) throw new Error("the test's client cannot open a stream");
    return stream;
  }

  /** Names and data of the events that came. */
  get heard(): [string, unknown][] {
    return this.events.map(({ name, data }) => [name, data]);
  }

  #packet(packet: Payload | { type: "token" } | Renew): void {
    switch (packet.type) {
      case "event":
        this.events.push(packet);
        this.onEvent(packet);
        return;
      case "renew":
        this.renews.push(packet);
        return;
      case "reply":
      case "failure":
        this.requests.settle(packet);
        return;
      case "request": {
        const answer = this.onRequest(packet);
        if (answer !== undefined) this.send(answer);
        return;
      }
      case "open":
      case "data":
      case "credit":
      case "end":
      case "cancel": {
        const fault = this.streams.receive(packet);
        if (fault !== undefined) throw new Error(fault.detail);
        return;
      }
      default:
    }
  }
}

/** A link of the test's client, with its two ends. */
export class Carrier {
  readonly port: LinkPort;
  link: Link | undefined;
  /** What the hub gave. */
  theirs: Link | undefined;
  refused: Bye | undefined;
  /** While true, the hub's writes answer "no more", and nothing arrives. */
  #isStalled = false;
  #stalled: (() => void)[] = [];
  #isCut = false;
  readonly #client: FakeClient;
  readonly #codec: Codec;
  readonly #early: Packet[] = [];
  #isAsked = false;
  closed: number | undefined;

  constructor(client: FakeClient) {
    this.#client = client;
    this.#codec = client.options.codec ?? jsonCodec;
    this.port = {
      codec: this.#codec,
      write: (entry) => {
        this.#later(() => this.#arrive(entry));
        return true;
      },
      close: () => this.#later(() => this.theirs?.lost(this.#now())),
    };
  }

  /** The network is gone, and both ends notice. */
  cut(): void {
    this.vanish();
    this.link?.lost(this.#now());
    this.theirs?.lost(this.#now());
  }

  /** The network is gone, and nobody notices. */
  vanish(): void {
    this.#isCut = true;
  }

  /** The client reads no more. */
  stall(): void {
    this.#isStalled = true;
  }

  resume(): void {
    this.#isStalled = false;
    for (const run of this.#stalled.splice(0)) run();
    this.theirs?.drain(this.#now());
  }

  /** Gives the hub a message as it is. */
  inject(message: string): void {
    const packet = jsonCodec.decode(message);
    if (isFault(packet)) this.theirs?.fail(packet, this.#now());
    else this.#receive(packet, message.length);
  }

  #arrive(entry: Entry): void {
    const packet = this.#codec.decode(entry.encoded(this.#codec));
    if (isFault(packet)) throw new Error(packet.detail);
    if (!this.#isAsked && packet.type === "hello") {
      this.#isAsked = true;
      void this.#open(packet);
    } else if (this.theirs === undefined) this.#early.push(packet);
    else this.#receive(packet, entry.size);
  }

  async #open(hello: Packet): Promise<void> {
    if (hello.type !== "hello") return;
    const { hub, facts } = this.#client;
    const answer = await hub.admission.open(hello, this.#theirPort(), facts);
    if ("type" in answer) {
      this.refused = answer;
      this.#client.byes.push(answer);
      this.link?.receive(answer, this.#now());
      return;
    }
    this.theirs = answer;
    for (const packet of this.#early.splice(0)) this.#receive(packet, 0);
  }

  #receive(packet: Packet, bytes: number): void {
    const { theirs } = this;
    if (theirs === undefined) return;
    this.#client.hub.admission.arrived(theirs, bytes);
    theirs.receive(packet, this.#now());
  }

  #theirPort(): LinkPort {
    return {
      codec: this.#codec,
      write: (entry) => {
        const packet = this.#codec.decode(entry.encoded(this.#codec));
        if (isFault(packet)) throw new Error(packet.detail);
        if (packet.type === "bye") this.#client.byes.push(packet);
        const run = (): void => this.link?.receive(packet, this.#now());
        if (this.#isStalled) this.#stalled.push(() => this.#later(run));
        else this.#later(run);
        return !this.#isStalled;
      },
      close: (code) => {
        this.closed = code;
        this.#later(() => this.link?.lost(this.#now(), code));
      },
    };
  }

  #later(run: () => void): void {
    this.#client.world.timeline.plan(this.#client.options.latencyMs ?? 0, () => {
      if (!this.#isCut) run();
    });
  }

  #now(): number {
    return this.#client.world.timeline.now;
  }
}
