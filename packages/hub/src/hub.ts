// The hub: where a program says what it does with its peers, and where the parts are put together.

import {
  bounds,
  CloseCode,
  type Contract,
  type DataArguments,
  type EventName,
  type LinkEnd,
  type ReceivedData,
  type ReceivedItem,
  type RequestName,
  type SentData,
  type SentItem,
  type SentReply,
  type StreamName,
  type Untyped,
} from "@tidewire/session-protocol";
import type { Backplane } from "./backplane/backplane.js";
import { MemoryBackplane } from "./backplane/memory-backplane.js";
import { checkFunction, checkHubOptions } from "./check-options.js";
import type { Maybe } from "./contract/checker.js";
import { Checker } from "./contract/checker.js";
import { Drain, type DrainOptions } from "./drain.js";
import {
  type CallContext,
  type EventHandler,
  type HandleOptions,
  Handlers,
  type RequestHandler,
  type RequestInfo,
  type StreamHandlerOfHub,
} from "./events/handlers.js";
import { addTo, Hooks, type Listeners } from "./events/hooks.js";
import type { Middleware } from "./events/middleware.js";
import { type HubLimits, resolveLimits } from "./limits.js";
import type { HubStats, Metrics } from "./metrics.js";
import type { Peer } from "./peers/peer.js";
import { type PeerSession, type SlowPolicy, toldLimits } from "./peers/peer-session.js";
import type { Refusal, Surroundings } from "./peers/surroundings.js";
import { type Platform, webPlatform } from "./platform.js";
import { Audience } from "./rooms/audience.js";
import { RoomHandle } from "./rooms/room-handle.js";
import { RoomKeeper } from "./rooms/room-keeper.js";
import type { RoomOptions } from "./rooms/room-state.js";
import { checkRoomName } from "./rooms/rooms.js";
import { everybody } from "./rooms/selection.js";
import type { Admission, GatePolicy, TransportName } from "./sessions/admission.js";
import type {
  Authenticate,
  AuthenticatorOptions,
  ConnectContext,
  Handshake,
  Identity,
} from "./sessions/handshake.js";
import { renewToken } from "./sessions/renewal.js";
import { SessionTable } from "./sessions/session-table.js";
import type { HubStream } from "./streams/hub-stream.js";
import { checkUploadOptions, readFileClaim, Upload, type UploadOptions } from "./streams/upload.js";
import { MomentClock } from "./time/moment-clock.js";
import { Wheel } from "./time/wheel.js";

export interface HubOptions<C extends Contract = Untyped, Data = unknown> {
  /** What the two ends may say. Default: everything, unchecked. */
  readonly contract?: C;
  /** See `defaultHubLimits`; those left out keep their default. */
  readonly limits?: Partial<HubLimits>;
  /** Who is it? Also `hub.authenticate(…)`. Default: everybody is a guest. */
  readonly authenticate?: (handshake: Handshake) => Maybe<Identity<Data>>;
  /** What rooms do besides having members, by name. Asked when a room is opened or spoken to. */
  readonly rooms?: (name: string) => RoomOptions | undefined;
  /** Origins that may connect. Default `"same-origin"`. */
  readonly origins?: GatePolicy["origins"];
  /** Whether browsers of other origins may send cookies. Default false. */
  readonly credentials?: boolean;
  /**
   * What happens to a peer that reads too slowly for its log: `gap` (default) forgets the oldest
   * entries and tells the client how many; `end` ends its session with 4007.
   */
  readonly slow?: SlowPolicy;
  /** What joins the hubs of a cluster. Default: this hub is alone. */
  readonly backplane?: Backplane;
  /** The name of this node in the cluster. Default: random. */
  readonly node?: string;
  /** Counts what happens. */
  readonly metrics?: Metrics;
  /**
   * Errors of handlers, hooks and the backplane. Default: written to `console.error`. Whatever it
   * throws is ignored.
   */
  readonly onError?: (error: unknown, doing: string, peer: Peer | undefined) => void;
  /** Time, timers and dice. Default: the runtime's. */
  readonly platform?: Partial<Platform>;
}

