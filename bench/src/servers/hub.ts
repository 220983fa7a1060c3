// The hub of Tidewire with its transports, in its default settings but for the rates per peer.

import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { createHost, listen } from "./http-host.js";
import { keepAliveMs, readHubSettings, roomsOf } from "./hub-settings.js";

const settings = readHubSettings();
const host = createHost({ tls: undefined });
host.keepAliveTimeout = keepAliveMs;
let sessions = 0;

const hub = new Hub({
  limits: {
    // The load sends as fast as it is answered; Socket.IO has no limits of this kind.
    eventsPerSecond: 1e9,
    eventsBurst: 1e9,
    bytesPerSecond: 1e12,
    bytesBurst: 1e12,
    hellosPerSecond: 1e6,
    hellosBurst: 1e6,
    wrongSecretsBurst: 1e6,
    ...(settings.retained !== undefined && { logEntries: settings.retained }),
  },
  rooms: (name) => (name === "room" && settings.history ? { history: true } : undefined),
});
hub.on("connect", (peer) => {
  peer.join("room");
  for (const room of roomsOf(sessions, settings.rooms)) peer.join(room);
  sessions += 1;
});
hub.on("echo", (peer, data) => {
  peer.emit("echo", data);
});
hub.handle("ask", (_, data) => data);
hub.handle("links", () => hub.stats().linked);
hub.on("say", (_, data) => hub.to("room").emit("said", data));
attach(hub, host, {
  limits: { requestsPerSecond: 1e9, requestsBurst: 1e9 },
  directIo: settings.directIo,
});
listen(host);
