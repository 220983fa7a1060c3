/** The open connections of a server, as its user sees them. */
import type { ConnectionCounts } from "./connection-counts.js";
import type { ServerWebSocket } from "./server-web-socket.js";
import type { SocketList } from "./socket-list.js";

export class Connections<Data> implements Iterable<ServerWebSocket<Data>> {
  readonly #sockets: SocketList<ServerWebSocket<Data>>;
  readonly #counts: ConnectionCounts;

  /** @internal */
  constructor(sockets: SocketList<ServerWebSocket<Data>>, counts: ConnectionCounts) {
    this.#sockets = sockets;
    this.#counts = counts;
  }

  /** How many sockets are open or closing. */
  get size(): number {
    return this.#sockets.size;
  }

  /** How many handshakes wait for `authenticate`. */
  get pending(): number {
    return this.#counts.total - this.#sockets.size;
  }

  has(socket: ServerWebSocket<Data>): boolean {
    return this.#sockets.has(socket);
  }

  /** How many connections, pending ones included, `address` has; of IPv6, its /64. */
  countOf(address: string): number {
    return this.#counts.of(address);
  }

  /** In the order in which they opened. Sockets may close while it runs. */
  [Symbol.iterator](): IterableIterator<ServerWebSocket<Data>> {
    return this.#sockets[Symbol.iterator]();
  }
}
