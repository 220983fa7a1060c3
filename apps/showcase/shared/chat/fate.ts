// What has become of a message, as its author is told: how many of those it was for have it, and have
// seen it. A person tells by two times how far they are: everything up to then has arrived, or was read.

/** In this order, and never back. `delivered` and `read`: by everybody it was for and who is still here. */
export const fates = ["sent", "delivered", "read"] as const;

export type Fate = (typeof fates)[number];

/** How many. */
export interface Reach {
  /** People it was for: here when it was said, and since then not gone without it. */
  readonly of: number;
  readonly delivered: number;
  readonly read: number;
}

export function fateOf({ of, delivered, read }: Reach): Fate {
  if (of === 0 || delivered < of) return "sent";
  return read < of ? "delivered" : "read";
}
