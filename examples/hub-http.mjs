// A hub beside a plain page, on one port. It takes what is under /tidewire, and nothing else.
//
//   node examples/hub-http.mjs
import { createServer } from "node:http";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";

const hub = new Hub();
hub.on("connect", (peer) => peer.join("lobby"));
hub.handle("say", (peer, text) => {
  hub.to("lobby").emit("said", { by: peer.id, text });
  return { heard: String(text).length };
});

const server = createServer((_request, response) => response.end("The page.\n"));
const attached = attach(hub, server);
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`Hub at http://localhost:${server.address().port}/tidewire`);
});

async function stop() {
  server.close();
  await hub.drain({ overMs: 1 });
  await hub.close();
  await attached.close();
  server.closeAllConnections();
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
