// The seam between transports and the hub. A transport passes its gate, decodes a hello or a batch,
// asks here, and from then on speaks with a `Link`. It never sees a peer, a room or an event.

import type {
  Batch,
  Bye,
  Codec,
  Hello,
  Limits,
  Link,
  LinkPort,
  Packet,
  ServerLink,
  Session,
} from "@tidewire/session-protocol";

import type { Departure } from "./departure.js";

/** The kinds of link of PROTOCOL.md §10. */
export type TransportName = "websocket" | "sse" | "stream" | "long-polling" | "polling";

/** Facts that the gate established about a request, before any packet. */
export interface LinkFacts {
  readonly transport: TransportName;
  /**
   * The `Origin` header, checked by the gate; undefined when there was none (not a browser). A session
   * is bound to it, so a transport passes the same spelling every time: as the header has it.
   */
  readonly origin: string | undefined;
  /** Who connects, for limits per address: the peer's IP address, or what a trusted proxy says. */
  readonly address: string;
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  /** Aborted when the request or socket is gone: authentication is then given up. */
  readonly signal?: Departure;
}

/** What the gate of every transport needs to know; from the hub's options. */
export interface GatePolicy {
  /**
   * Origins that may connect: `"same-origin"` (default: the origin's host is the request's host), a
   * list of exact origins, or a test. A request without `Origin` is not a browser's and passes.
   */
  readonly origins:
    | "same-origin"
    | readonly string[]
    | ((origin: string, facts: OriginFacts) => boolean);
  /** Whether answers carry `Access-Control-Allow-Credentials: true` (§10.8). Default false. */
  readonly credentials: boolean;
  /** Longest wait for the hello, in ms (§5.1). Default 10,000. */
  readonly helloMs: number;
  /** Most links that have not sent a hello, per address and together: 4429. */
  readonly waitingLinksPerAddress: number;
  readonly waitingLinks: number;
}

export interface OriginFacts {
  readonly url: string;
  readonly headers: { get(name: string): string | null };
}

/** What the hub offers to its transports: `hub.admission`. None of its methods throws. */
export interface Admission {
  /**
   * Takes a hello, the first packet of a link. Checks it in the order of §5.3 (the origin was the
   * gate's), creates or resumes the session, and writes the welcome to `port`: that may happen before
   * the answer is seen by the caller, and `port.close` may follow in the same breath.
   *
   * A `Bye` is a refusal: nothing was written to `port`; send it as the only packet and close with
   * its code. Of `Link` the caller reports `receive`, `fail`, `drain` and `lost` (also when the
   * transport broke while this promise was pending). Answers at once when nothing needs awaiting.
   */
  open(
    hello: Hello,
    port: LinkPort,
    facts: LinkFacts,
  ): ServerLink | Bye | Promise<ServerLink | Bye>;
  /** Finds the link that a `batch` names (§10.4), proves secret and origin; or the bye that refuses it. */
  find(batch: Batch, facts: LinkFacts): Found | Bye;
  /**
   * A message that is one packet: does what `arrived` and `link.receive` do, and for all that the packet
   * causes at once the clock is read once.
   */
  receive(link: Link, packet: Packet, bytes: number): void;
  /**
   * Call before `link.receive` with the size of a body (POST): it counts against the peer's bytes per
   * second. What is over the rate waits in the peer's bounded inbox; nothing needs to be done by the
   * caller.
   */
  arrived(link: Link, bytes: number): void;
  /** What is told in every welcome, and bounds messages and bodies (§9). */
  readonly limits: Limits;
  /** The codecs spoken here, JSON first. Choose by `subprotocol` or `contentType`; otherwise 4415. */
  readonly codecs: readonly Codec[];
  readonly gate: GatePolicy;
  /** The bye for new links while the hub drains, is closed or is overloaded; undefined: come in. */
  readonly refusal: Bye | undefined;
  /**
   * Stops that clock for all that a request causes at once, until `release`; false when it stands
   * already, and is somebody else's to release.
   */
  hold(): boolean;
  release(): void;
  /** The clock of all sessions, in ms. Monotonic; virtual in tests. */
  now(): number;
  /** Runs `run` after `ms`, without keeping the process alive; answers how to call it off. */
  after(ms: number, run: () => void): () => void;
}

export interface Found {
  readonly link: ServerLink;
  readonly session: Session;
}
