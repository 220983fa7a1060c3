// A new token for the live link, before the old one runs out (PROTOCOL.md §7.4).

import { Entry } from "@tidewire/session-protocol";
import { ClientError } from "./client-error.js";
import type { Core } from "./core.js";

/** Whether nothing more is to be done: it was sent, or the next hello carries it. */
export async function renewToken(core: Core): Promise<boolean> {
  const { connector, session, alarms } = core;
  connector.tokens.forget();
  if (session.live === undefined) return true;
  let token: string | undefined;
  try {
    token = await connector.tokens.get();
  } catch (cause) {
    if (core.isClosed) return true;
    throw new ClientError("token", "The token provider failed.", { cause });
  }
  const { live } = session;
  if (token === undefined || live === undefined || core.isClosed) return true;
  const entry = new Entry({ type: "token", token }, live.port.codec);
  const isSent = session.sendVolatile(entry, alarms.now());
  core.settle();
  return isSent;
}
