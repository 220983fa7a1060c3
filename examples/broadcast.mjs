// Quotes for everybody: each line on standard input is framed once, compressed at most once, and
// sent to all who are connected.
//
//   node examples/broadcast.mjs
import { createInterface } from "node:readline";
import { WebSocketServer } from "@tidewire/websocket";

const server = new WebSocketServer({
  perMessageDeflate: true,
  // Nobody waits for a slow reader: it is cut off and comes back.
  sendQueueBytesMax: 1024 * 1024,
  sendQueuePolicy: "terminate",
});

const { url } = await server.listen({ port: Number(process.env.PORT ?? 8080) });
console.log(`Broadcast at ${url}`);

const lines = createInterface({ input: process.stdin });
lines.on("line", (line) => {
  const { sent, refused } = server.broadcast(line);
  console.log(`sent to ${sent}, refused by ${refused}`);
});

async function stop() {
  lines.close();
  await server.close();
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
