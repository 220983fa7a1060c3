// Its optional native helper is chosen by the lab, through WS_NO_BUFFER_UTIL.

import { type WebSocket, WebSocketServer } from "ws";
import { createHost, listen } from "./http-host.js";
import { messageBytesMax, readSettings } from "./settings.js";

const settings = readSettings();
const host = createHost(settings);
const subscribers = new Set<WebSocket>();
const perMessage = settings.deflate === "per-message";

const server = new WebSocketServer({
  server: host,
  maxPayload: messageBytesMax,
  perMessageDeflate:
    settings.deflate === "off"
      ? false
      : settings.deflate === "default" || {
          serverNoContextTakeover: perMessage,
          clientNoContextTakeover: perMessage,
          threshold: 0,
        },
});
server.on("connection", (socket, request) => {
  if (settings.mode === "fanout" && request.url === "/subscribe") {
    subscribers.add(socket);
    socket.on("close", () => subscribers.delete(socket));
  }
  socket.on("error", () => {});
  socket.on("message", (data, isBinary) => {
    if (settings.mode === "echo") socket.send(data, { binary: isBinary });
    else for (const subscriber of subscribers) subscriber.send(data, { binary: isBinary });
  });
});
listen(host);
