// The sessions of this node, and who may have them: the hub's side of the admission seam.
//
// Order of PROTOCOL.md §5.3: the origin was the gate's; then token, version, secret, user and origin of
// the session, link number.

import {
  type Batch,
  type Bye,
  CloseCode,
  type Codec,
  encodeId,
  equalSecrets,
  type Fault,
  type Hello,
  isFault,
  type Limits,
  type Link,
  type LinkEnd,
  type LinkPort,
  type Packet,
  ServerLink,
} from "@tidewire/session-protocol";
import { codecs } from "../codecs.js";
import { PeerSession, type SlowPolicy } from "../peers/peer-session.js";
import type { Surroundings } from "../peers/surroundings.js";
import type { Platform } from "../platform.js";
import type { MomentClock } from "../time/moment-clock.js";
import { AddressLimits } from "./address-limits.js";
import type { Admission, Found, GatePolicy, LinkFacts } from "./admission.js";
import { type AuthenticatorOptions, type Identity, identify, isOpenToAll } from "./handshake.js";

export interface SessionTableParts {
  readonly hub: Surroundings;
  readonly platform: Platform;
  readonly clock: MomentClock;
  readonly gate: GatePolicy;
  readonly slow: SlowPolicy;
  readonly authenticator: () => AuthenticatorOptions;
  /** A session is here for the first time: run the connect hooks. */
  readonly began: (core: PeerSession) => void;
}

// Compared when a session is unknown, so that unknown and wrong take the same time (§5.3).
const noSecret = "-".repeat(43);
/** Least delay before another try when the hub is full. */
const fullRetryMs = 5_000;

export class SessionTable implements Admission {
  readonly gate: GatePolicy;
  readonly codecs: readonly Codec[] = codecs;
  readonly limits: Limits;
  readonly #parts: SessionTableParts;
  readonly #sessions = new Map<string, PeerSession>();
  readonly #addresses: AddressLimits;
  #refusal: Bye | undefined;

  constructor(parts: SessionTableParts) {
    this.#parts = parts;
    this.gate = parts.gate;
    this.limits = parts.hub.told;
    this.#addresses = new AddressLimits(parts.hub.limits);
  }

  get size(): number {
    return this.#sessions.size;
  }

  all(): IterableIterator<PeerSession> {
    return this.#sessions.values();
  }

  get(id: string): PeerSession | undefined {
    return this.#sessions.get(id);
  }

  get refusal(): Bye | undefined {
    return this.#refusal;
  }

  /** From now on every link is refused with this. */
  refuse(bye: Bye): void {
    this.#refusal = bye;
  }

  now(): number {
    return this.#parts.clock.now();
  }

  after(ms: number, run: () => void): () => void {
    return this.#parts.platform.after(ms, run);
  }

  receive(link: Link, packet: Packet, bytes: number): void {
    const { clock } = this.#parts;
    const isHeld = clock.hold();
    try {
      this.arrived(link, bytes);
      link.receive(packet, clock.now());
    } finally {
      if (isHeld) clock.release();
    }
  }

  hold(): boolean {
    return this.#parts.clock.hold();
  }

  release(): void {
    this.#parts.clock.release();
  }

  arrived(link: Link, bytes: number): void {
    if (link instanceof ServerLink) link.arrived(bytes);
  }

