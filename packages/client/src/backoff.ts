// When to try again: exponential backoff with full jitter, also at its cap.

import { backoffMs, backoffMsMax } from "./limits.js";

/**
 * Milliseconds until attempt `failures` (0 for the first after a link was lost): evenly spread from
 * 0 to a ceiling that doubles up to `backoffMsMax`. The cap bounds the ceiling and not the result,
 * so that after a long outage clients do not come back in step. `retryMs`, the server's word, is a
 * minimum, and the jitter comes on top of it.
 */
export function backoff(failures: number, random: number, retryMs = 0): number {
  const ceiling = Math.min(backoffMsMax, backoffMs * 2 ** Math.min(failures, 16));
  return Math.max(0, retryMs) + random * ceiling;
}
