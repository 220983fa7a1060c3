// A server of the `ws` package, any version from 7 on.
import { createServer } from "node:http";
import { counts, obey, requirePeer, take } from "./subject.mjs";

const { Server } = requirePeer("ws");

obey({
  serve({ limits = {}, maxHeaderSize = 16 * 1024, perMessageDeflate = false }, ready) {
    const http = createServer({ maxHeaderSize }, (_request, response) => response.end("plain"));
    const maxPayload = limits.messageBytesMax ?? 1024 * 1024;
    /** @type {import("ws").WebSocketServer} */
    const server = new Server({ server: http, maxPayload, perMessageDeflate });
    server.on("connection", (socket) => {
      counts.connections++;
      socket.on("close", () => counts.connections--);
      socket.on("error", () => {});
      // Version 7 gives text as a string, version 8 says what is binary.
      socket.on("message", (/** @type {Buffer} */ data, binary = typeof data !== "string") =>
        take(data, (same) => socket.send(same, { binary })),
      );
    });
    ready(http);
  },
});
