// An acknowledgement comes by itself within a second; who awaits one gets it in a round trip.

import type { Core } from "./core.js";

/** Cores whose ping goes out at the end of this turn. */
const planned = new WeakSet<Core>();

/** Pings, once for all that is sent in this turn, when somebody waits for what the server has. */
export function askForAck(core: Core): void {
  if (!isAwaited(core) || planned.has(core)) return;
  const { live } = core.session;
  // A ping that waits for a full link is asked too: asking again would keep that link from draining.
  const isAsked =
    live === undefined ||
    live.pingOwed ||
    live.pingAt !== undefined ||
    core.connector.live?.transport?.acknowledgesPosts;
  if (isAsked) return;
  planned.add(core);
  queueMicrotask(() => {
    planned.delete(core);
    if (core.isClosed || !isAwaited(core)) return;
    core.session.ping(core.alarms.now());
    core.settle();
  });
}

/** The sender of a message, or the progress of a file. */
function isAwaited({ session, outbox, onAcknowledged }: Core): boolean {
  const isBehind = session.acknowledged < session.sent;
  return outbox.awaited > 0 || (onAcknowledged.size > 0 && isBehind);
}
