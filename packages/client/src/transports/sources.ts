// Where each transport comes from. WebSocket is always here; the others are loaded at the first
// attempt, so that a page that never needs them still has them when its network turns hostile.

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

export type HttpTransports = typeof import("./http.js");

export async function loadHttp(): Promise<HttpTransports> {
  return await import("./http.js");
}

export async function loadTransport(name: TransportName): Promise<Transport> {
  switch (name) {
    case "websocket":
      return websocket;
    case "sse":
      return (await loadHttp()).sse;
    case "stream":
      return (await loadHttp()).stream;
    case "long-polling":
      return (await loadHttp()).longPolling;
    case "polling":
      return (await loadHttp()).polling;
  }
}
