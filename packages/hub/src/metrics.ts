// What the hub counts. Names and labels are fixed words, never names from the wire: a metrics store
// pays for each different label, and an attacker could mint room names by the million.

import type { TransportName } from "./sessions/admission.js";

/** What is counted; `label` is a fixed word of its own small set (a code, a transport, an answer). */
export type Counter =
  | "hub.links.opened"
  | "hub.links.refused"
  | "hub.links.closed"
  | "hub.sessions.opened"
  | "hub.sessions.ended"
  | "hub.events.received"
  | "hub.requests.received"
  | "hub.streams.received"
  | "hub.refused"
  | "hub.handlers.failed"
  | "hub.broadcasts"
  | "hub.deliveries"
  | "hub.volatile.dropped"
  | "hub.backplane.failed"
  | "hub.backplane.healed"
  | "hub.backplane.gap";

/** Receives counts as they happen. Must be quick; what it throws goes to `onError`. */
export interface Metrics {
  count(name: Counter, value: number, label?: string): void;
}

/** A snapshot of the hub: see `hub.stats()`. */
export interface HubStats {
  /** Living sessions, and those of them that have a link now. */
  readonly sessions: number;
  readonly linked: number;
  readonly linksByTransport: Readonly<Record<TransportName, number>>;
  /** Rooms with members on this node, and memberships in them. */
  readonly rooms: number;
  readonly memberships: number;
  /** Entries that wait for an acknowledgement, and their bytes, over all sessions. */
  readonly retainedEntries: number;
  readonly retainedBytes: number;
  /** Requests and room requests that wait for an answer. */
  readonly requests: number;
  readonly streams: number;
  /** What waits for handlers. */
  readonly inboxEntries: number;
  readonly isDraining: boolean;
}
