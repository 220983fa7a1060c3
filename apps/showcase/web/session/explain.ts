// Why the server, or the contract on our own side, did not take something, in words for the person
// in front of the page.
import { ClientError } from "@tidewire/client";
import * as v from "valibot";

const issuesSchema = v.object({ issues: v.array(v.object({ message: v.string() })) });
const waitSchema = v.object({ retryInMs: v.number() });

export function explain(error: unknown): string {
  if (!(error instanceof ClientError)) return String(error);
  const read = v.safeParse(issuesSchema, error.data);
  return (read.success && read.output.issues[0]?.message) || error.message;
}

/** How long to wait before the same may be asked again; undefined when waiting does not help. */
export function waitOf(error: unknown): number | undefined {
  const read = v.safeParse(waitSchema, error instanceof ClientError ? error.data : undefined);
  return read.success ? read.output.retryInMs : undefined;
}

/** The session was lost meanwhile, or the client is closed: nobody knows what became of it. */
export function isLoss(error: unknown): boolean {
  return error instanceof ClientError && ["lost", "gap", "closed", "offline"].includes(error.code);
}
