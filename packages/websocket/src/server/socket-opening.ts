/**
 * Tells tools that look at connections (an inspector, a tracer) of each one that opens, by Node's
 * `diagnostics_channel`. Without a subscriber that is one comparison per handshake.
 */
import { type Channel, channel } from "node:diagnostics_channel";
import type { IncomingMessage } from "node:http";
import type { Socket as NetSocket } from "node:net";

/**
 * What the channel `tidewire.websocket.open` says of each connection that this process accepts,
 * before its 101 is written. Who listens to the socket sees every byte that follows; received bytes
 * are unmasked where they lie once the connection has read them, so prepend the listener and copy.
 */
export interface SocketOpening {
  readonly request: IncomingMessage;
  readonly netSocket: NetSocket;
  /** The response, up to and with its blank line. */
  readonly response: string;
}

/** @internal Its messages are `SocketOpening`s. */
export const socketOpenings: Channel = channel("tidewire.websocket.open");
