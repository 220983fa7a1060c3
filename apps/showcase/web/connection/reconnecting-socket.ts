// A browser WebSocket that comes back.
//
//   connecting ──answer──▶ online ──lost──▶ offline ──retry──▶ connecting
//       └───────────lost, or no answer in time──────▲
//
// Browsers do not tell when a network silently swallows everything, so it asks now and then, and
// takes a server that does not answer for gone.
import { type ReadonlySignal, signal } from "@preact/signals";
import { backoffMs } from "./backoff.js";
import type { Connection, ConnectionHandlers, ConnectionState } from "./connection.js";

/** How long the server may take from the first packet to its first message. */
const connectTimeoutMs = 10_000;
/** A lost network is noticed within this time and the one for the answer. */
const probeIntervalMs = 20_000;
const probeTimeoutMs = 8_000;
/** What the browser reports when there was no closing handshake. */
const abnormalClosure = 1006;

/** The part of the browser's WebSocket that is needed here. */
export type BrowserSocket = Pick<
  WebSocket,
  "send" | "close" | "onopen" | "onmessage" | "onclose" | "readyState"
>;

export interface ReconnectingSocketOptions {
  readonly url: string;
  /** What is sent to see whether the server is there; it must answer with anything. */
  readonly probe: string;
  readonly openSocket?: (url: string) => BrowserSocket;
  readonly random?: () => number;
}

export class ReconnectingSocket implements Connection {
  readonly #options: ReconnectingSocketOptions;
  readonly #state = signal<ConnectionState>({ state: "connecting" });
  #handlers: ConnectionHandlers | undefined;
  #socket: BrowserSocket | undefined;
  #failures = 0;
  /** One timer at a time: the deadline of an attempt or a probe, the next probe, or the next try. */
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ReconnectingSocketOptions) {
    this.#options = options;
  }

  get state(): ReadonlySignal<ConnectionState> {
    return this.#state;
  }

  start(handlers: ConnectionHandlers): void {
    this.#handlers = handlers;
    this.#connect();
  }

  send(text: string): boolean {
    if (this.#socket?.readyState !== 1) return false;
    this.#socket.send(text);
    return true;
  }

  retryNow(): void {
    if (this.#handlers && this.#state.value.state === "offline") this.#connect();
  }

  /** The device woke up, or its network changed: find out now whether the server is still there. */
  check(): void {
    if (this.#state.value.state === "offline") this.retryNow();
    else if (this.#state.value.state === "online") this.#probe();
  }

  stop(): void {
    this.#handlers = undefined;
    clearTimeout(this.#timer);
    this.#drop();
  }

  #connect(): void {
    this.#state.value = { state: "connecting" };
    this.#wait(connectTimeoutMs, () => this.#lose(abnormalClosure));
    const open = this.#options.openSocket ?? ((url) => new WebSocket(url));
    const socket = open(this.#options.url);
    this.#socket = socket;
    socket.onopen = () => this.#handlers?.open();
    socket.onmessage = ({ data }) => this.#receive(String(data));
    socket.onclose = ({ code }) => this.#lose(code);
  }

  #receive(text: string): void {
    this.#failures = 0;
    if (this.#state.value.state !== "online") this.#state.value = { state: "online" };
    this.#wait(probeIntervalMs, () => this.#probe());
    this.#handlers?.message(text);
  }

  #probe(): void {
    this.send(this.#options.probe);
    this.#wait(probeTimeoutMs, () => this.#lose(abnormalClosure));
  }

  #lose(code: number): void {
    this.#drop();
    this.#failures += 1;
    const waitMs = backoffMs(this.#failures, (this.#options.random ?? Math.random)());
    this.#wait(waitMs, () => this.#connect());
    this.#state.value = { state: "offline", retryAt: Date.now() + waitMs };
    this.#handlers?.lost(code);
  }

  /** Whatever the old socket still reports is of no interest any more. */
  #drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    this.#socket = undefined;
    socket.onopen = null;
    socket.onmessage = null;
    socket.onclose = null;
    socket.close();
  }

  #wait(ms: number, then: () => void): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(then, ms);
  }
}
