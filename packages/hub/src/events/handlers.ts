// What the program registered: handlers by name, in maps, and the layers around them.

import type { Maybe } from "../contract/checker.js";
import type { Peer } from "../peers/peer.js";
import type { HubStream } from "../streams/hub-stream.js";
import type { Middleware } from "./middleware.js";

/** What is being handled, as event middleware sees it. */
export interface CallContext<P = Peer> {
  readonly peer: P;
  readonly type: "event" | "request" | "stream";
  readonly name: string;
  /** Checked against the contract. */
  readonly data: unknown;
}

/** The third argument of a request's handler. */
export interface RequestInfo {
  readonly name: string;
  /** How long the asker waits, ms; absent when it did not say. */
  readonly timeoutMs: number | undefined;
  /** Aborted when the asker has stopped waiting or is gone. */
  readonly signal: AbortSignal;
}

export type EventHandler = (peer: Peer, data: unknown) => Maybe<unknown>;
export type RequestHandler = (peer: Peer, data: unknown, info: RequestInfo) => Maybe<unknown>;
export type StreamHandlerOfHub = (peer: Peer, stream: HubStream, data: unknown) => Maybe<unknown>;
export type AnyHandler = (peer: Peer, name: string, data: unknown) => Maybe<unknown>;

/** How a handler runs beside others of the same peer. */
export interface HandleOptions {
  /**
   * Start in the peer's order, but do not hold up what comes after: for slow work that needs no
   * order. Default false: one handler of a peer at a time.
   */
  readonly concurrent?: boolean;
}

export interface Registered<Handler> {
  readonly run: Handler;
  readonly concurrent: boolean;
}

/** The listeners of one event. */
export interface Listeners {
  readonly list: readonly Registered<EventHandler>[];
  /** Whether all of them may run beside others. */
  readonly concurrent: boolean;
}

export class Handlers {
  readonly events: Map<string, Listeners> = new Map();
  readonly requests: Map<string, Registered<RequestHandler>> = new Map();
  readonly streams: Map<string, StreamHandlerOfHub> = new Map();
  readonly any: AnyHandler[] = [];
  readonly layers: Middleware<CallContext>[] = [];

  /** Adds a listener; answers how to take it off. */
  addEvent(name: string, run: EventHandler, options: HandleOptions): () => void {
    const registered = { run, concurrent: options.concurrent === true };
    // A new list, so that one that is being run through does not change.
    this.#setEvents(name, [...(this.events.get(name)?.list ?? []), registered]);
    return () => {
      const { list = [] } = this.events.get(name) ?? {};
      this.#setEvents(
        name,
        list.filter((other) => other !== registered),
      );
    };
  }

  /** @throws {Error} when the name has a handler already: a request has one answer. */
  addRequest(name: string, run: RequestHandler, options: HandleOptions): () => void {
    if (this.requests.has(name)) {
      throw new Error(`The request ${JSON.stringify(name)} has a handler already.`);
    }
    this.requests.set(name, { run, concurrent: options.concurrent === true });
    return () => this.requests.delete(name);
  }

  /** @throws {Error} when the name has a handler already. */
  addStream(name: string, run: StreamHandlerOfHub): () => void {
    if (this.streams.has(name)) {
      throw new Error(`The stream ${JSON.stringify(name)} has a handler already.`);
    }
    this.streams.set(name, run);
    return () => this.streams.delete(name);
  }

  #setEvents(name: string, list: readonly Registered<EventHandler>[]): void {
    const concurrent = list.every((registered) => registered.concurrent);
    if (list.length === 0) this.events.delete(name);
    else this.events.set(name, { list, concurrent });
  }
}
