// A new token on a living link (PROTOCOL.md §7.4): the same check as for a hello, the same user.

import { type Bye, CloseCode, Entry, quickJsonCodec } from "@tidewire/session-protocol";
import type { PeerSession } from "../peers/peer-session.js";
import { type AuthenticatorOptions, type Identity, identify } from "./handshake.js";
import { isBye, renew } from "./session-table.js";

/** What a renewal needs of the last hello, which it has no copy of. */
const noHeaders = { get: (): null => null };

/** Checks the token and answers `renew`, or ends the link. Of several at once the last one counts. */
export async function renewToken(
  core: PeerSession,
  token: string,
  options: AuthenticatorOptions,
): Promise<void> {
  const { renewing } = core;
  renewing.next = token;
  if (renewing.isActive) return;
  renewing.isActive = true;
  while (renewing.next !== undefined) {
    const { next } = renewing;
    renewing.next = undefined;
    const identity = await identify(
      {
        token: next,
        origin: core.origin,
        address: core.address,
        transport: core.transport,
        url: "",
        headers: noHeaders,
      },
      options,
    );
    take(core, identity);
  }
  renewing.isActive = false;
  core.hub.schedule(core);
}

function take(core: PeerSession, identity: Identity | Bye): void {
  const now = core.hub.now();
  if (core.session.ended) return;
  if (isBye(identity)) {
    const { code, reason, reconnect, retryMs } = identity;
    const more = {
      ...(reconnect === undefined ? {} : { reconnect }),
      ...(retryMs === undefined ? {} : { retryMs }),
    };
    core.session.unlink(code, reason, now, more);
    return;
  }
  if (identity.user !== core.user) {
    core.session.unlink(CloseCode.forbidden, "the token is of another user", now);
    return;
  }
  core.data = identity.data;
  const { renewMs } = identity;
  renew(core, renewMs, now);
  const answer = renewMs === undefined ? {} : { renewMs: Math.ceil(renewMs) };
  core.session.sendVolatile(new Entry({ type: "renew", ...answer }, quickJsonCodec), now);
}
