// The codec port. The codec belongs to a link (PROTOCOL.md §3.2).

import type { Fault } from "./fault.js";
import type { Packet } from "./packet.js";

/** A packet as one message: text for a text codec, bytes for a binary one. */
export type Encoded = string | Uint8Array;

/** Turns packets into messages and back. Holds no state: one object serves every link. */
export interface Codec {
  /** The WebSocket subprotocol that stands for it (§10.1). */
  readonly subprotocol: string;
  /** The HTTP content type (§10.2). */
  readonly contentType: string;
  readonly binary: boolean;
  /** @throws {DataError} when `data` holds what cannot be sent (§3.5). */
  encode(packet: Packet): Encoded;
  /** Never throws. Checks syntax, depth and shape (§3.6, §4). */
  decode(message: Encoded): Packet | Fault;
  /** How many bytes the message has on the wire, for the limits of §9. */
  size(message: Encoded): number;
}
