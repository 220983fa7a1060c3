/** What both ends are told about an open connection, checked and complete. */
import { assertTimings, type KeepaliveOptions, type Limits } from "@tidewire/ws-protocol";
import { findDirectAccess } from "./direct/direct-access.js";
import { arena, nodePlatform } from "./node-platform.js";
import { DEFAULT_SEND_QUEUE_BYTES_MAX } from "./socket-limits.js";
import { assertTimerMs } from "./timer-range.js";
import type { WireOptions } from "./wire.js";

/** Those of the options of a server or a client that are about the connection. */
export interface GivenWireOptions {
  readonly keepalive?: KeepaliveOptions | null | undefined;
  readonly closeTimeoutMs?: number | null | undefined;
  readonly textAsBytes?: boolean | null | undefined;
  readonly sendQueueBytesMax?: number | null | undefined;
  readonly sendQueuePolicy?: "terminate" | "reject" | null | undefined;
  readonly directIo?: boolean | null | undefined;
}

/** @throws {TypeError | RangeError} when an option is of the wrong kind or out of its range. */
export function resolveWireOptions(
  role: "server" | "client",
  limits: Limits,
  given: GivenWireOptions,
): WireOptions {
  const keepalive = given.keepalive ?? undefined;
  const closeTimeoutMs = given.closeTimeoutMs ?? undefined;
  assertTimings({ keepalive, closeTimeoutMs });
  if (closeTimeoutMs !== undefined) assertTimerMs("closeTimeoutMs", closeTimeoutMs, 0);
  const sendQueueBytesMax = given.sendQueueBytesMax ?? DEFAULT_SEND_QUEUE_BYTES_MAX;
  if (typeof sendQueueBytesMax !== "number" || !(sendQueueBytesMax >= 1)) {
    throw new RangeError(
      `sendQueueBytesMax must be a positive number of bytes, or Infinity, not ${sendQueueBytesMax}`,
    );
  }
  const sendQueuePolicy = given.sendQueuePolicy ?? "terminate";
  if (sendQueuePolicy !== "terminate" && sendQueuePolicy !== "reject") {
    throw new TypeError(`sendQueuePolicy must be "terminate" or "reject", not ${sendQueuePolicy}`);
  }
  const textAsBytes = given.textAsBytes ?? undefined;
  const directIo = given.directIo ?? false;
  if (typeof directIo !== "boolean") {
    throw new TypeError(`directIo must be true or false, not ${directIo}`);
  }
  return {
    role,
    platform: nodePlatform,
    arena,
    limits,
    keepalive,
    closeTimeoutMs,
    clock,
    textAsBytes,
    sendQueueBytesMax,
    sendQueuePolicy,
    // Looked for here, so that who asks in vain is warned at once.
    directIo: directIo && findDirectAccess() !== undefined,
  };
}

function clock(): number {
  return performance.now();
}
