/** The beginning of a refusal's body, for people to read. */
import type { IncomingMessage } from "node:http";
import { REFUSAL_BODY_BYTES_MAX, REFUSAL_BODY_WAIT_MS } from "../socket-limits.js";

/** Calls `done` once, with what came within the bounds of bytes and time. */
export function readRefusal(response: IncomingMessage, done: (body: string) => void): void {
  const chunks: Uint8Array[] = [];
  let length = 0;
  let isDone = false;
  const finish = (): void => {
    if (isDone) return;
    isDone = true;
    clearTimeout(timer);
    done(Buffer.concat(chunks).subarray(0, REFUSAL_BODY_BYTES_MAX).toString("utf8"));
    response.destroy();
  };
  const timer = setTimeout(finish, REFUSAL_BODY_WAIT_MS);
  response.on("data", (chunk: Uint8Array) => {
    chunks.push(chunk);
    length += chunk.length;
    if (length >= REFUSAL_BODY_BYTES_MAX) finish();
  });
  response.on("end", finish);
  response.on("close", finish);
}
