// What is told of a session: how it fares, never what it says.
import type { Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import type { SessionDetails, SessionRow } from "../../../shared/operations/contract.js";
import { roomsShownMax } from "../../../shared/operations/limits.js";
import type { PeerRecord } from "./call-monitor.js";

export function rowOf(peer: Peer<ShowcaseContract>, { since }: PeerRecord): SessionRow {
  const { id, user, transport, address, isLinked, roundTripMs, counts } = peer;
  return {
    id,
    ...(user !== undefined && { user }),
    transport,
    address,
    isLinked,
    since,
    rooms: peer.rooms.size,
    ...(roundTripMs !== undefined && { roundTripMs }),
    retainedBytes: peer.retained.bytes,
    received: counts.received,
    sent: counts.sent,
  };
}

export function detailsOf(
  peer: Peer<ShowcaseContract>,
  record: PeerRecord,
  isOperator: boolean,
): SessionDetails {
  const { inbox, requests, streams } = peer.waits;
  return {
    ...rowOf(peer, record),
    now: Date.now(),
    ...(peer.origin !== undefined && { origin: peer.origin }),
    links: record.links,
    linkChangedAt: record.linkChangedAt,
    acknowledged: peer.counts.acknowledged,
    retainedEntries: peer.retained.entries,
    roomNames: [...peer.rooms].slice(0, roomsShownMax).sort(),
    inbox,
    handling: record.handling,
    asked: requests,
    streams,
    calls: [...record.calls].reverse(),
    isOperator,
  };
}
