// A hub beside an Express 5 application, on one port. `attach` comes before all middleware, so body
// parsers and catch-all routes do no harm.
//
//   node examples/hub-express.mjs
import { createServer } from "node:http";
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import express from "express";

const hub = new Hub();
hub.on("connect", (peer) => peer.join("lobby"));
hub.handle("say", (peer, text) => {
  hub.to("lobby").emit("said", { by: peer.id, text });
  return { heard: String(text).length };
});

const app = express();
app.use(express.text({ type: "*/*" }));
// Routes may speak to the hub's peers as well.
app.post("/announce", (request, response) => {
  hub.emit("said", { by: "the house", text: request.body });
  response.sendStatus(204);
});
app.use((_request, response) => response.send("The page.\n"));

const server = createServer(app);
const attached = attach(hub, server);
server.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`Hub at http://localhost:${server.address().port}/tidewire`);
});

async function stop() {
  server.close();
  await hub.close();
  await attached.close();
  server.closeAllConnections();
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
