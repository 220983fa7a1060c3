import { broadcast, type ServerWebSocket, WebSocketServer } from "@tidewire/websocket";
import { announce, messageBytesMax, readSettings } from "./settings.js";

const settings = readSettings();
const subscribers = new Set<ServerWebSocket>();
const perMessage = settings.deflate === "per-message";

const server = new WebSocketServer({
  directIo: settings.directIo,
  limits: { messageBytesMax, inflatedBytesMax: messageBytesMax },
  perMessageDeflate:
    settings.deflate === "off"
      ? false
      : settings.deflate === "default" || {
          serverNoContextTakeover: perMessage,
          clientNoContextTakeover: perMessage,
          thresholdBytes: 0,
          // What the rivals on Node's zlib compress with.
          level: 6,
        },
  // The load answers no pings; the rivals send none by themselves.
  keepalive: { pingIntervalMs: 0 },
  handlers: {
    open(socket) {
      if (settings.mode === "fanout" && socket.url === "/subscribe") subscribers.add(socket);
    },
    message(socket, data) {
      if (settings.mode === "fanout") broadcast(subscribers, data);
      else socket.send(data);
    },
    close: (socket) => void subscribers.delete(socket),
  },
});
if (settings.directIo === true && !server.usesDirectIo) throw new Error("There is no directIo.");
const { port } = await server.listen({ host: "127.0.0.1", tls: settings.tls });
announce(port);
