// The inspector of a page's own connection. What it sees goes over a second session of the same page.
import type { PageServer, ShowcaseHub } from "../../hub/create-hub.js";
import { Inspections, markSocket } from "./inspections.js";
import { createSpecimens } from "./specimens.js";

export function registerWire(
  hub: ShowcaseHub,
  now: () => number = () => performance.now(),
): PageServer {
  const inspections = new Inspections(now);
  const specimens = createSpecimens((ticket) => inspections.isSpecimenTicket(ticket));
  // The key of its handshake tells which socket carries a session.
  hub.useConnect(async (context, next) => {
    await next();
    const { identity, handshake } = context;
    const key = handshake.headers.get("sec-websocket-key");
    if (identity === undefined || handshake.transport !== "websocket" || key === null) return;
    context.identity = { ...identity, data: markSocket(identity.data, key) };
  });
  hub.on("connect", (peer) => inspections.linked(peer));
  hub.onLink((peer, isLinked) => {
    if (isLinked) inspections.linked(peer);
    else inspections.unlinked(peer);
  });
  hub.on("disconnect", (peer) => inspections.over(peer));

  hub.handle("wire.inspect", (peer) => ({ ticket: inspections.issueTicket(peer) }));
  hub.handle("wire.watch", async (peer, { ticket }) => {
    // What was sent in this turn has then been written: the look begins between two frames.
    await new Promise(setImmediate);
    return { session: inspections.begin(peer, ticket).subject.id };
  });
  hub.on("wire.unwatch", (peer) => inspections.end(inspections.of(peer)));
  hub.handle("wire.cut", (peer, { id }) => ({ isDead: inspections.of(peer)?.cut(id) ?? false }));
  hub.handle("wire.ping", (peer) => ({ isSent: inspections.of(peer)?.ping() ?? false }));
  hub.on("wire.say", (peer, saying) => {
    peer.emit("wire.said", saying);
  });
  hub.handle("wire.specimen", (peer) => {
    const ticket = inspections.issueSpecimenTicket(peer);
    return ticket === undefined ? {} : { ticket };
  });
  return {
    mount: (server) => specimens.mount(server),
    close: async () => {
      inspections.close();
      await specimens.close();
    },
  };
}
