/** Answers a request that does not become a WebSocket, and gets rid of its socket. */
import type { Socket as NetSocket } from "node:net";
import { formatRefusal, type Refusal } from "@tidewire/ws-protocol";
import { REFUSAL_LINGER_MS } from "../websocket-limits.js";

/** Writes the refusal and ends the connection, which the client has a moment to do as well. */
export function refuseUpgrade(netSocket: NetSocket, refusal: Refusal): void {
  netSocket.on("error", ignoreError);
  if (netSocket.destroyed) return;
  netSocket.end(formatRefusal(refusal));
  // What still comes is read and dropped: closing over unread bytes would reset the connection and
  // could take the answer with it.
  netSocket.resume();
  const timer = setTimeout(destroy, REFUSAL_LINGER_MS, netSocket);
  netSocket.once("close", () => clearTimeout(timer));
}

/** A client that resets a connection it was refused, or is not yet accepted on, is no news. */
export function ignoreError(): void {}

function destroy(netSocket: NetSocket): void {
  netSocket.destroy();
}
