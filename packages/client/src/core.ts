// The inside of a client: one session, what feeds it, and what it feeds.
//
//   emit, request → Outbox → Session ⇄ Connector → transports
//   listeners, handlers ← Inbox, Calls, StreamDesk ← Session

import {
  bounds,
  ClientSession,
  CloseCode,
  type Codec,
  createBinaryCodec,
  defaultLimits,
  Entry,
  type Fault,
  jsonCodec,
  type LinkEnd,
  type Linked,
  MessageTooLargeError,
  type Packet,
  type Payload,
  type Renew,
  type Token,
} from "@tidewire/session-protocol";
import { type Alarm, Alarms } from "./alarms.js";
import { Calls } from "./calls.js";
import { ClientError } from "./client-error.js";
import type { ClientEvents, ClientState } from "./client-events.js";
import type { ClientOptions } from "./client-options.js";
import { Connector } from "./connector.js";
import { type Failure, failureOf } from "./failure.js";
import { HubUrl } from "./hub-url.js";
import { Inbox } from "./inbox.js";
import { pollIntervalMs, pollIntervalMsMin, renewAfter, tokenRetryMs } from "./limits.js";
import { Listeners } from "./listeners.js";
import { Outbox } from "./outbox.js";
import { currentPlatform, type Platform } from "./platform.js";
import { Positions } from "./positions.js";
import { StreamDesk } from "./stream-desk.js";
import { TokenSource } from "./token-source.js";
import { TransportMemory } from "./transport-memory.js";
import type { TransportName } from "./transports/carrier.js";
import { transportNames } from "./transports/sources.js";
import { Schemas } from "./validation.js";

const binaryCodec = createBinaryCodec(utf8());

export class Core {
  readonly platform: Platform;
  readonly alarms: Alarms;
  readonly schemas: Schemas;
  readonly session: ClientSession;
  readonly outbox: Outbox;
  readonly inbox: Inbox;
  readonly calls: Calls;
  readonly streams: StreamDesk;
  readonly connector: Connector;
  readonly positions: Positions = new Positions();
  /** Called with the count below which the server has everything. */
  readonly onAcknowledged: Set<(count: number) => void> = new Set();
  failure: Failure | undefined;
  readonly #watchers = new Map<string, Listeners<unknown[]>>();
  readonly #tokens: TokenSource;
  readonly #codec: Codec;
  readonly #tick: Alarm;
  readonly #renewal: Alarm;
  #unwatch: (() => void) | undefined;
  #state: ClientState = "connecting";
  #told: string = "";
  #hasSession = false;
  #isClosed = false;
  #isSettling = false;
  #isPingPlanned = false;

  constructor(url: string | URL, options: ClientOptions) {
    this.platform = currentPlatform(options.platform);
    this.alarms = new Alarms(this.platform, () => {
      // Hidden pages wake once a minute: a link is doubted then, but no better one is looked for.
      this.connector.signal(this.connector.transport === undefined ? "retry" : "doubt");
    });
    this.schemas = new Schemas(options.contract);
    this.#tokens = new TokenSource(options.token, this.platform);
    this.#codec = options.codec === "json" ? jsonCodec : binaryCodec;
    this.#tick = this.alarms.alarm(() => this.#ring());
    this.#renewal = this.alarms.alarm(() => this.#renewToken());
    this.session = this.#newSession(options);
    const session = (): ClientSession => this.session;
    const lost: ConstructorParameters<typeof Outbox>[0]["lost"] = (messages) =>
      this.tell("lost", messages);
    this.outbox = new Outbox({
      alarms: this.alarms,
      limits: options.outbox ?? {},
      session,
      entryBytesMax: () => this.#entryBytesMax(),
      lost,
    });
    this.calls = new Calls(this);
    this.inbox = new Inbox({
      schemas: this.schemas,
      positions: this.positions,
      request: (packet, data) => this.calls.receive(packet, data),
      refuse: (packet, error) => this.calls.refuse(packet, error),
      error: (error) => this.reportError(error),
    });
    this.streams = new StreamDesk(this);
    const hub = new HubUrl(url, this.platform.baseUrl);
    this.connector = new Connector({
      platform: this.platform,
      alarms: this.alarms,
      url: hub,
      codecs: this.#codec.binary ? [binaryCodec, jsonCodec] : [jsonCodec],
      credentials: options.credentials ?? "same-origin",
      pollIntervalMs: checkedInterval(options.pollIntervalMs),
      agent: options.agent?.slice(0, bounds.textMax),
      transports: checkedTransports(options.transports),
      tokens: this.#tokens,
      memory: new TransportMemory(this.platform.storage, hub.key),
      session,
      changed: () => this.#changed(),
      missed: (failure, retryInMs) => {
        this.failure = failure;
        this.tell("failure", failure, retryInMs);
      },
      gaveUp: (failure) => this.close(failure),
      settle: () => this.settle(),
    });
  }

  get state(): ClientState {
    return this.#state;
  }

  get isClosed(): boolean {
    return this.#isClosed;
  }

