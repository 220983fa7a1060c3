// A hub without sockets: sessions of the protocol package behind a simulated network. What the
// network does to each kind of connection is up to the test.

import {
  type Batch,
  type Codec,
  defaultLimits,
  Entry,
  encodeId,
  equalSecrets,
  frame,
  type Hello,
  isFault,
  jsonCodec,
  type Limits,
  type Link,
  type LinkPort,
  type Packet,
  type Payload,
  type Renew,
  Session,
  splitBody,
  sseData,
  sseId,
  type Token,
} from "@tidewire/session-protocol";
import { binaryCodec } from "./binary-codec.js";
import { FakeSocket } from "./fake-socket.js";
import { PollPort } from "./poll-port.js";
import { Random } from "./random.js";
import type { VirtualTime } from "./virtual-time.js";

const encoder = new TextEncoder();

/** How the network treats one kind of connection. */
export type Weather =
  | "fine"
  /** Nothing answers. */
  | "refused"
  /** Accepted, and then silence. */
  | "hangs"
  /** The request arrives, what comes back is held for ever. */
  | "buffers"
  /** A proxy's own page. */
  | "html"
  | "html-200"
  | "empty-200"
  | 403
  | 502
  | 429;

export interface Held {
  readonly session: Session;
  readonly secret: string;
  /** Packets of the client, applied. */
  readonly packets: Payload[];
  readonly tokens: string[];
  link: Link | undefined;
  poll: PollPort | undefined;
}

type Path = "websocket" | "sse" | "stream" | "poll" | "send";

export class FakeHub {
  readonly time: VirtualTime;
  readonly random: Random;
  readonly held = new Map<string, Held>();
  /** Like the real one it chooses JSON for a WebSocket where that is offered; false: binary alone. */
  speaksText = true;
  readonly weather: Record<Path, Weather> = {
    websocket: "fine",
    sse: "fine",
    stream: "fine",
    poll: "fine",
    send: "fine",
  };
  /** Each attempt to connect or POST, in order. */
  readonly log: Path[] = [];
  readonly hellos: Hello[] = [];
  readonly sockets = new Set<FakeSocket>();
  /** Open HTTP responses and parked polls: how to cut them. */
  readonly responses = new Set<(error: Error) => void>();
  latencyMs = 10;
  limits: Limits;
  /** What to answer instead of a welcome. */
  refuse: (hello: Hello) => { code: number; retryMs?: number; reconnect?: boolean } | undefined =
    () => undefined;
  renewMs: number | undefined;
  /** Called with each packet of a client. */
  onPacket: (packet: Payload | Token | Renew, held: Held) => void = () => {};

  constructor(time: VirtualTime, seed = 1, limits: Partial<Limits> = {}) {
    this.time = time;
    this.random = new Random(seed);
    this.limits = { ...defaultLimits, ...limits };
  }

  /** The only session. */
  get only(): Held {
    const [held, other] = this.held.values();
    if (held === undefined || other !== undefined) throw new Error(`${this.held.size} sessions`);
    return held;
  }

  get latest(): Held {
    return [...this.held.values()].at(-1)!;
  }

  emit(held: Held, name: string, data: unknown): void {
    held.session.send(new Entry({ type: "event", name, data }, jsonCodec), this.time.now);
    this.plan(held);
  }

  send(held: Held, packet: Packet): void {
    held.session.send(new Entry(packet, jsonCodec), this.time.now);
    this.plan(held);
  }

  /** Forgets every session, as a restarted server. */
  restart(): void {
    this.held.clear();
    this.cutAll();
  }

  /** Every connection breaks at once. */
  cutAll(): void {
    for (const socket of [...this.sockets]) socket.cut();
    for (const cut of [...this.responses]) cut(new TypeError("network error"));
  }

  set everything(weather: Weather) {
    for (const path of Object.keys(this.weather) as Path[]) this.weather[path] = weather;
  }

  accept(hello: Hello, port: LinkPort): Link | undefined {
    this.hellos.push(hello);
    const refusal = this.#refusalOf(hello);
    if (refusal !== undefined) {
      port.write(new Entry({ type: "bye", reason: "", ...refusal }, port.codec), 0);
      port.close(refusal.code, "");
      return undefined;
    }
    const found = this.held.get(hello.session ?? "");
    const isProved = found !== undefined && equalSecrets(found.secret, hello.secret ?? "");
    const held = isProved ? found : this.#open();
    const renew = this.renewMs === undefined ? {} : { renewMs: this.renewMs };
    const reason = hello.session === undefined ? {} : { reason: "unknown" };
    const extra = isProved ? renew : { secret: held.secret, ...renew, ...reason };
    const link = held.session.accept(port, hello, this.time.now, extra);
    if (isFault(link)) {
      port.write(new Entry({ type: "bye", code: link.closeCode, reason: "" }, port.codec), 0);
      port.close(link.closeCode, "");
      return undefined;
    }
    held.link = link;
    this.plan(held);
    return link;
  }

