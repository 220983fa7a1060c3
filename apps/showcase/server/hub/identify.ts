// Who is it? Nobody has an account here: a tab makes up a secret and shows it as its token, so that
// it is the same person after a lost connection, a reload, or a restart of this server.
import { createHash } from "node:crypto";
import { type Handshake, type Identity, RefusedError } from "@tidewire/hub";

/** Without a token one is a guest, with no name that lasts. */
export function identify({ token }: Pick<Handshake, "token">): Identity {
  if (token === undefined) return {};
  if (!/^[0-9a-f]{32}$/.test(token)) {
    throw new RefusedError("The token of a tab is made of 32 hex digits.");
  }
  // A digest: others see it, and must not learn the secret.
  return { user: createHash("sha256").update(token).digest("hex").slice(0, 16) };
}
