// One sample of everything. Walks over all sessions twice, and keeps nothing of any.
import type { Counter } from "@tidewire/hub";
import { LatencyHistogram } from "../../../shared/lab/latency-histogram.js";
import type { Sample, SampleField } from "../../../shared/operations/sample.js";
import type { Counters } from "../../hub/counters.js";
import type { ShowcaseHub } from "../../hub/create-hub.js";
import type { CallMonitor } from "./call-monitor.js";
import type { ProcessGauge } from "./process-gauge.js";

/** Which of the hub's sums each rate is of. */
const rates = [
  ["events", "hub.events.received"],
  ["requests", "hub.requests.received"],
  ["deliveries", "hub.deliveries"],
  ["linksOpened", "hub.links.opened"],
  ["linksClosed", "hub.links.closed"],
  ["linksRefused", "hub.links.refused"],
  ["volatileDropped", "hub.volatile.dropped"],
  ["refused", "hub.refused"],
  ["failed", "hub.handlers.failed"],
] as const satisfies readonly (readonly [SampleField, Counter])[];

export interface Sources {
  readonly hub: ShowcaseHub;
  readonly counters: Counters;
  readonly calls: CallMonitor;
  readonly gauge: ProcessGauge;
}

export class Measure {
  readonly #sources: Sources;
  readonly #sums = new Map<Counter, number>();
  readonly #roundTrips = new LatencyHistogram();
  #takenAt = performance.now();

  constructor(sources: Sources) {
    this.#sources = sources;
  }

  /** Rates are those since the sample before. */
  take(): Sample {
    const { hub, gauge } = this.#sources;
    const stats = hub.stats();
    return rounded({
      // A clock that is set back must not turn the charts round.
      at: Math.round(performance.timeOrigin + performance.now()),
      linked: stats.linked,
      sessions: stats.sessions,
      ...stats.linksByTransport,
      rooms: stats.rooms,
      memberships: stats.memberships,
      ...this.#rates(),
      ...this.#latencies(),
      retainedBytes: stats.retainedBytes,
      retainedEntries: stats.retainedEntries,
      inbox: stats.inboxEntries,
      asked: stats.requests,
      streams: stats.streams,
      ...gauge.take(),
    });
  }

  #rates(): Record<(typeof rates)[number][0], number> {
    const now = performance.now();
    const seconds = Math.max(0.001, (now - this.#takenAt) / 1_000);
    this.#takenAt = now;
    const entries = rates.map(([field, counter]) => {
      const sum = this.#sources.counters.sum(counter);
      const before = this.#sums.get(counter) ?? 0;
      this.#sums.set(counter, sum);
      return [field, (sum - before) / seconds];
    });
    return Object.fromEntries(entries);
  }

  #latencies() {
    const { hub, calls } = this.#sources;
    const trips = this.#roundTrips;
    trips.clear();
    for (const peer of hub.peers()) {
      if (peer.isLinked && peer.roundTripMs !== undefined) trips.record(peer.roundTripMs);
    }
    const handlers = calls.times;
    const figures = {
      roundTripP50: trips.percentile(0.5) ?? null,
      roundTripP90: trips.percentile(0.9) ?? null,
      roundTripP99: trips.percentile(0.99) ?? null,
      handlerP50: handlers.percentile(0.5) ?? null,
      handlerP99: handlers.percentile(0.99) ?? null,
    };
    handlers.clear();
    return figures;
  }
}

/** Fractions to four digits: nobody reads more, and a history holds thousands of them. */
function rounded(sample: Sample): Sample {
  const entries = Object.entries(sample).map(([field, value]) => [
    field,
    value === null || Number.isInteger(value) ? value : Number(value.toPrecision(4)),
  ]);
  return Object.fromEntries(entries) as Sample;
}
