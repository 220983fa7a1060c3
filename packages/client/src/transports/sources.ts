// Where each transport comes from. WebSocket is always here; the others come when they are tried.

import { loadLater } from "../load-later.js";
import type { Transport, TransportName } from "./carrier.js";
import { websocket } from "./websocket.js";

/** All transports, the best first. */
export const transportNames: readonly TransportName[] = [
  "websocket",
  "sse",
  "stream",
  "long-polling",
  "polling",
];

export async function loadTransport(name: TransportName): Promise<Transport> {
  if (name === "websocket") return websocket;
  const { sse, stream, longPolling, polling } = await loadLater();
  return { sse, stream, "long-polling": longPolling, polling }[name];
}
