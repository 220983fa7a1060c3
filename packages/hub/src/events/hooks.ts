// Whoever is told what happens in a hub besides what peers say: listeners, `onError` and the metrics.
// What they throw costs nobody else anything.

import type { Maybe } from "../contract/checker.js";
import type { Metrics } from "../metrics.js";
import type { Peer } from "../peers/peer.js";
import type { PeerSession } from "../peers/peer-session.js";
import type { Refusal } from "../peers/surroundings.js";

/** How a session ended. */
interface SessionEnd {
  readonly code: number;
  readonly reason: string;
}

/** As `hub.on`, `hub.onLink` and `hub.onRefused` take them. */
export interface Listeners {
  connected(peer: Peer): Maybe<unknown>;
  disconnected(peer: Peer, end: SessionEnd): Maybe<unknown>;
  linked(peer: Peer, isLinked: boolean): unknown;
  refused(peer: Peer, refusal: Refusal): unknown;
}

export class Hooks {
  /** A counter that fails costs a count, not the packet that was to be counted. */
  readonly count: Metrics["count"];
  readonly #onError: (error: unknown, doing: string, peer: Peer | undefined) => void;
  readonly #listeners: { readonly [Name in keyof Listeners]: Listeners[Name][] } = {
    connected: [],
    disconnected: [],
    linked: [],
    refused: [],
  };

  constructor(
    metrics: Metrics | undefined,
    onError: (error: unknown, doing: string, peer: Peer | undefined) => void,
  ) {
    this.#onError = onError;
    this.count = metrics === undefined ? () => {} : (...count) => this.#count(metrics, count);
  }

  /** Answers how to take it off again. */
  add<Name extends keyof Listeners>(name: Name, listen: Listeners[Name]): () => void {
    return addTo<Listeners[Name]>(this.#listeners[name], listen);
  }

  /** A new session. Its peer is heard when the listeners are done. */
  connected(core: PeerSession): Maybe<void> {
    const { connected } = this.#listeners;
    return this.#run(connected, (listen) => listen(core.peer), "connect", core);
  }

  /** A session is over; one that nobody has been told of ends without a word. */
  disconnected(core: PeerSession, { code, reason }: SessionEnd): void {
    if (!core.isConnected) return;
    const { disconnected } = this.#listeners;
    const end = { code, reason };
    void this.#run(disconnected, (listen) => listen(core.peer, end), "disconnect", core);
  }

  /** A peer got or lost its link. */
  linked(core: PeerSession, isLinked: boolean): void {
    if (!core.isConnected) return;
    const { linked } = this.#listeners;
    void this.#run(linked, (listen) => listen(core.peer, isLinked), "link", core);
  }

  /** Something that a peer sent was refused. */
  refused(core: PeerSession, refusal: Refusal): void {
    const { refused } = this.#listeners;
    void this.#run(refused, (listen) => listen(core.peer, refusal), "refused", core);
  }

  /** For `onError`. */
  failed(error: unknown, doing: string, core: PeerSession | undefined): void {
    try {
      this.#onError(error, doing, core?.peer);
    } catch {
      // An error of the place where errors go has no place to go.
    }
  }

  #count(metrics: Metrics, count: Parameters<Metrics["count"]>): void {
    try {
      metrics.count(...count);
    } catch (error) {
      this.failed(error, "metrics", undefined);
    }
  }

  /** Runs listeners in order; their errors go to `onError`, and stop none of the others. */
  #run<Listen>(
    listeners: readonly Listen[],
    call: (listen: Listen) => Maybe<unknown>,
    doing: string,
    core: PeerSession,
  ): Maybe<void> {
    let work: Promise<void> | undefined;
    const one = (listen: Listen): Maybe<void> => {
      try {
        const result = call(listen);
        if (!(result instanceof Promise)) return;
        return result.then(
          () => {},
          (error: unknown) => this.failed(error, doing, core),
        );
      } catch (error) {
        this.failed(error, doing, core);
      }
    };
    for (const listen of [...listeners]) {
      if (work !== undefined) work = work.then(() => one(listen));
      else {
        const result = one(listen);
        if (result instanceof Promise) work = result;
      }
    }
    return work;
  }
}

/** Answers how to take it off again. */
export function addTo<Listen>(list: Listen[], listen: Listen): () => void {
  list.push(listen);
  return () => {
    const index = list.indexOf(listen);
    if (index >= 0) list.splice(index, 1);
  };
}
