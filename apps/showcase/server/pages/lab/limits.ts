// What the lab's visitors can make the server hold or do.
import type { HubLimits } from "@tidewire/hub";
import type { NodeOptions } from "@tidewire/hub/node";

/** Runs at once: each may push a megabyte and a half a second on each of its transports. */
export const runsMax = 10;

export const linkHubLimits: Partial<HubLimits> = {
  // Five to a run, and those of runs that were just ended.
  sessions: 100,
  // A link that breaks comes back in a moment or belongs to a page that is gone.
  sessionMs: 10_000,
  // Twice the highest rate, so that it is never the limit that is measured.
  eventsPerSecond: 400,
  eventsBurst: 1_000,
};

export const linkTransportLimits: NonNullable<NodeOptions["limits"]> = {
  // One page at the highest rate makes some 1,400: a request for each echo on four transports, and
  // polls. Several pages may have one address.
  requestsPerSecond: 5_000,
  requestsBurst: 20_000,
};

/** Measurements of CPU time that wait for the one under way. */
export const measurementsWaitingMax = 8;
/** Settings whose CPU figures are remembered. */
export const measurementsKept = 32;
/** How long each transport is measured for, s. */
export const measureSeconds = 3;
