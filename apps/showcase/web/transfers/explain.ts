// Why a file did not arrive, in words for the person in front of the page, and whether it may be tried
// again as it is.
import { ClientError } from "@tidewire/client";

export interface Explanation {
  readonly reason: string;
  readonly canRetry: boolean;
}

/** What arrived is not what was sent. */
export class DigestError extends Error {}

/** The same file would meet the same answer. */
const finalCodes = new Set(["too-large", "forbidden", "gone", "expired", "removed"]);

const restarted =
  "The server does not know this transfer any more: it was restarted, or the connection was away " +
  "for too long.";

export function explainTransfer(error: unknown): Explanation {
  if (error instanceof ClientError) {
    const isLoss = ["lost", "gap", "closed"].includes(error.code);
    return {
      reason: isLoss ? restarted : error.message,
      canRetry: !finalCodes.has(error.code),
    };
  }
  if (error instanceof DigestError) return { reason: error.message, canRetry: true };
  if (error instanceof DOMException) {
    // A browser reads a file as it was when it was chosen, or not at all.
    const reason =
      "The file could not be read: it was changed, moved or removed after it was chosen. " +
      "Choose it again.";
    return { reason, canRetry: false };
  }
  return { reason: String(error), canRetry: true };
}
