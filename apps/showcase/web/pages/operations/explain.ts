// What went wrong, in words for whoever runs the server.
import { ClientError } from "@tidewire/client";

export function codeOf(error: unknown): string | undefined {
  return error instanceof ClientError ? error.code : undefined;
}

/** The server has not answered: it may when it is asked again. */
export function isLoss(error: unknown): boolean {
  return ["timeout", "offline", "lost", "gap", "closed"].includes(codeOf(error) ?? "");
}

export function explain(error: unknown): string {
  if (isLoss(error)) return "The connection was lost before the server answered. Try again.";
  if (codeOf(error) === "invalid") {
    return "A token has at most 256 characters. Is it the one that the server printed?";
  }
  return error instanceof Error ? error.message : String(error);
}