  open(
    hello: Hello,
    port: LinkPort,
    facts: LinkFacts,
  ): ServerLink | Bye | Promise<ServerLink | Bye> {
    const now = this.now();
    if (this.#refusal !== undefined) return this.#refused(this.#refusal);
    const waitMs = this.#addresses.hello(facts.address, now);
    if (waitMs > 0) {
      return this.#refused(bye(CloseCode.limited, "too many links from this address", waitMs));
    }
    const authenticator = this.#parts.authenticator();
    // Whoever lets everybody in needs to know nothing of them; the signal is only made when asked for.
    if (isOpenToAll(authenticator)) return this.#admit(hello, port, facts, {});
    // Spread by hand: facts may be a class instance with getters.
    const { origin, address, transport, url, headers, signal } = facts;
    const request = {
      origin,
      address,
      transport,
      url,
      headers,
      ...(signal === undefined ? {} : { signal }),
      ...(hello.token === undefined ? {} : { token: hello.token }),
      ...(hello.agent === undefined ? {} : { agent: hello.agent }),
    };
    const identity = identify(request, authenticator);
    if (!(identity instanceof Promise)) return this.#admit(hello, port, facts, identity);
    return identity.then((known) =>
      signal?.aborted
        ? this.#refused(bye(CloseCode.timeout, "the link is gone"))
        : this.#admit(hello, port, facts, known),
    );
  }

  find(batch: Batch, facts: LinkFacts): Found | Bye {
    const now = this.now();
    const waitMs = this.#addresses.mayProve(facts.address, now);
    if (waitMs > 0) return bye(CloseCode.limited, "too many wrong secrets", waitMs);
    const core = this.#prove(batch.session, batch.secret, facts.address);
    if (core === undefined) return bye(CloseCode.unknownSession, "no such session here");
    // As for a hello: who gets this far has the secret, so it is told nothing new.
    if (core.origin !== facts.origin) {
      return bye(CloseCode.forbidden, "the session belongs to another origin");
    }
    const link = core.session.live;
    if (!(link instanceof ServerLink) || link.number !== batch.link) {
      return bye(CloseCode.stale, "not the link of this session");
    }
    // A hello does not tell short polls from long ones (§10.5): each poll does.
    if (isPolling(core.transport) && isPolling(facts.transport)) core.transport = facts.transport;
    return { link, session: core.session };
  }

  /** The session is over: forget it. */
  ended(core: PeerSession, end: LinkEnd): void {
    if (this.#sessions.get(core.id) === core) this.#sessions.delete(core.id);
    this.#parts.hub.count("hub.sessions.ended", 1, String(end.code));
  }

  #admit(
    hello: Hello,
    port: LinkPort,
    facts: LinkFacts,
    identity: Identity | Bye,
  ): ServerLink | Bye {
    if (isBye(identity)) return this.#refused(identity);
    // While it was authenticated the hub may have begun to drain.
    if (this.#refusal !== undefined) return this.#refused(this.#refusal);
    if (hello.version !== 1) {
      const reason = "this server speaks version 1";
      return this.#refused({ type: "bye", code: CloseCode.version, reason, versions: [1] });
    }
    if (hello.session === undefined || hello.secret === undefined) {
      return this.#begin(hello, port, facts, identity, undefined);
    }
    const core = this.#prove(hello.session, hello.secret, facts.address);
    if (core === undefined) return this.#begin(hello, port, facts, identity, "unknown");
    if (core.user !== identity.user || core.origin !== facts.origin) {
      const reason = "the session belongs to another user or origin";
      return this.#refused(bye(CloseCode.forbidden, reason));
    }
    return this.#resume(core, hello, port, facts, identity);
  }

  #begin(
    hello: Hello,
    port: LinkPort,
    facts: LinkFacts,
    identity: Identity,
    reason: string | undefined,
  ): ServerLink | Bye {
    const { hub, platform, slow } = this.#parts;
    if (this.#sessions.size >= hub.limits.sessions) {
      return this.#refused(bye(CloseCode.overloaded, "no more sessions", fullRetryMs));
    }
    const secret = encodeId(platform.randomBytes(32));
    const id = encodeId(platform.randomBytes(16));
    const { user, data, renewMs } = identity;
    const core = new PeerSession(hub, { id, secret, user, data }, facts, slow);
    this.#sessions.set(id, core);
    renew(core, renewMs, this.now());
    const link = core.session.accept(port, hello, this.now(), {
      secret,
      ...(reason === undefined ? {} : { reason }),
      ...(renewMs === undefined ? {} : { renewMs }),
    });
    if (isFault(link)) throw new Error(`A new session refused its first link: ${link.detail}`);
    this.#opened(core, facts, "fresh");
    hub.count("hub.sessions.opened", 1);
    this.#parts.began(core);
    return link;
  }

  #resume(
    core: PeerSession,
    hello: Hello,
    port: LinkPort,
    facts: LinkFacts,
    identity: Identity,
  ): ServerLink | Bye {
    const now = this.now();
    const { platform } = this.#parts;
    const { renewMs } = identity;
    const secret = encodeId(platform.randomBytes(32));
    // §5.8: the former one stays good until the new one was used; the welcome may get lost.
    const used = hello.secret === core.secret ? core.secret : core.formerSecret;
    const { formerSecret, data, transport, address } = core;
    const before = { secret: core.secret, formerSecret, data, transport, address };
    // The hooks of the link see what is true with it.
    const next = { transport: facts.transport, address: facts.address, data: identity.data };
    Object.assign(core, next, { secret, formerSecret: used });
    const renewed = renewMs === undefined ? {} : { renewMs };
    const link = core.session.accept(port, hello, now, { secret, ...renewed });
    if (!isFault(link)) {
      renew(core, renewMs, now);
      this.#opened(core, facts, "resumed");
      return link;
    }
    Object.assign(core, before);
    return this.#cannotResume(core, hello, port, facts, identity, link);
  }

  #cannotResume(
    core: PeerSession,
    hello: Hello,
    port: LinkPort,
    facts: LinkFacts,
    identity: Identity,
    why: Fault,
  ): ServerLink | Bye {
    if (why.code !== "mismatch") {
      return this.#refused(bye(CloseCode.stale, "a newer link was accepted"));
    }
    core.session.end(CloseCode.stale, "counts that cannot be true", this.now());
    return this.#begin(hello, port, facts, identity, "mismatch");
  }

  /** The session of this id, if the secret proves it: in the same time whether it is there or not. */
  #prove(id: string, secret: string, address: string): PeerSession | undefined {
    const core = this.#sessions.get(id);
    const isNew = equalSecrets(secret, core?.secret ?? noSecret);
    // Who is right learns that from the answer; only those who are wrong must not tell times apart.
    const isFormer = !isNew && equalSecrets(secret, core?.formerSecret ?? noSecret);
    if (core === undefined || !(isNew || (isFormer && core.formerSecret !== undefined))) {
      this.#addresses.wrongSecret(address, this.now());
      return undefined;
    }
    // §5.8: the new one was used, so the welcome that told it has arrived.
    if (isNew) core.formerSecret = undefined;
    return core;
  }

  #opened(core: PeerSession, facts: LinkFacts, answer: string): void {
    this.#parts.hub.count("hub.links.opened", 1, `${facts.transport} ${answer}`);
    this.#parts.hub.schedule(core);
  }

  #refused(refusal: Bye): Bye {
    this.#parts.hub.count("hub.links.refused", 1, String(refusal.code));
    return refusal;
  }
}

/** Notes how long the token is good. */
export function renew(core: PeerSession, renewMs: number | undefined, now: number): void {
  core.expiresAt = renewMs === undefined ? undefined : now + renewMs;
}

export function isBye(value: Identity | Bye): value is Bye {
  return (value as Partial<Bye>).type === "bye";
}

function bye(code: number, reason: string, retryMs?: number): Bye {
  return { type: "bye", code, reason, ...(retryMs === undefined ? {} : { retryMs }) };
}

function isPolling(transport: LinkFacts["transport"]): boolean {
  return transport === "polling" || transport === "long-polling";
}
