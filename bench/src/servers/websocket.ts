import library, { type Connection } from "websocket";
import { createHost, listen } from "./http-host.js";
import { messageBytesMax, readSettings } from "./settings.js";

const settings = readSettings();
const host = createHost(settings);
const subscribers = new Set<Connection>();

const server = new library.server({
  httpServer: host,
  autoAcceptConnections: false,
  keepalive: false,
  disableNagleAlgorithm: true,
  fragmentOutgoingMessages: false,
  maxReceivedFrameSize: messageBytesMax,
  maxReceivedMessageSize: messageBytesMax,
});
server.on("request", (request) => {
  const connection = request.accept();
  if (settings.mode === "fanout" && request.resource === "/subscribe") {
    subscribers.add(connection);
    connection.on("close", () => void subscribers.delete(connection));
  }
  connection.on("message", (message) => {
    const targets = settings.mode === "echo" ? [connection] : subscribers;
    for (const target of targets) {
      if (message.type === "utf8") target.sendUTF(message.utf8Data);
      else target.sendBytes(message.binaryData);
    }
  });
});
listen(host);
