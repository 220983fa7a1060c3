// Watches the calls of all peers as they pass: how long their handlers take, and by name what each
// called last. What they say in them is not looked at.
import type { CallContext, Middleware, Peer } from "@tidewire/hub";
import type { ShowcaseContract } from "../../../shared/contract.js";
import { LatencyHistogram } from "../../../shared/lab/latency-histogram.js";
import type { SessionDetails } from "../../../shared/operations/contract.js";
import { callsKept } from "../../../shared/operations/limits.js";
import type { ShowcaseHub } from "../../hub/create-hub.js";

type ShowcasePeer = Peer<ShowcaseContract>;

/** What is known of a session besides what its peer tells. */
export interface PeerRecord {
  readonly since: number;
  links: number;
  linkChangedAt: number;
  handling: number;
  /** The oldest first. */
  readonly calls: SessionDetails["calls"];
}

export class CallMonitor {
  /** How long handlers took, since it was cleared. Streams are not in it: they last as long as they like. */
  readonly times: LatencyHistogram = new LatencyHistogram();
  readonly #records = new WeakMap<ShowcasePeer, PeerRecord>();

  constructor(hub: ShowcaseHub) {
    hub.use(this.#layer);
    hub.onLink((peer, isLinked) => {
      const record = this.of(peer);
      record.linkChangedAt = Date.now();
      if (isLinked) record.links += 1;
    });
  }

  of(peer: ShowcasePeer): PeerRecord {
    const known = this.#records.get(peer);
    if (known !== undefined) return known;
    const now = Date.now();
    const record = { since: now, links: 0, linkChangedAt: now, handling: 0, calls: [] };
    this.#records.set(peer, record);
    return record;
  }

  readonly #layer: Middleware<CallContext<ShowcasePeer>> = async ({ peer, type, name }, next) => {
    const record = this.of(peer);
    if (record.calls.length >= callsKept) record.calls.shift();
    record.calls.push({ type, name, at: Date.now() });
    record.handling += 1;
    const startedAt = performance.now();
    try {
      await next();
    } finally {
      record.handling -= 1;
      if (type !== "stream") this.times.record(performance.now() - startedAt);
    }
  };
}
