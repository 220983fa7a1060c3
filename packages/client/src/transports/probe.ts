// Why a WebSocket did not open: browsers hide it, so ask the same hub over HTTP.

import { frame, jsonCodec } from "@tidewire/session-protocol";
import type { Failure } from "../failure.js";
import type { CarrierHost } from "./carrier.js";
import { type Posted, post } from "./post.js";

const versionRefused = 4426;

/**
 * Sends a hello of version 0, which no hub speaks. The checks of PROTOCOL.md §5.3 come in order, so
 * its `bye` tells of the origin or the token, or, with 4426, that both are fine and a WebSocket
 * would have been welcome: no session is made.
 */
export async function probe(
  host: Pick<CarrierHost, "platform" | "url" | "credentials">,
  token: string | undefined,
  signal: AbortSignal,
): Promise<Posted & { type: "failed" }> {
  const hello = {
    type: "hello",
    version: 0,
    link: 1,
    ...(token === undefined ? {} : { token }),
  } as const;
  const body = frame(jsonCodec.encode(hello));
  const posted = await post(host, { path: "poll", codec: jsonCodec, body, signal });
  const detail = "the hub answers over HTTP; something on the way does not let WebSockets through";
  const blocked: Failure = { reason: "blocked", detail };
  if (posted.type === "answered") {
    posted.response.body?.cancel().catch(() => {});
    return { type: "failed", failure: blocked };
  }
  return posted.bye?.code === versionRefused ? { type: "failed", failure: blocked } : posted;
}
