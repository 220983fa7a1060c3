// The port between the hubs of a cluster. Only this folder knows that there is more than one node.
//
// The contract, which `backplaneContract` of `@tidewire/hub/testing` holds an engine to:
//
// 1. A *node* is a hub with a name that is unique in the cluster. Its name is alive while `connect`
//    holds: an engine renews a lease for it and, when the lease runs out, tells every other node
//    `nodeLost` exactly once per death. Presence and answers of a dead node vanish with it; there is
//    no lease per person.
// 2. A *channel* is a string of any characters (an engine escapes what its wire forbids, and never
//    lets a channel match another by pattern or by case). A message published to it reaches every
//    node that is subscribed when the engine takes it, in one order per publisher. A node subscribes
//    only to the rooms that have members on it, so engines must make subscriptions cheap.
// 3. A message published *without* `keep` reaches the others only: the publisher has delivered it
//    itself. It may be lost when the engine is in trouble.
// 4. A message published *with* `keep` is appended to the channel's log first. It gets the log's next
//    position and reaches all subscribed nodes, the publisher too if it is subscribed, each with that
//    position; one that is delivered twice or too late carries the same position again. A node that
//    sees an offset leap reads what it missed from the log. So a kept message is not lost while the
//    log holds it.
// 5. `send` speaks to one node. A dead or unknown one takes nothing, and nobody waits for it: the hub
//    has deadlines of its own and names the nodes that were silent.
// 6. `claim` records which node holds a session, and answers who held it before: two nodes cannot
//    both be answered "nobody". A claim ends with its node.
// 7. What fails, rejects, within a bounded time. Rejections lose nothing else: a later call works
//    when the engine is back, and subscriptions are restored by the engine's adapter.

import type { Page, Position, Retention } from "../history/position.js";

export interface Backplane {
  /**
   * Makes `node` a member of the cluster.
   * @throws {Error} when a living node of this name is connected already.
   */
  connect(node: string, receiver: BackplaneReceiver): BackplaneNode;
}

/** What a node is told. Called in order; must not throw. */
export interface BackplaneReceiver {
  /** A message of a channel. `position` is there when it was kept. */
  published(channel: string, message: string, position: Position | undefined, from: string): void;
  /** A message to this node alone. */
  sent(message: string, from: string): void;
  /** A node is gone: it left, or its lease ran out. */
  nodeLost(node: string): void;
}

/** A node's end of the backplane. */
export interface BackplaneNode {
  /** The names of the living nodes, this one among them. */
  nodes(): Promise<readonly string[]>;
  /** Resolves when every later message of the channel will arrive. */
  subscribe(channel: string): Promise<void>;
  unsubscribe(channel: string): Promise<void>;
  /** Resolves when the engine has taken it; with `keep` to its position. */
  publish(channel: string, message: string, keep?: Retention): Promise<Position | undefined>;
  /** The kept messages after `since`, or the newest ones; at most `max`. */
  read(channel: string, since: Position | undefined, max: number): Promise<Page<string>>;
  /** False when there is no such node. */
  send(node: string, message: string): Promise<boolean>;
  /** Records that this node holds a session; answers the living node that held it before. */
  claim(session: string): Promise<string | undefined>;
  /** The living node that holds a session. */
  holder(session: string): Promise<string | undefined>;
  /** Forgets this node's claim; another node's is left alone. */
  release(session: string): Promise<void>;
  /** Leaves the cluster: the others are told `nodeLost`. */
  close(): Promise<void>;
}
