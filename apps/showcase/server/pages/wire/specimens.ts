// Echoes with permessage-deflate, for those who inspect: the hub declines it, and one should see it.
import type { Server } from "node:http";
import { WebSocketServer } from "@tidewire/websocket";
import { specimenPath } from "../../../shared/wire/specimen-path.js";
import { inflatedBytesMax, inspectionsMax } from "./limits.js";

/** Long enough for a closing handshake on this machine, short enough for Ctrl-C. */
const closeMs = 200;

/** @param isGood whether a ticket is that of somebody who inspects */
export function createSpecimens(isGood: (ticket: string) => boolean): {
  mount(server: Server): void;
  close(): Promise<void>;
} {
  const specimens = new WebSocketServer<true>({
    path: specimenPath,
    authenticate: ({ query }) => isGood(query.get("ticket") ?? "") || undefined,
    perMessageDeflate: { thresholdBytes: 0, serverNoContextTakeover: false },
    limits: {
      // One for each, and one that is just being replaced.
      connectionsMax: 2 * inspectionsMax,
      messageBytesMax: inflatedBytesMax,
      inflatedBytesMax,
    },
    handlers: { message: (socket, data) => void socket.send(data) },
  });
  return {
    mount: (server) => specimens.attach(server),
    close: () => specimens.close({ timeoutMs: closeMs }),
  };
}