  plan(held: Held): void {
    const at = held.session.nextTickAt;
    if (!Number.isFinite(at)) return;
    this.time.after(at - this.time.now, () => {
      if (held.session.ended || held.session.nextTickAt > this.time.now) return;
      held.session.tick(this.time.now);
      this.plan(held);
    });
  }

  #refusalOf(hello: Hello): ReturnType<FakeHub["refuse"]> {
    return this.refuse(hello) ?? (hello.version === 1 ? undefined : { code: 4426 });
  }

  #open(): Held {
    const id = encodeId(this.#bytes(16));
    const secret = encodeId(this.#bytes(32));
    const packets: Payload[] = [];
    const tokens: string[] = [];
    const session = new Session(
      {
        role: "server",
        id,
        limits: this.limits,
        handler: {
          packet: (packet) => {
            if (packet.type === "token") tokens.push(packet.token);
            else if (packet.type !== "renew") packets.push(packet);
            this.onPacket(packet, held);
          },
          linked: () => {},
          unlinked: () => {},
          ended: () => this.held.delete(id),
        },
      },
      this.time.now,
    );
    const held: Held = { session, secret, packets, tokens, link: undefined, poll: undefined };
    this.held.set(id, held);
    return held;
  }

  #bytes(count: number): Uint8Array {
    return Uint8Array.from({ length: count }, () => this.random.below(256));
  }

  // ── WebSocket ────────────────────────────────────────────────────────────────────────────────

  get WebSocket(): new (
    url: string,
    protocols: string[],
  ) => FakeSocket {
    const hub = this;
    return class extends FakeSocket {
      constructor(url: string, protocols: string[]) {
        super(hub, url, protocols);
      }
    };
  }

  // ── HTTP ─────────────────────────────────────────────────────────────────────────────────────

  readonly fetch = (async (input: string, init: RequestInit = {}): Promise<Response> => {
    const url = new URL(input);
    const path = url.pathname.split("/").at(-1) as "sse" | "stream" | "poll" | "send";
    this.log.push(path);
    const signal = init.signal ?? new AbortController().signal;
    await this.#travel(signal);
    const weather = this.weather[path];
    if (weather === "refused") throw new TypeError("fetch failed");
    if (weather === "hangs") return this.#never(signal);
    if (weather === "html") return page(404);
    if (weather === "html-200") return page(200);
    if (typeof weather === "number") return page(weather);
    const headers = new Headers(init.headers);
    const codec = headers.get("content-type") === jsonCodec.contentType ? jsonCodec : binaryCodec;
    if (weather === "empty-200") {
      const type = path === "sse" ? "text/event-stream" : codec.contentType;
      return new Response("", { headers: { "content-type": type } });
    }
    const response = await this.#answer(path, init.body as string | Uint8Array, codec, signal);
    // The answer is lost although the request was applied.
    if (this.weather[path] === "buffers") return this.#never(signal);
    await this.#travel(signal);
    return response;
  }) as unknown as typeof globalThis.fetch;

  async #answer(
    path: "sse" | "stream" | "poll" | "send",
    body: string | Uint8Array,
    codec: Codec,
    signal: AbortSignal,
  ): Promise<Response> {
    if (codec.size(body) > this.limits.batchBytes) return this.#bye(4413);
    const messages = splitBody(body, this.limits.batchPackets);
    if (isFault(messages)) return this.#bye(messages.closeCode);
    const packets: Packet[] = [];
    for (const message of messages) {
      const packet = codec.decode(message);
      if (isFault(packet)) return this.#bye(packet.closeCode);
      packets.push(packet);
    }
    const first = packets.shift();
    if (first?.type === "hello") {
      const refused = this.#refusalOf(first);
      if (refused !== undefined) {
        this.hellos.push(first);
        return this.#bye(refused.code, refused);
      }
      return path === "poll"
        ? this.#firstPoll(first, codec)
        : this.#openResponse(path, first, codec, signal);
    }
    if (first?.type !== "batch") return this.#bye(4400);
    const held = this.held.get(first.session);
    if (held === undefined || !equalSecrets(held.secret, first.secret)) return this.#bye(4404);
    const link = held.session.live;
    if (link === undefined || link.number !== first.link) return this.#bye(4409);
    this.#apply(link, first, packets);
    this.plan(held);
    if (path === "poll") return this.#park(held, first, signal);
    const ack = codec.encode({ type: "ack", count: held.session.takeAck() });
    return new Response(frame(ack) as BodyInit, { headers: { "content-type": codec.contentType } });
  }

  #apply(link: Link, batch: Batch, packets: readonly Packet[]): void {
    const inOrder = batch.position === undefined || link.seek(batch.position, this.time.now);
    for (const packet of packets) {
      const isCounted =
        packet.type !== "event"
          ? !["ack", "ping", "pong", "token", "bye"].includes(packet.type)
          : packet.volatile !== true;
      if (inOrder || !isCounted) link.receive(packet, this.time.now);
    }
  }

  #openResponse(path: string, hello: Hello, codec: Codec, signal: AbortSignal): Response {
    const isSse = path === "sse";
    let control!: ReadableStreamDefaultController<Uint8Array>;
    let link: Link | undefined;
    let isOver = false;
    let isDead = false;
    const over = (error?: Error): void => {
      if (isOver) return;
      isOver = true;
      this.responses.delete(over);
      if (error === undefined) control.close();
      else control.error(error);
      link?.lost(this.time.now);
    };
    const body = new ReadableStream<Uint8Array>({
      start(started) {
        control = started;
      },
    });
    this.responses.add(over);
    signal.addEventListener("abort", () => over(new DOMException("aborted", "AbortError")));
    const write = (bytes: Uint8Array): void => {
      // As with sockets: what swallows one message swallows all that follow.
      isDead ||= this.weather[isSse ? "sse" : "stream"] !== "fine";
      if (!isOver && !isDead) control.enqueue(bytes);
    };
    write(encoder.encode(isSse ? `:${" ".repeat(2048)}\n` : ""));
    const port: LinkPort = {
      codec,
      write: (entry, count) => {
        const message = entry.encoded(codec);
        const framed = isSse
          ? (count > 0 ? sseId(count) : "") + sseData(message as string)
          : frame(message);
        const bytes = typeof framed === "string" ? encoder.encode(framed) : framed;
        this.time.after(this.latencyMs, () => write(bytes));
        return true;
      },
      close: () => this.time.after(this.latencyMs, () => over()),
    };
    link = this.accept(hello, port);
    const type = isSse ? "text/event-stream" : codec.contentType;
    return new Response(body, { headers: { "content-type": type } });
  }

  #firstPoll(hello: Hello, codec: Codec): Promise<Response> | Response {
    const port = new PollPort(codec);
    const answer = port.park();
    this.accept(hello, port);
    const held = [...this.held.values()].find(({ session }) => session.live?.port === port);
    if (held !== undefined) held.poll = port;
    port.flush();
    return answer;
  }

  #park(held: Held, batch: Batch, signal: AbortSignal): Promise<Response> {
    const port = held.poll!;
    const answer = port.park();
    const cut = (): void => port.flush();
    this.responses.add(cut);
    signal.addEventListener("abort", cut);
    answer.then(() => this.responses.delete(cut));
    if (
      !held.session.rewind(held.session.live!, batch.received ?? 0, this.time.now) ||
      port.hasMore
    )
      port.flush();
    const waitMs = Math.min(batch.waitMs ?? this.limits.pollMs, this.limits.pollMs);
    if (waitMs === 0) port.flush();
    else this.time.after(waitMs, () => port.flushIf(answer));
    return answer;
  }

  #bye(code: number, more: { retryMs?: number; reconnect?: boolean } = {}): Response {
    const statuses = new Map([
      [4002, 503],
      [4503, 503],
      [4005, 500],
      [4402, 401],
    ]);
    const status = statuses.get(code) ?? (code >= 4400 && code < 4500 ? code - 4000 : 500);
    const body = JSON.stringify({ type: "bye", code, reason: "", ...more });
    return new Response(body, { status, headers: { "content-type": "application/json" } });
  }

  #travel(signal: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      const abort = (): void => reject(new DOMException("aborted", "AbortError"));
      if (signal.aborted) abort();
      signal.addEventListener("abort", abort);
      this.time.after(this.latencyMs, resolve);
    });
  }

  #never(signal: AbortSignal): Promise<never> {
    return new Promise((_, reject) => {
      signal.addEventListener("abort", () => reject(new DOMException("aborted", "AbortError")));
    });
  }
}

function page(status: number): Response {
  return new Response("<html><body>Sign in to the hotel network</body></html>", {
    status,
    headers: { "content-type": "text/html" },
  });
}
