// The backplane of one process: the default, and a cluster for tests when several hubs share it.

import { encodeId } from "@tidewire/session-protocol";
import { KeptLog } from "../history/kept-log.js";
import type { Page, Position, Retention } from "../history/position.js";
import { defaultRetention, memoryLogsMax } from "../limits.js";
import { type Platform, webPlatform } from "../platform.js";
import type { Backplane, BackplaneNode, BackplaneReceiver } from "./backplane.js";

interface Member {
  readonly receiver: BackplaneReceiver;
  readonly channels: Set<string>;
  /** A session is among those of one member only. */
  readonly claims: Set<string>;
}

/** Delivers synchronously, so that a hub alone behaves as if there were no bus. */
export class MemoryBackplane implements Backplane {
  readonly #platform: Pick<Platform, "now" | "randomBytes">;
  readonly #logsMax: number;
  readonly #members = new Map<string, Member>();
  readonly #subscribers = new Map<string, Set<string>>();
  /** In order of last use. */
  readonly #logs = new Map<string, KeptLog>();

  /** `logsMax`: kept logs in memory, default 10,000; the one used longest ago is forgotten first. */
  constructor(
    options: { platform?: Pick<Platform, "now" | "randomBytes">; logsMax?: number } = {},
  ) {
    this.#platform = options.platform ?? webPlatform;
    this.#logsMax = options.logsMax ?? memoryLogsMax;
  }

  /** Subscriptions of all nodes: what must be 0 again when everybody has left. */
  get subscriptions(): number {
    let sum = 0;
    for (const nodes of this.#subscribers.values()) sum += nodes.size;
    return sum;
  }

  get claims(): number {
    let sum = 0;
    for (const { claims } of this.#members.values()) sum += claims.size;
    return sum;
  }

  connect(node: string, receiver: BackplaneReceiver): BackplaneNode {
    if (this.#members.has(node)) {
      throw new Error(`A node named ${JSON.stringify(node)} is in this cluster already.`);
    }
    const member: Member = { receiver, channels: new Set(), claims: new Set() };
    this.#members.set(node, member);
    const alive = (): void => {
      if (this.#members.get(node) !== member) throw new Error("The node has left the backplane.");
    };
    return {
      nodes: async () => {
        alive();
        return [...this.#members.keys()];
      },
      subscribe: async (channel) => {
        alive();
        member.channels.add(channel);
        const nodes = this.#subscribers.get(channel);
        if (nodes === undefined) this.#subscribers.set(channel, new Set([node]));
        else nodes.add(node);
      },
      unsubscribe: async (channel) => {
        member.channels.delete(channel);
        this.#unsubscribe(channel, node);
      },
      publish: async (channel, message, keep) => {
        alive();
        return this.#publish(node, channel, message, keep);
      },
      read: async (channel, since, max) => {
        alive();
        return this.#read(channel, since, max);
      },
      send: async (to, message) => {
        alive();
        const receiver = this.#members.get(to)?.receiver;
        receiver?.sent(message, node);
        return receiver !== undefined;
      },
      claim: async (session) => {
        alive();
        const former = this.#holder(session);
        if (former === node) return undefined;
        if (former !== undefined) this.#members.get(former)?.claims.delete(session);
        member.claims.add(session);
        return former;
      },
      holder: async (session) => {
        alive();
        return this.#holder(session);
      },
      release: async (session) => {
        member.claims.delete(session);
      },
      close: async () => this.#leave(node, member),
    };
  }

  #leave(node: string, member: Member): void {
    if (this.#members.get(node) !== member) return;
    this.#members.delete(node);
    for (const channel of member.channels) this.#unsubscribe(channel, node);
    for (const { receiver } of [...this.#members.values()]) receiver.nodeLost(node);
  }

  /** Asks each node: there are few in one process, and a table of all sessions would be one more. */
  #holder(session: string): string | undefined {
    for (const [node, { claims }] of this.#members) if (claims.has(session)) return node;
    return undefined;
  }

  #unsubscribe(channel: string, node: string): void {
    const nodes = this.#subscribers.get(channel);
    if (nodes?.delete(node) && nodes.size === 0) this.#subscribers.delete(channel);
  }

  #publish(
    from: string,
    channel: string,
    message: string,
    keep: Retention | undefined,
  ): Position | undefined {
    const position = keep && this.#log(channel, keep).append(message, this.#platform.now(), keep);
    const nodes = this.#subscribers.get(channel);
    if (nodes === undefined) return position;
    for (const node of [...nodes]) {
      if (node === from && position === undefined) continue;
      this.#members.get(node)?.receiver.published(channel, message, position, from);
    }
    return position;
  }

  #log(channel: string, keep: Retention): KeptLog {
    const log =
      this.#logs.get(channel) ?? new KeptLog(encodeId(this.#platform.randomBytes(9)), keep);
    this.#logs.delete(channel);
    this.#logs.set(channel, log);
    if (this.#logs.size > this.#logsMax) {
      for (const oldest of this.#logs.keys()) {
        this.#logs.delete(oldest);
        break;
      }
    }
    return log;
  }

  /** Reading makes the log: its position is then one that a later reader can continue from. */
  #read(channel: string, since: Position | undefined, max: number): Page<string> {
    return this.#log(channel, defaultRetention).read(since, max, this.#platform.now());
  }
}
