// A page and a chat with rooms on one HTTP server. Whoever connects must have a token; a room is a
// Set of sockets.
//
//   node examples/rooms.mjs
//   then connect to ws://localhost:8080/chat?room=tea&token=ada
import { createServer } from "node:http";
import { broadcast, refuse, refuseUnauthorized, WebSocketServer } from "@tidewire/websocket";

const userOfToken = new Map([
  ["ada", { name: "Ada" }],
  ["grace", { name: "Grace" }],
]);

/** @type {Map<string, Set<import("@tidewire/websocket").ServerWebSocket<{ name: string, room: string }>>>} */
const rooms = new Map();

const server = new WebSocketServer({
  path: "/chat",

  authenticate: async ({ query }) => {
    const user = userOfToken.get(query.get("token") ?? "");
    if (user === undefined) return refuseUnauthorized('Bearer realm="chat"');
    const room = query.get("room") ?? "";
    if (room === "") return refuse(400, "Name a room: /chat?room=…");
    return { name: user.name, room };
  },

  handlers: {
    open: (socket) => {
      const { name, room } = socket.data;
      if (!rooms.has(room)) rooms.set(room, new Set());
      rooms.get(room).add(socket);
      broadcast(rooms.get(room), `${name} is here`);
    },
    message: (socket, text) => {
      const { name, room } = socket.data;
      broadcast(rooms.get(room), `${name}: ${text}`, { except: socket });
    },
    close: (socket) => {
      const { name, room } = socket.data;
      const members = rooms.get(room);
      members.delete(socket);
      if (members.size === 0) rooms.delete(room);
      else broadcast(members, `${name} has left`);
    },
  },
});

const http = createServer((_request, response) => response.end("The chat is at /chat.\n"));
server.attach(http);
http.listen(Number(process.env.PORT ?? 8080), () => {
  console.log(`Rooms at ws://localhost:${http.address().port}/chat`);
});

async function stop() {
  http.close();
  await server.close({ reason: "the server goes down" });
}
process.once("SIGINT", stop);
process.once("SIGTERM", stop);