export class Hub<C extends Contract = Untyped, Data = unknown> {
  /** For transports. */
  readonly admission: Admission;
  /** The name of this node in the cluster. */
  readonly node: string;
  /** The limits in force. */
  readonly limits: HubLimits;
  readonly #platform: Platform;
  readonly #wheel: Wheel;
  readonly #sessions: SessionTable;
  readonly #rooms: RoomKeeper;
  readonly #checker: Checker;
  readonly #handlers = new Handlers();
  readonly #hub: Surroundings;
  readonly #hooks: Hooks;
  readonly #connectLayers: Middleware<ConnectContext>[] = [];
  #authenticate: Authenticate | undefined;
  #lastRequest = 0;
  #drain: Drain | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @throws {RangeError} for a limit that makes no sense; {TypeError} for an option that is none, and
   * for a contract with a reserved name.
   */
  constructor(options: HubOptions<C, Data> = {}) {
    checkHubOptions(options);
    this.limits = resolveLimits(options.limits);
    const platform: Platform = { ...webPlatform, ...options.platform };
    const clock = new MomentClock(() => platform.now());
    this.#platform = { ...platform, now: () => clock.now() };
    this.#wheel = new Wheel(this.#platform);
    this.#checker = new Checker(options.contract);
    this.#hooks = new Hooks(options.metrics, options.onError ?? logError);
    this.#authenticate = options.authenticate;
    const { credentials = false, origins = "same-origin" } = options;
    checkOrigins(origins);
    this.node = options.node ?? nodeName(this.#platform);
    this.#hub = this.#surroundings();
    const backplane = options.backplane ?? new MemoryBackplane({ platform: this.#platform });
    this.#rooms = new RoomKeeper({
      hub: this.#hub,
      checker: this.#checker,
      wheel: this.#wheel,
      node: this.node,
      backplane,
      options: options.rooms ?? (() => undefined),
      peers: () => this.#sessions.all(),
    });
    const { helloMs, waitingLinks, waitingLinksPerAddress } = this.limits;
    this.#sessions = new SessionTable({
      hub: this.#hub,
      platform: this.#platform,
      clock,
      gate: { origins, credentials, helloMs, waitingLinks, waitingLinksPerAddress },
      slow: options.slow ?? "gap",
      authenticator: () => this.#authenticator(),
      began: (core) => this.#began(core),
    });
    this.admission = this.#sessions;
  }

  // ── Who comes in ─────────────────────────────────────────────────────────────────────────────

  /**
   * Asked for every link and every renewed token: answer who it is, or throw (`RefusedError` to say
   * why). Has `limits.authenticateMs`. Returns this hub, with the type of its peers' data.
   */
  authenticate<Known>(run: (handshake: Handshake) => Maybe<Identity<Known>>): Hub<C, Known> {
    checkFunction(run, "hub.authenticate");
    this.#authenticate = run;
    return this as unknown as Hub<C, Known>;
  }

  /** Adds a layer around `authenticate`. */
  useConnect(layer: Middleware<ConnectContext>): this {
    checkFunction(layer, "hub.useConnect");
    this.#connectLayers.push(layer);
    return this;
  }

  /** Adds a layer around every event, request and stream, after the contract's check. */
  use(layer: Middleware<CallContext<Peer<C, Data>>>): this {
    checkFunction(layer, "hub.use");
    this.#handlers.layers.push(layer as Middleware<CallContext>);
    return this;
  }

  // ── What is said ─────────────────────────────────────────────────────────────────────────────

  /**
   * `connect`: a new session; what the peer sends waits until the listener is done. `disconnect`: its
   * session is over (not: its link). Every other name: an event of the peers, which never are these
   * two. Handlers of one peer run one after the other, in the order in which it sent. Answers how to
   * take the listener off.
   */
  on(name: "connect", listen: (peer: Peer<C, Data>) => Maybe<unknown>): () => void;
  on(
    name: "disconnect",
    listen: (
      peer: Peer<C, Data>,
      end: { readonly code: number; readonly reason: string },
    ) => Maybe<unknown>,
  ): () => void;
  on<N extends EventName<C, "client">>(
    name: N,
    listen: (peer: Peer<C, Data>, data: ReceivedData<C, "client", N>) => Maybe<unknown>,
    options?: HandleOptions,
  ): () => void;
  on(name: string, listen: unknown, options: HandleOptions = {}): () => void {
    checkFunction(listen, `hub.on(${JSON.stringify(name)})`);
    if (name === "connect") return this.#hooks.add("connected", listen as Listeners["connected"]);
    if (name === "disconnect") {
      return this.#hooks.add("disconnected", listen as Listeners["disconnected"]);
    }
    this.#checkKnown(name, this.#checker.knows("client", name, "event"), "event");
    return this.#handlers.addEvent(name, listen as EventHandler, options);
  }

  /** Every event of the peers, those without a listener too. */
  onAny(listen: (peer: Peer<C, Data>, name: string, data: unknown) => Maybe<unknown>): () => void {
    checkFunction(listen, "hub.onAny");
    return addTo(this.#handlers.any, listen as Handlers["any"][number]);
  }

  /** A peer got or lost its link; its session lives on. For "away" lights, not for leaving rooms. */
  onLink(listen: (peer: Peer<C, Data>, isLinked: boolean) => unknown): () => void {
    checkFunction(listen, "hub.onLink");
    return this.#hooks.add("linked", listen as Listeners["linked"]);
  }

  /** Something a peer sent was refused: an unknown name, invalid data, a middleware's no. */
  onRefused(listen: (peer: Peer<C, Data>, refusal: Refusal) => unknown): () => void {
    checkFunction(listen, "hub.onRefused");
    return this.#hooks.add("refused", listen as Listeners["refused"]);
  }

  /**
   * Answers a request of the peers: what it returns is the reply, a `FailureError` that it throws the
   * failure; any other error is `internal` to the peer, and goes to `onError`.
   * @throws {Error} when the name has a handler already.
   */
  handle<N extends RequestName<C, "client">>(
    name: N,
    run: (
      peer: Peer<C, Data>,
      data: ReceivedData<C, "client", N>,
      info: RequestInfo,
    ) => Maybe<SentReply<C, "client", N>>,
    options: HandleOptions = {},
  ): () => void {
    checkFunction(run, `hub.handle(${JSON.stringify(name)})`);
    this.#checkKnown(name, this.#checker.knows("client", name, "request"), "request");
    return this.#handlers.addRequest(name, run as RequestHandler, options);
  }

  /**
   * Takes streams that peers open. The stream ends when the handler is done, with what it returns as a
   * last word; it is cancelled when the handler throws. Streams do not hold up events.
   */
  onStream<N extends StreamName<C>>(
    name: N,
    run: (
      peer: Peer<C, Data>,
      stream: HubStream<ReceivedItem<C, N, "up">, SentItem<C, N, "down">>,
      data: ReceivedItem<C, N, "data">,
    ) => Maybe<unknown>,
  ): () => void {
    checkFunction(run, `hub.onStream(${JSON.stringify(name)})`);
    this.#checkKnown(name, this.#checker.knowsStream(name), "stream");
    return this.#handlers.addStream(name, run as unknown as StreamHandlerOfHub);
  }

  /**
   * Takes files that peers upload under a name. What the handler returns is the client's result. It
   * must read the upload to its end, or throw.
   * @throws {TypeError} for a `sizeMax` that is no number: without one, files of any size would come.
   */
  onUpload(
    name: string,
    options: UploadOptions,
    run: (peer: Peer<C, Data>, upload: Upload) => Maybe<unknown>,
  ): () => void {
    checkFunction(run, `hub.onUpload(${JSON.stringify(name)})`);
    checkUploadOptions(options);
    this.#checkKnown(name, this.#checker.knowsStream(name), "stream");
    return this.#handlers.addStream(name, async (peer, stream, data) => {
      const upload = new Upload(readFileClaim(data, options), stream, options);
      return await run(peer as unknown as Peer<C, Data>, upload);
    });
  }

  // ── Audiences ────────────────────────────────────────────────────────────────────────────────

  /** Everybody. */
  get all(): Audience<C> {
    return new Audience(this.#rooms, everybody, plainly);
  }

  /** Whoever is in any of these rooms. */
  to(...rooms: readonly string[]): Audience<C> {
    if (rooms.length === 0) throw new TypeError("hub.to() needs a room; hub.all is everybody.");
    return this.all.to(...rooms);
  }

  /** Everybody but these peers and the members of these rooms. */
  except(...who: readonly (Pick<Peer, "id"> | string)[]): Audience<C> {
    return this.all.except(...who);
  }

  /** Sends an event to everybody. */
  emit<N extends EventName<C, "server">>(
    name: N,
    ...data: DataArguments<SentData<C, "server", N>>
  ): void {
    this.#rooms.emit(everybody, name, data[0], plainly);
  }

  /** A room: who is there, what was said. */
  room(name: string): RoomHandle {
    checkRoomName(name);
    return new RoomHandle(name, this.#rooms);
  }

  /** A peer of this node by its id. */
  peer(id: string): Peer<C, Data> | undefined {
    return this.#sessions.get(id)?.peer as Peer<C, Data> | undefined;
  }

  /** The peers of this node. */
  *peers(): Generator<Peer<C, Data>> {
    for (const core of this.#sessions.all()) yield core.peer as unknown as Peer<C, Data>;
  }

  // ── The node ─────────────────────────────────────────────────────────────────────────────────

  /** What is there now. Walks over all sessions: for a metrics scrape, not for every message. */
  stats(): HubStats {
    const linksByTransport: Record<TransportName, number> = {
      websocket: 0,
      sse: 0,
      stream: 0,
      "long-polling": 0,
      polling: 0,
    };
    const sum = { linked: 0, memberships: 0, retainedEntries: 0, retainedBytes: 0 };
    const waits = { requests: 0, streams: 0, inboxEntries: 0 };
    for (const core of this.#sessions.all()) {
      const { entries, bytes } = core.session.retained;
      if (core.session.live !== undefined) {
        sum.linked += 1;
        linksByTransport[core.transport] += 1;
      }
      sum.memberships += core.rooms.length;
      sum.retainedEntries += entries;
      sum.retainedBytes += bytes;
      const { requests, streams } = core.waits;
      waits.requests += requests;
      waits.streams += streams;
      waits.inboxEntries += core.inbox.size;
    }
    const { size: sessions } = this.#sessions;
    const isDraining = this.#sessions.refusal !== undefined;
    return { sessions, ...sum, ...waits, rooms: this.#rooms.size, linksByTransport, isDraining };
  }

  /**
   * Takes no new links, and sends those that there are elsewhere, evenly over a time, each with a delay
   * of its own. Resolves when no link is left; `close` then ends what is left of the sessions.
   */
  drain(options: DrainOptions = {}): Promise<void> {
    if (this.#drain !== undefined) return this.#drain.done;
    const { random } = this.#platform;
    const now = this.#platform.now();
    const linked = [...this.#sessions.all()].filter(({ session }) => session.live !== undefined);
    const drain = new Drain(linked, options, { now, random });
    this.#drain = drain;
    this.#sessions.refuse({
      type: "bye",
      code: CloseCode.draining,
      reason: "this node goes away",
      retryMs: drain.retryMs(),
    });
    this.#wheel.schedule(drain);
    return drain.done;
  }

  /**
   * Ends at once: links are told 4002 if they are still there, sessions are forgotten, the node leaves
   * the cluster. Call `drain` first for a graceful end.
   */
  close(): Promise<void> {
    this.#closing ??= this.#close();
    return this.#closing;
  }

  async #close(): Promise<void> {
    const now = this.#platform.now();
    const reason = "this node is closed";
    this.#sessions.refuse({ type: "bye", code: CloseCode.draining, reason, retryMs: 1_000 });
    for (const core of [...this.#sessions.all()]) {
      const retryMs = Math.round(1_000 + 4_000 * this.#platform.random());
      core.session.unlink(CloseCode.draining, reason, now, { retryMs });
      core.session.end(CloseCode.draining, reason, now);
    }
    this.#wheel.close();
    await this.#rooms.close();
  }

  // ── Hooks ────────────────────────────────────────────────────────────────────────────────────

  #began(core: PeerSession): void {
    this.#rooms.claim(core.id);
    core.inbox.push({
      bytes: 0,
      isFree: true,
      concurrent: false,
      run: () => {
        core.isConnected = true;
        this.#hooks.linked(core, true);
        return this.#hooks.connected(core);
      },
    });
  }

  #ended(core: PeerSession, end: LinkEnd): void {
    this.#wheel.remove(core);
    this.#sessions.ended(core, end);
    this.#rooms.release(core.id);
    this.#hooks.disconnected(core, end);
  }

  #authenticator(): AuthenticatorOptions {
    return {
      authenticate: this.#authenticate,
      layers: this.#connectLayers,
      timeoutMs: this.limits.authenticateMs,
      after: this.#platform.after,
      failed: (error) => this.#hooks.failed(error, "authenticate", undefined),
    };
  }

  #surroundings(): Surroundings {
    const self = this;
    return {
      limits: this.limits,
      told: toldLimits(this.limits),
      checker: this.#checker,
      handlers: this.#handlers,
      get rooms() {
        return self.#rooms.rooms;
      },
      now: this.#platform.now,
      schedule: (member) => this.#wheel.schedule(member),
      count: this.#hooks.count,
      nextRequestId: () => {
        this.#lastRequest += 1;
        return this.#lastRequest;
      },
      failed: (error, doing, core) => this.#hooks.failed(error, doing, core),
      refused: (core, refusal) => this.#hooks.refused(core, refusal),
      renew: (core, token) => void renewToken(core, token, this.#authenticator()),
      linked: (core) => this.#hooks.linked(core, true),
      unlinked: (core, end) => {
        this.#hooks.count("hub.links.closed", 1, String(end.code));
        this.#hooks.linked(core, false);
      },
      ended: (core, end) => this.#ended(core, end),
      presence: (core, room, state) => this.#rooms.show(room, core, state),
      replay: (core, room, since, max) => this.#rooms.replay(core, room, since, max),
    };
  }

  #checkKnown(name: string, isKnown: boolean, kind: string): void {
    if (isKnown) return;
    throw new TypeError(`The contract has no ${kind} ${JSON.stringify(name)} that clients send.`);
  }
}

const plainly = { volatile: false, local: false, latest: undefined } as const;

function logError(error: unknown, doing: string): void {
  console.error(
    `tidewire hub: ${JSON.stringify(doing.slice(0, bounds.nameMax + 10))} failed:`,
    error,
  );
}

function checkOrigins(origins: GatePolicy["origins"]): void {
  if (!Array.isArray(origins)) return;
  for (const origin of origins as readonly string[]) {
    if (origin === "*") {
      throw new TypeError(
        'origins: "*" would let every site act for your users; give their origins.',
      );
    }
  }
}

function nodeName(platform: Platform): string {
  return Array.from(platform.randomBytes(8), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
