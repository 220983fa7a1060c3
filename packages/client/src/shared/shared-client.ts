// A client that shares one connection with the other tabs of its origin.
//
// Theory. Whoever holds the Web Lock leads: it alone has a client, and tells the others by
// BroadcastChannel what happens. A follower keeps each message until the leader says `taken`, which
// it does only with a live link and before it sends. So when the leader's tab closes, what was not
// taken was never sent, and goes to the next leader; what was taken and is not `done` has an unknown
// outcome, and is told as `lost`. Nothing is sent twice.

import type {
  Contract,
  EventName,
  ReceivedData,
  ReceivedReply,
  RequestName,
  SentData,
  Untyped,
} from "@tidewire/session-protocol";
import { Client, type EmitArguments } from "../client.js";
import { ClientError } from "../client-error.js";
import type { ClientState } from "../client-events.js";
import type { ClientOptions } from "../client-options.js";
import type { EventInfo } from "../inbox.js";
import { outboxEntriesMax, requestMs } from "../limits.js";
import { Listeners, type Unsubscribe } from "../listeners.js";
import type { LostMessage } from "../outbox.js";
import { currentPlatform, type Platform } from "../platform.js";
import { throwLater } from "../throw-later.js";
import { readTabMessage, type SharedState, type TabMessage } from "./tab-message.js";

/** What a leader keeps of all tabs together; each tab's own outbox is bounded besides. */
const askedMax = outboxEntriesMax * 8;

/** The part of `LockManager` that is used. */
interface Locks {
  request(
    name: string,
    options: { signal: AbortSignal },
    hold: () => Promise<void>,
  ): Promise<unknown>;
}

interface Channel {
  onmessage: ((event: never) => void) | null;
  postMessage(message: unknown): void;
  close(): void;
}

export interface SharedOptions<C extends Contract = Contract> extends ClientOptions<C> {
  /** Tabs with the same URL and key share. For different users of one origin, use different keys. */
  readonly key?: string;
  /** For tests. */
  readonly locks?: Locks;
  readonly BroadcastChannel?: new (name: string) => Channel;
}

interface SharedEvents {
  /** The state of the shared connection changed; `closed` also by `close()` of this tab. */
  state: [state: ClientState];
  /** What this tab emitted, and nobody knows whether it arrived. */
  lost: [messages: readonly LostMessage[]];
  /** A listener threw, or what was to be sent to other tabs cannot be cloned. */
  error: [error: unknown];
  /** This tab now holds the connection. */
  leading: [];
}

/** Something of this tab on its way. */
interface Sending {
  readonly ask: TabMessage & { type: "ask" };
  isTaken: boolean;
  /** Of a request: no leader may ever come, and nothing waits for ever. */
  timer: unknown;
  settle(data: unknown, error: ClientError | undefined): void;
}

/**
 * A client whose connection is shared by all tabs of this origin with the same URL and `key`.
 * Without Web Locks or BroadcastChannel each tab has its own. Streams and files need a `connect` of
 * their own: bytes are not sent through other tabs.
 */
export function connectShared<const C extends Contract = Untyped>(
  url: string | URL,
  options: SharedOptions<C> = {},
): SharedClient<C> {
  return new SharedClient<C>(url, options);
}

