// Finds sessions, and answers one page of them: there may be thousands.
import type { Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import type {
  SessionAnswer,
  SessionQuestion,
  SessionSort,
} from "../../../shared/operations/contract.js";
import { sessionRows } from "../../../shared/operations/limits.js";
import type { CallMonitor } from "./call-monitor.js";
import { rowOf } from "./session-facts.js";

type ShowcasePeer = Peer<ShowcaseContract>;
type Key = string | number;

export function findSessions(
  peers: Iterable<ShowcasePeer>,
  calls: CallMonitor,
  { search, sort, descending, page }: SessionQuestion,
): SessionAnswer {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean);
  const found: { readonly peer: ShowcasePeer; readonly key: Key }[] = [];
  let total = 0;
  for (const peer of peers) {
    total += 1;
    if (!words.every((word) => mentions(peer, word))) continue;
    found.push({ peer, key: keys[sort](peer, calls) });
  }
  const sign = descending ? -1 : 1;
  // By id when they are equal: or a session would be on two pages, and another on none.
  found.sort(
    (one, other) => sign * compare(one.key, other.key) || compare(one.peer.id, other.peer.id),
  );
  const last = Math.max(0, Math.ceil(found.length / sessionRows) - 1);
  const shown = Math.min(page, last);
  const rows = found
    .slice(shown * sessionRows, (shown + 1) * sessionRows)
    .map(({ peer }) => rowOf(peer, calls.of(peer)));
  return { rows, page: shown, total, found: found.length, now: Date.now() };
}

const keys: Readonly<Record<SessionSort, (peer: ShowcasePeer, calls: CallMonitor) => Key>> = {
  since: (peer, calls) => calls.of(peer).since,
  transport: (peer) => peer.transport,
  address: (peer) => peer.address,
  rooms: (peer) => peer.rooms.size,
  roundTripMs: (peer) => peer.roundTripMs ?? -1,
  retainedBytes: (peer) => peer.retained.bytes,
  received: (peer) => peer.counts.received,
  sent: (peer) => peer.counts.sent,
};

function mentions(peer: ShowcasePeer, word: string): boolean {
  const has = (text: string | undefined): boolean => text?.toLowerCase().includes(word) ?? false;
  if (has(peer.id) || has(peer.user) || has(peer.address) || has(peer.transport)) return true;
  for (const room of peer.rooms) if (has(room)) return true;
  return false;
}

function compare(one: Key, other: Key): number {
  if (one === other) return 0;
  return one < other ? -1 : 1;
}
