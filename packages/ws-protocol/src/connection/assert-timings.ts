/**
 * The times that a connection is given are checked once, where an endpoint is made: they would only
 * show as a connection that never pings, or never ends, later.
 */
import type { ConnectionOptions } from "./connection-options.js";

/** @throws {TypeError | RangeError} naming the option, its value and what it may be. */
export function assertTimings({
  keepalive,
  closeTimeoutMs,
}: Pick<ConnectionOptions, "keepalive" | "closeTimeoutMs">): void {
  if (keepalive !== undefined && (typeof keepalive !== "object" || keepalive === null)) {
    throw new TypeError(
      `keepalive must be an object; to turn it off write { pingIntervalMs: 0 }, not ${keepalive}`,
    );
  }
  const { pingIntervalMs = 0, pongDeadlineMs = 1 } = keepalive ?? {};
  if (typeof pingIntervalMs !== "number" || !(pingIntervalMs >= 0)) {
    throw new RangeError(
      `pingIntervalMs must be milliseconds, or 0 for no pings, not ${pingIntervalMs}`,
    );
  }
  if (typeof pongDeadlineMs !== "number" || !(pongDeadlineMs > 0)) {
    throw new RangeError(
      `pongDeadlineMs must be more than 0 milliseconds, or Infinity, not ${pongDeadlineMs}; pings are turned off by pingIntervalMs: 0`,
    );
  }
  if (closeTimeoutMs === undefined) return;
  if (!Number.isFinite(closeTimeoutMs) || closeTimeoutMs < 0) {
    throw new RangeError(
      `closeTimeoutMs must be a number of milliseconds from 0, not ${closeTimeoutMs}: every close has an end`,
    );
  }
}