  /** Begins to connect; the second call does nothing. */
  start(): void {
    if (this.#unwatch !== undefined || this.#isClosed) return;
    this.#unwatch = this.platform.watch((signal) => {
      // The page is gone for good: the others see it leave at once, not in two minutes.
      if (signal === "unload") this.close({ reason: "closed", detail: "the page was left" });
      else this.connector.signal(signal);
    });
    this.connector.start();
  }

  /** For good. What waits is failed with `closed`. */
  close(failure: Failure): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.failure = failure;
    this.#unwatch?.();
    this.connector.stop();
    const error = new ClientError("closed", `The client is closed: ${failure.detail}`, {
      data: failure,
      cause: failure.cause,
    });
    this.outbox.failAll(error);
    this.calls.close(error);
    this.streams.failAll("closed", failure.detail);
    if (!this.session.ended) this.session.end(CloseCode.closed, "", this.alarms.now());
    this.alarms.stop();
    this.#changed();
    this.tell("closed", failure);
  }

  /** @throws {ClientError} `closed`. */
  checkOpen(): void {
    if (!this.#isClosed) return;
    const detail = this.failure?.detail ?? "";
    throw new ClientError("closed", `The client is closed: ${detail}`, { data: this.failure });
  }

  /** An entry in the codec of the live link, so that it is encoded once. */
  encode(packet: Packet): Entry {
    const codec = this.session.live?.port.codec ?? this.#codec;
    if ("name" in packet) checkName(packet.name);
    const entry = new Entry(packet, codec);
    const messageBytes = this.#entryBytesMax();
    // A byte string is a third longer on a link of text, and links change.
    if (codec.binary && entry.size <= messageBytes && entry.size * 1.34 > messageBytes) {
      const size = jsonCodec.size(entry.encoded(jsonCodec));
      if (size > messageBytes) throw tooLarge(new MessageTooLargeError(size, messageBytes));
    } else if (entry.size > messageBytes && this.#hasSession) {
      throw tooLarge(new MessageTooLargeError(entry.size, messageBytes));
    }
    return entry;
  }

  /** A POST holds a `batch` packet besides, and the next link may be one that posts. */
  #entryBytesMax(): number {
    const { messageBytes, batchBytes } = this.session.limits;
    return Math.min(messageBytes, batchBytes - bounds.batchHeadBytes);
  }

  /** Sends past the outbox, as belongs to what the session knows already. False: the log is full. */
  send(packet: Packet): boolean {
    const entry = this.encode(packet);
    try {
      return this.session.send(entry, this.alarms.now()) >= 0;
    } catch (error) {
      throw error instanceof MessageTooLargeError ? tooLarge(error) : error;
    }
  }

  /** The server broke the protocol. */
  fail(fault: Fault): void {
    this.session.live?.fail(fault, this.alarms.now());
  }

  /** Call after everything that touched the session. */
  settle(): void {
    if (this.#isSettling || this.#isClosed) return;
    this.#isSettling = true;
    this.outbox.flush();
    this.calls.plan();
    this.#isSettling = false;
    const at = this.session.nextTickAt;
    if (at < this.#tick.at) this.#tick.set(at);
    if (this.#wantsAck) this.#askForAck();
  }

  watch<Name extends keyof ClientEvents>(
    name: Name,
    listener: (...args: ClientEvents[Name]) => unknown,
  ): () => void {
    let listeners = this.#watchers.get(name);
    if (listeners === undefined) {
      listeners = new Listeners((error) => this.reportError(error));
      this.#watchers.set(name, listeners);
    }
    return listeners.add(name, listener as (...args: unknown[]) => unknown);
  }

  tell<Name extends keyof ClientEvents>(name: Name, ...args: ClientEvents[Name]): void {
    this.#watchers.get(name)?.call(name, ...args);
  }

  /** To the watchers of `error`; without one, to the platform as an uncaught error. */
  reportError(error: unknown): void {
    const watchers = this.#watchers.get("error");
    if (watchers?.has("error")) {
      watchers.call("error", error);
    } else {
      queueMicrotask(() => {
        throw error;
      });
    }
  }

  // ── The session ──────────────────────────────────────────────────────────────────────────────

  #newSession(options: ClientOptions): ClientSession {
    const limits = { ...defaultLimits, ...options.limits };
    const handler = {
      packet: (packet: Payload | Token | Renew) => this.#received(packet),
      linked: (linked: Linked) => this.#linked(linked),
      unlinked: (end: LinkEnd) => {
        this.connector.unlinked(end);
        this.#changed();
      },
      acknowledged: (count: number) => {
        this.outbox.acknowledged(count);
        for (const listener of this.onAcknowledged) listener(count);
        this.streams.flush();
      },
      ended: (end: LinkEnd) => this.close(failureOf(end)),
    };
    return new ClientSession({ limits, handler }, this.alarms.now());
  }

  #received(packet: Payload | Token | Renew): void {
    switch (packet.type) {
      case "event":
      case "request":
        this.inbox.receive(packet);
        return;
      case "reply":
      case "failure":
        this.calls.settle(packet);
        return;
      case "abort":
        this.calls.abort(packet.id);
        return;
      case "renew":
        this.#planRenewal(packet.renewMs);
        return;
      case "token":
        return;
      default:
        this.streams.receive(packet);
    }
  }

  #linked(linked: Linked): void {
    const { answer, reason, lost, unknown, unsent, welcome } = linked;
    const first = !this.#hasSession;
    this.#hasSession = true;
    this.connector.linked();
    this.failure = undefined;
    if (answer === "fresh") {
      this.outbox.startAnew(unknown, unsent);
      if (!first) this.calls.startAnew();
      this.streams.startAnew();
    } else if (answer === "gap") {
      this.calls.gap(welcome?.received ?? 0);
      this.streams.failAll("gap", "Entries of this stream may be lost.");
    }
    this.#planRenewal(welcome?.renewMs);
    this.#changed();
    const transport = this.connector.transport;
    if (transport !== undefined) {
      const session = this.session.id ?? "";
      this.tell("linked", { answer, reason, first, lost, transport, session });
    }
    this.streams.flush();
  }

  #ring(): void {
    this.session.tick(this.alarms.now());
    this.settle();
  }

  /** Somebody waits for what the server has: the sender of a message, or the progress of a file. */
  get #wantsAck(): boolean {
    const { acknowledged, sent } = this.session;
    return this.outbox.awaited > 0 || (this.onAcknowledged.size > 0 && acknowledged < sent);
  }

  /** An acknowledgement comes by itself within a second; who awaits one gets it in a round trip. */
  #askForAck(): void {
    const { live } = this.session;
    // A ping that waits for a full link is asked too: asking again would keep that link from draining.
    const isAsked =
      live === undefined ||
      live.pingOwed ||
      live.pingAt !== undefined ||
      this.connector.acknowledgesPosts;
    if (isAsked || this.#isPingPlanned) return;
    this.#isPingPlanned = true;
    queueMicrotask(() => {
      this.#isPingPlanned = false;
      if (this.#isClosed || !this.#wantsAck) return;
      this.session.ping(this.alarms.now());
      this.settle();
    });
  }

  // ── The token ────────────────────────────────────────────────────────────────────────────────

  #planRenewal(renewMs: number | undefined): void {
    if (renewMs === undefined || !this.#tokens.canRefresh) this.#renewal.clear();
    else this.#renewal.setIn(renewMs * renewAfter * (0.9 + this.platform.random() * 0.1));
  }

  async #renewToken(): Promise<void> {
    this.#tokens.forget();
    // Without a link the next hello carries the new token.
    if (this.session.live === undefined) return;
    try {
      const token = await this.#tokens.get();
      if (token === undefined || this.#isClosed) return;
      const packet = new Entry(
        { type: "token", token },
        this.session.live?.port.codec ?? this.#codec,
      );
      if (!this.session.sendVolatile(packet, this.alarms.now())) this.#renewal.setIn(tokenRetryMs);
      this.settle();
    } catch (error) {
      if (this.#isClosed) return;
      this.reportError(new ClientError("token", "The token provider failed.", { cause: error }));
      this.#renewal.setIn(tokenRetryMs);
    }
  }

  #changed(): void {
    this.#state = this.#stateNow();
    const { transport } = this.connector;
    const told = `${this.#state} ${transport ?? ""}`;
    if (told === this.#told) return;
    this.#told = told;
    this.tell("state", this.#state, transport);
  }

  #stateNow(): ClientState {
    if (this.#isClosed) return "closed";
    if (this.connector.transport !== undefined) return "connected";
    if (!this.platform.isOnline()) return "offline";
    return this.#hasSession ? "reconnecting" : "connecting";
  }
}

/** PROTOCOL.md §4.1: a hub that is sent any other name ends the session, and everything in it. */
function checkName(name: string): void {
  if (name !== "" && name.length <= bounds.nameMax && !/[\0-\x1f\x7f-\x9f]/.test(name)) return;
  throw new TypeError(
    `${JSON.stringify(name.slice(0, 40))} is no name: 1 to ${bounds.nameMax} characters, no controls.`,
  );
}

function tooLarge(error: MessageTooLargeError): ClientError {
  return new ClientError("too-large", error.message, { cause: error });
}

function utf8(): Parameters<typeof createBinaryCodec>[0] {
  const encoder = new TextEncoder();
  const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });
  return { encode: (text) => encoder.encode(text), decode: (bytes) => decoder.decode(bytes) };
}

function checkedTransports(
  names: readonly TransportName[] = transportNames,
): readonly TransportName[] {
  const unknown = names.find((name) => !transportNames.includes(name));
  if (unknown === undefined && names.length > 0 && new Set(names).size === names.length)
    return names;
  throw new TypeError(
    `transports must name each of ${transportNames.join(", ")} at most once, and one at least.`,
  );
}

function checkedInterval(ms: number = pollIntervalMs): number {
  if (ms >= pollIntervalMsMin && ms < Number.POSITIVE_INFINITY) return ms;
  throw new RangeError(`pollIntervalMs is ${ms}: give ${pollIntervalMsMin} or more milliseconds.`);
}
