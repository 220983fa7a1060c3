import { createServer } from "node:http";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";

const hub = new Hub({
  rooms: () => ({ presence: true, history: true }),
});

hub.on("connect", async (peer) => {
  peer.join("lobby");
  await peer.replay("lobby");
});

hub.on("say", (peer, text) => {
  hub.to("lobby").emit("said", { by: peer.id, text });
});

const server = createServer();
attach(hub, server);
server.listen(8080);