/** One tab of those that share a connection. What it has is as in `Client`; the rest is not shared. */
export class SharedClient<C extends Contract = Untyped> {
  readonly #id: string = Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) =>
    word.toString(36),
  ).join("-");
  readonly #url: string | URL;
  readonly #options: SharedOptions<C>;
  readonly #channel: Channel | undefined;
  readonly #listeners: Listeners<[data: unknown, info: EventInfo]>;
  readonly #watchers: Listeners<unknown[]>;
  readonly #abort = new AbortController();
  readonly #platform: Platform;
  /** Ours, in the order of the calls. */
  readonly #sendings = new Map<number, Sending>();
  /** As the leader: what followers asked for and no link could take yet. The followers keep it too. */
  #asked: (TabMessage & { type: "ask" })[] = [];
  #lastId = 0;
  #client: Client<C> | undefined;
  #leader: string | undefined;
  #shared: SharedState = {
    state: "connecting",
    transport: undefined,
    session: undefined,
    failure: undefined,
  };
  #release: (() => void) | undefined;
  #isClosed = false;

  constructor(url: string | URL, options: SharedOptions<C>) {
    this.#url = url;
    this.#options = options;
    this.#platform = currentPlatform(options.platform);
    this.#listeners = new Listeners((error) => this.#reportError(error));
    this.#watchers = new Listeners((error) => this.#reportError(error));
    const locks = options.locks ?? (globalThis.navigator?.locks as Locks | undefined);
    const Broadcast = options.BroadcastChannel ?? globalThis.BroadcastChannel;
    if (locks === undefined || Broadcast === undefined) {
      this.#lead();
      return;
    }
    const name = `tidewire:${options.key ?? ""}:${String(url)}`;
    this.#channel = new Broadcast(name) as Channel;
    this.#channel.onmessage = (event: { data: unknown }) => this.#received(event.data);
    this.#post({ type: "hello", from: this.#id });
    const hold = (): Promise<void> =>
      new Promise((resolve) => {
        this.#release = resolve;
        this.#lead();
      });
    locks.request(name, { signal: this.#abort.signal }, hold).catch((error) => {
      if (!this.#isClosed) this.#reportError(error);
    });
  }

  get state(): ClientState {
    return this.#isClosed ? "closed" : this.#shared.state;
  }

  /** The transport of the shared link. */
  get transport(): SharedState["transport"] {
    return this.#shared.transport;
  }

  /** The public id of the shared session; another one after a change of leader. */
  get session(): string | undefined {
    return this.#shared.session;
  }

  /** Whether this tab holds the connection. */
  get isLeader(): boolean {
    return this.#client !== undefined;
  }

  /** Listens to what the client tells about itself. */
  watch<Name extends keyof SharedEvents>(
    name: Name,
    listener: (...args: SharedEvents[Name]) => unknown,
  ): Unsubscribe {
    return this.#watchers.add(name, listener as (...args: unknown[]) => unknown);
  }

  /** Calls `listener` for each event of that name, in order; every tab gets every event. */
  on<Name extends EventName<C, "server">>(
    name: Name,
    listener: (data: ReceivedData<C, "server", Name>, info: EventInfo) => unknown,
  ): Unsubscribe {
    return this.#listeners.add(name, listener as (data: unknown, info: EventInfo) => unknown);
  }

  /**
   * Sends an event, when a leader has a link. What did not arrive, or may not have, is told to the
   * watchers of `lost`.
   *
   * @throws {ClientError} `outbox-full` (above 1,024 messages of this tab), `closed`.
   */
  emit<Name extends EventName<C, "client">>(
    name: Name,
    ...[data, options]: EmitArguments<SentData<C, "client", Name>, { readonly volatile?: boolean }>
  ): void {
    const kind = options?.volatile ? "volatile" : "event";
    this.#send(kind, name, data, undefined, (_, error) => {
      if (error !== undefined && kind === "event") {
        this.#watchers.call("lost", [{ name, data, code: error.code }]);
      }
    });
  }

  /** Resolves when the server has it; rejects with `lost` when nobody knows. */
  emitAcked<Name extends EventName<C, "client">>(
    name: Name,
    ...[data]: EmitArguments<SentData<C, "client", Name>, never>
  ): Promise<void> {
    return this.#settled<void>("event", name, data, undefined);
  }

  /** Asks the server. Rejects as `Client.request`, and with `lost` when the leading tab is gone. */
  request<Name extends RequestName<C, "client">>(
    name: Name,
    ...[data, options]: EmitArguments<SentData<C, "client", Name>, { readonly timeoutMs?: number }>
  ): Promise<ReceivedReply<C, "client", Name>> {
    return this.#settled("request", name, data, options?.timeoutMs ?? requestMs);
  }

  /** Leaves. When this tab led, another one takes over. */
  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#abort.abort();
    this.#client?.close();
    this.#release?.();
    this.#channel?.close();
    const error = new ClientError("closed", "The client is closed.");
    for (const sending of [...this.#sendings.values()]) this.#settle(sending, undefined, error);
    this.#watchers.call("state", "closed");
  }

  // ── Sending ──────────────────────────────────────────────────────────────────────────────────

  #settled<Reply>(
    kind: "event" | "request",
    name: string,
    data: unknown,
    timeoutMs: number | undefined,
  ): Promise<Reply> {
    return new Promise((resolve, reject) => {
      this.#send(kind, name, data, timeoutMs, (reply, error) =>
        error === undefined ? resolve(reply as Reply) : reject(error),
      );
    });
  }

  #send(
    kind: "event" | "volatile" | "request",
    name: string,
    data: unknown,
    timeoutMs: number | undefined,
    settle: Sending["settle"],
  ): void {
    if (this.#isClosed) throw new ClientError("closed", "The client is closed.");
    if (this.#sendings.size >= outboxEntriesMax) {
      throw new ClientError(
        "outbox-full",
        `${this.#sendings.size} messages are under way already.`,
      );
    }
    this.#lastId += 1;
    const ask = {
      type: "ask",
      from: this.#id,
      id: this.#lastId,
      kind,
      name,
      data,
      timeoutMs,
    } as const;
    if (kind === "volatile") {
      this.#forward(ask);
      return;
    }
    const sending: Sending = { ask, isTaken: false, timer: undefined, settle };
    if (timeoutMs !== undefined && Number.isFinite(timeoutMs)) {
      const late = new ClientError("timeout", "no answer in time");
      const expire = (): void => this.#settle(sending, undefined, late);
      sending.timer = this.#platform.setTimer(expire, timeoutMs);
    }
    this.#sendings.set(ask.id, sending);
    this.#forward(ask);
  }

  #forward(ask: TabMessage & { type: "ask" }): void {
    if (this.#client !== undefined) this.#take(ask);
    else if (this.#leader !== undefined) this.#post(ask);
  }

  #settle(sending: Sending, data: unknown, error: ClientError | undefined): void {
    if (!this.#sendings.delete(sending.ask.id)) return;
    if (sending.timer !== undefined) this.#platform.clearTimer(sending.timer);
    sending.settle(data, error);
  }

  // ── What other tabs say ──────────────────────────────────────────────────────────────────────

  #received(raw: unknown): void {
    const message = readTabMessage(raw);
    if (message === undefined || message.from === this.#id || this.#isClosed) return;
    switch (message.type) {
      case "hello":
        this.#tellState();
        return;
      case "lead":
        if (this.#client === undefined) this.#follow(message);
        return;
      case "event":
        if (message.from === this.#leader)
          this.#listeners.call(message.info.name, message.data, message.info);
        return;
      case "ask":
        if (this.#client !== undefined) this.#take(message);
        return;
      case "taken":
      case "done":
        this.#answered(message);
    }
  }

  #answered(message: TabMessage & { type: "taken" | "done" }): void {
    const sending = this.#sendings.get(message.id);
    if (sending === undefined || message.to !== this.#id || message.from !== this.#leader) return;
    if (message.type === "taken") sending.isTaken = true;
    else if (message.error === undefined) this.#settle(sending, message.data, undefined);
    else
      this.#settle(
        sending,
        undefined,
        new ClientError(message.error.code, String(message.error.message)),
      );
  }

  #follow(lead: TabMessage & { type: "lead" }): void {
    const isNew = lead.from !== this.#leader;
    this.#leader = lead.from;
    this.#changed(lead);
    if (isNew) this.#sendAgain();
  }

  /** The former leader is gone. What it had not taken was not sent. */
  #sendAgain(): void {
    for (const sending of [...this.#sendings.values()]) {
      if (!sending.isTaken) this.#forward(sending.ask);
      else {
        const text = "The tab that sent this is gone: it may or may not have been applied.";
        this.#settle(sending, undefined, new ClientError("lost", text));
      }
    }
  }

  // ── Leading ──────────────────────────────────────────────────────────────────────────────────

  #lead(): void {
    if (this.#isClosed) {
      this.#release?.();
      return;
    }
    const { platform, key, locks, BroadcastChannel, ...options } = this.#options;
    const client = new Client<C>(this.#url, {
      ...options,
      ...(platform === undefined ? {} : { platform }),
    });
    this.#client = client;
    this.#leader = this.#id;
    client.watch("state", () => {
      this.#tellState();
      this.#takeAsked();
    });
    client.watch("error", (error) => this.#reportError(error));
    client.watch("lost", (messages) => this.#watchers.call("lost", messages));
    client.onAny((_, data, info) => {
      this.#post({ type: "event", from: this.#id, data, info });
      this.#listeners.call(info.name, data, info);
    });
    client.connect();
    this.#tellState();
    this.#watchers.call("leading");
    this.#sendAgain();
  }

  #tellState(): void {
    const client = this.#client;
    // That this tab goes is no news of the connection: another one takes it over.
    if (client === undefined || this.#isClosed) return;
    const { state, transport, session, failure } = client;
    const told = failure && { reason: failure.reason, detail: failure.detail };
    this.#changed({ state, transport, session, failure: told });
    this.#post({ type: "lead", from: this.#id, state, transport, session, failure: told });
  }

  #changed(shared: SharedState): void {
    const before = this.#shared;
    this.#shared = shared;
    if (before.state === shared.state) return;
    if (shared.state === "closed") {
      const error = new ClientError("closed", shared.failure?.detail ?? "", {
        data: shared.failure,
      });
      for (const sending of [...this.#sendings.values()]) this.#settle(sending, undefined, error);
    }
    this.#watchers.call("state", shared.state);
  }

  #take(ask: TabMessage & { type: "ask" }): void {
    if (ask.kind === "volatile") {
      this.#emitVolatile(ask);
      return;
    }
    const isKnown = this.#asked.some(({ from, id }) => from === ask.from && id === ask.id);
    if (isKnown) return;
    if (this.#asked.length >= askedMax) {
      const text = `${askedMax} messages of all tabs wait for a link.`;
      this.#finish(ask, undefined, new ClientError("outbox-full", text));
      return;
    }
    this.#asked.push(ask);
    this.#takeAsked();
  }

  /** Takes what was asked, in order, once there is a link: until then its sender keeps it. */
  #takeAsked(): void {
    if (this.#client?.state !== "connected") return;
    for (const ask of this.#asked.splice(0)) {
      const own = ask.from === this.#id ? this.#sendings.get(ask.id) : undefined;
      if (own !== undefined) own.isTaken = true;
      else this.#post({ type: "taken", from: this.#id, to: ask.from, id: ask.id });
      this.#do(ask).then(
        (data) => this.#finish(ask, data, undefined),
        (error: unknown) => this.#finish(ask, undefined, error),
      );
    }
  }

  async #do(ask: TabMessage & { type: "ask" }): Promise<unknown> {
    const client = this.#client as unknown as Client;
    if (ask.kind === "request") {
      const { timeoutMs } = ask;
      const isTime = typeof timeoutMs === "number" && timeoutMs > 0;
      return client.request(ask.name, ask.data, isTime ? { timeoutMs } : {});
    }
    return client.emitAcked(ask.name, ask.data);
  }

  #emitVolatile(ask: TabMessage & { type: "ask" }): void {
    try {
      (this.#client as unknown as Client).emit(ask.name, ask.data, { volatile: true });
    } catch (error) {
      this.#reportError(error);
    }
  }

  #finish(ask: TabMessage & { type: "ask" }, data: unknown, raw: unknown): void {
    if (this.#isClosed) return;
    const error =
      raw === undefined
        ? undefined
        : raw instanceof ClientError
          ? raw
          : new ClientError("invalid", String(raw), { cause: raw });
    const own = this.#sendings.get(ask.id);
    if (ask.from === this.#id) {
      if (own !== undefined) this.#settle(own, data, error);
      return;
    }
    const told = error && { code: error.code, message: error.message };
    this.#post({ type: "done", from: this.#id, to: ask.from, id: ask.id, data, error: told });
  }

  #post(message: TabMessage): void {
    try {
      this.#channel?.postMessage(message);
    } catch (error) {
      // Data that cannot be cloned cannot be sent either.
      this.#reportError(error);
    }
  }

  #reportError(error: unknown): void {
    if (this.#watchers.has("error")) this.#watchers.call("error", error);
    else throwLater(error);
  }
}
