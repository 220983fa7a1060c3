// Failures that say nothing about the game: the same may be asked again.
import { ClientError } from "@tidewire/client";
import { waitOf } from "../../session/explain.js";

const passingCodes: ReadonlySet<string> = new Set(["too-fast", "busy", "internal", "timeout"]);
const pauseMs = 3_000;

/** How long to wait before asking again; undefined when the answer is final. */
export function pauseOf(error: unknown): number | undefined {
  if (!(error instanceof ClientError) || !passingCodes.has(error.code)) return undefined;
  return waitOf(error) ?? pauseMs;
}
