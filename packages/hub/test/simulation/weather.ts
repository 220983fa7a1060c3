// The weather between the clients and their hub: dice, and a count of everything that went wrong, so
// that a run can show that it met what it should.

import type { Random, Timeline } from "@tidewire/session-protocol/testing";

export const hazards = [
  /** A connection broke, and both ends noticed. */
  "cut",
  /** A connection broke, and one end or neither noticed. */
  "halfOpen",
  /** What was under way was lost from some byte on. */
  "cutInFlight",
  /** Nothing arrived for a while, then everything did. */
  "frozen",
  "lostRequest",
  "lostAnswer",
  /** A request came later than its client waits. */
  "lateRequest",
  /** A copy of a request came soon after it, or before it. */
  "repeatedRequest",
  /** A copy of a request came seconds after it. */
  "replayedRequest",
  /** A body broke off at some byte: of a request, of an answer. */
  "tornRequest",
  "tornAnswer",
  /** A body paused at some byte. */
  "slowRequest",
  /** An older link spoke after a newer one was accepted. */
  "oldLink",
  /** A link was opened beside a live one. */
  "twoLinks",
  /** The session moved to another transport with entries under way. */
  "moveInBurst",
  /** The hub's process stood still. */
  "hubPause",
  /** The hub's clock leapt forward, as after a suspend; it never goes back (`Platform.now`). */
  "hubClock",
  /** A client's clock jumped, either way. */
  "clientClock",
  "offline",
  /** Gaps, by their reason. */
  "overflow",
  "age",
  "refusedHello",
  "refusedRenewal",
  "forgottenRenewal",
  /** A token ran out on a living link. */
  "expiredToken",
  "kick",
  /** A hub drained; a client was sent away by it; a client was told `fresh` by its successor. */
  "drain",
  "sentAway",
  "freshAfterDrain",
] as const;

export type Hazard = (typeof hazards)[number];

export class Weather {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly counts: Record<Hazard, number>;
  /** From which transport to which other a session moved while it was live. */
  readonly moves: Set<string> = new Set();
  /** True while nothing new may break. */
  isCalm = false;

  constructor(timeline: Timeline, random: Random) {
    this.timeline = timeline;
    this.random = random;
    this.counts = Object.fromEntries(hazards.map((hazard) => [hazard, 0])) as Weather["counts"];
  }

  /** Throws the dice for a hazard, and counts it. */
  strikes(hazard: Hazard, probability: number): boolean {
    if (this.isCalm || !this.random.chance(probability)) return false;
    this.met(hazard);
    return true;
  }

  met(hazard: Hazard): void {
    this.counts[hazard] += 1;
  }
}
