// Sends back whatever comes.
//
//   node examples/echo.mjs          PORT=9000 node examples/echo.mjs
import { WebSocketServer } from "@tidewire/websocket";

const server = new WebSocketServer({
  handlers: {
    message: (socket, data) => socket.send(data),
  },
});

const { url } = await server.listen({ port: Number(process.env.PORT ?? 8080) });
console.log(`Echo at ${url}`);

process.once("SIGINT", () => server.close());
process.once("SIGTERM", () => server.close());
