/** The socket of an 'upgrade' event, which Node's types call a Duplex. */
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";

/** @throws {TypeError} for a stream that is no socket of net or tls. */
export function netSocketOf(socket: Duplex): NetSocket {
  // Of Node's own servers it is always one of them; asked by its methods, for those that wrap one.
  if (typeof (socket as Partial<NetSocket> | undefined)?.setNoDelay === "function") {
    return socket as NetSocket;
  }
  throw new TypeError(
    "An upgrade needs the socket of Node's 'upgrade' event (a net.Socket or tls.TLSSocket): pass that event's second argument",
  );
}
