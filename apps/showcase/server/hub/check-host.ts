// Refuses clients that came in by a name that is not ours. The origin alone does not tell: a page
// from elsewhere could come in by a name of its own that points here (DNS rebinding), and its origin
// and host would be the same.
import { type ConnectContext, type Middleware, RefusedError } from "@tidewire/hub";
import { CloseCode } from "@tidewire/session-protocol";

/** @param hosts names without ports */
export function checkHost(hosts: readonly string[]): Middleware<ConnectContext> {
  return async ({ handshake }, next) => {
    const host = (handshake.headers.get("host") ?? "").replace(/:\d+$/, "").toLowerCase();
    if (!hosts.includes(host)) {
      throw new RefusedError(`This server is not reached as “${host.slice(0, 100)}”.`, {
        code: CloseCode.forbidden,
      });
    }
    await next();
  };
}
