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

/** @throws {TypeError} for names that are not there, are there twice, or none at all. */
export function checkedTransports(
  names: readonly TransportName[] = transportNames,
): readonly TransportName[] {
  const isKnown = names.every((name) => transportNames.includes(name));
  if (isKnown && names.length > 0 && new Set(names).size === names.length) return names;
  throw new TypeError(
    `transports must name each of ${transportNames.join(", ")} at most once, and one at least.`,
  );
}
