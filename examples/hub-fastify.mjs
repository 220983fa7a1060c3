// A hub beside a Fastify 5 application, on one port, closed with it.
//
//   node examples/hub-fastify.mjs
import { Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import fastify from "fastify";

const hub = new Hub();
hub.on("connect", (peer) => peer.join("lobby"));
hub.handle("say", (peer, text) => {
  hub.to("lobby").emit("said", { by: peer.id, text });
  return { heard: String(text).length };
});

const app = fastify({ forceCloseConnections: true });
app.post("/announce", (request, reply) => {
  hub.emit("said", { by: "the house", text: request.body });
  reply.code(204).send();
});
app.get("/", () => "The page.\n");

const attached = attach(hub, app.server);
app.addHook("preClose", async () => {
  await hub.close();
  await attached.close();
});
await app.listen({ port: Number(process.env.PORT ?? 8080) });
console.log(`Hub at http://localhost:${app.server.address().port}/tidewire`);

process.once("SIGINT", () => app.close());
process.once("SIGTERM", () => app.close());
