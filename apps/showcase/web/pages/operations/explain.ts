// What went wrong, in words for whoever runs the server.
import { ClientError } from "@tidewire/client";

export function codeOf(error: unknown): string | undefined {
  return error instanceof ClientError ? error.code : undefined;
}

export function explain(error: unknown): string {
  switch (codeOf(error)) {
    case "invalid":
      return "A token has at most 256 characters. Is it the one that the server printed?";
    case "timeout":
    case "offline":
    case "lost":
    case "gap":
    case "closed":
      return "The connection was lost before the server answered. Try again.";
    default:
      return error instanceof Error ? error.message : String(error);
  }
}
