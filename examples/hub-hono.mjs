// A hub beside a Hono application on Node, on one port. On other runtimes `createFetchHandler` of
// `@tidewire/hub` is a route of its own: it answers a `Request` with a `Response`, and carries every
// transport but WebSocket. Here it is mounted a second time, under /http-only, to show it.
//
//   node examples/hub-hono.mjs
import { serve } from "@hono/node-server";
import { getConnInfo } from "@hono/node-server/conninfo";
import { createFetchHandler, Hub } from "@tidewire/hub";
import { attach } from "@tidewire/hub/node";
import { Hono } from "hono";

const hub = new Hub();
hub.on("connect", (peer) => peer.join("lobby"));
hub.handle("say", (peer, text) => {
  hub.to("lobby").emit("said", { by: peer.id, text });
  return { heard: String(text).length };
});

const app = new Hono();
app.post("/announce", async (context) => {
  hub.emit("said", { by: "the house", text: await context.req.text() });
  return context.body(null, 204);
});
const transports = createFetchHandler(hub, { path: "/http-only" });
app.all("/http-only/*", (context) =>
  transports(context.req.raw, { address: getConnInfo(context).remote.address ?? "" }),
);
app.get("/", (context) => context.text("The page.\n"));

const server = serve({ fetch: app.fetch, port: Number(process.env.PORT ?? 8080) }, ({ port }) => {
  console.log(`Hub at http://localhost:${port}/tidewire`);
});
const attached = attach(hub, server);

async function stop() {
  server.close();
  await hub.close();
  transports.close();
  await attached.close();
  server.closeAllConnections();
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
