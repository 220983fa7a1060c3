// The inside of a client: one session, what feeds it, and what it feeds.
//
//   emit, request → Outbox → Session ⇄ Connector → transports
//   listeners, handlers ← Inbox, Calls, StreamDesk ← Session

import {
  bounds,
  ClientSession,
  CloseCode,
  defaultLimits,
  Entry,
  type Fault,
  isName,
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
import { Inbox } from "./inbox.js";
import { renewAfter, tokenRetryMs } from "./limits.js";
import { Listeners } from "./listeners.js";
import { later, loadLater } from "./load-later.js";
import { Outbox } from "./outbox.js";
import { currentPlatform, type Platform } from "./platform.js";
import { Positions } from "./positions.js";
import { StreamDesk } from "./stream-desk.js";
import { throwLater } from "./throw-later.js";
import { Schemas } from "./validation.js";

const watched = "state linked failure lost error closed";

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
  readonly #watchers = new Listeners<unknown[]>((error, name) => {
    // A watcher of errors that throws would be told of its own for ever.
    if (name === "error") throwLater(error);
    else this.reportError(error);
  });
  readonly #tick: Alarm;
  readonly #renewal: Alarm;
  #unwatch: (() => void) | undefined;
  #state: ClientState = "connecting";
  #told: string = "";
  #hasSession = false;
  #isClosed = false;
  #isSettling = false;

  constructor(url: string | URL, options: ClientOptions) {
    this.platform = currentPlatform(options.platform);
    this.alarms = new Alarms(this.platform, () => {
      // Hidden pages wake once a minute: a link is doubted then, but no better one is looked for.
      this.connector.signal(this.connector.transport === undefined ? "retry" : "doubt");
    });
    this.schemas = new Schemas(options.contract);
    this.#tick = this.alarms.alarm(() => this.#ring());
    this.#renewal = this.alarms.alarm(() => this.#renewToken());
    this.session = this.#newSession(options);
    this.outbox = new Outbox(this, options.outbox);
    this.calls = new Calls(this);
    this.inbox = new Inbox(this);
    this.streams = new StreamDesk(this);
    this.connector = new Connector(this, url, options);
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
    this.changed();
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
    if ("name" in packet && !isName(packet.name)) {
      // PROTOCOL.md §4.1: a hub that is sent any other name ends the session, and everything in it.
      const name = JSON.stringify(String(packet.name).slice(0, 40));
      throw new TypeError(`${name} is no name: 1 to 128 characters, no controls.`);
    }
    const entry = new Entry(packet, this.session.live?.port.codec ?? jsonCodec);
    // Before the first link nobody knows what the server takes.
    if (this.#hasSession) this.checkSize(entry);
    return entry;
  }

  /**
   * A POST holds a `batch` packet besides, a byte string is a third longer on a link of text, and the
   * next link may be one that posts text.
   * @throws {ClientError} `too-large`.
   */
  checkSize(entry: Entry): void {
    const { messageBytes, batchBytes } = this.session.limits;
    const max = Math.min(messageBytes, batchBytes - bounds.batchHeadBytes);
    if (entry.size * 1.34 <= max) return;
    const size = Math.max(entry.size, jsonCodec.size(entry.encoded(jsonCodec)));
    if (size <= max) return;
    const cause = new MessageTooLargeError(size, max);
    throw new ClientError("too-large", cause.message, { cause });
  }

  /** The server broke the protocol. */
  fail(fault: Fault): void {
    this.session.live?.fail(fault, this.alarms.now());
  }

  /** Of the connector: a round of attempts found no link. */
  missed(failure: Failure, retryInMs: number): void {
    this.failure = failure;
    this.tell("failure", failure, retryInMs);
  }

  /** The state, or the transport in use, may be another. */
  changed(): void {
    this.#state = this.#stateNow();
    const { transport } = this.connector;
    const told = `${this.#state} ${transport ?? ""}`;
    if (told === this.#told) return;
    this.#told = told;
    this.tell("state", this.#state, transport);
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
    later()?.askForAck(this);
  }

  watch<Name extends keyof ClientEvents>(
    name: Name,
    listener: (...args: ClientEvents[Name]) => unknown,
  ): () => void {
    if (!watched.split(" ").includes(name)) {
      throw new TypeError(`watch takes ${watched}, not "${name}".`);
    }
    return this.#watchers.add(name, listener as (...args: unknown[]) => unknown);
  }

  tell<Name extends keyof ClientEvents>(name: Name, ...args: ClientEvents[Name]): void {
    this.#watchers.call(name, ...args);
  }

  /** To the watchers of `error`; without one, to the platform as an uncaught error. */
  reportError(error: unknown): void {
    if (this.#watchers.has("error")) this.#watchers.call("error", error);
    else throwLater(error);
  }

  // ── The session ──────────────────────────────────────────────────────────────────────────────

  #newSession(options: ClientOptions): ClientSession {
    const limits = { ...defaultLimits, ...options.limits };
    const handler = {
      packet: (packet: Payload | Token | Renew) => this.#received(packet),
      linked: (linked: Linked) => this.#linked(linked),
      unlinked: (end: LinkEnd) => {
        this.connector.unlinked(end);
        this.changed();
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
    this.changed();
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

  // ── The token ────────────────────────────────────────────────────────────────────────────────

  #planRenewal(renewMs: number | undefined): void {
    if (renewMs === undefined || !this.connector.tokens.canRefresh) this.#renewal.clear();
    else this.#renewal.setIn(renewMs * renewAfter * (0.9 + this.platform.random() * 0.1));
  }

  async #renewToken(): Promise<void> {
    try {
      const { renewToken } = await loadLater();
      if (await renewToken(this)) return;
    } catch (error) {
      this.reportError(error);
    }
    if (!this.#isClosed) this.#renewal.setIn(tokenRetryMs);
  }

  #stateNow(): ClientState {
    if (this.#isClosed) return "closed";
    if (this.connector.transport !== undefined) return "connected";
    if (!this.platform.isOnline()) return "offline";
    return this.#hasSession ? "reconnecting" : "connecting";
  }
}
