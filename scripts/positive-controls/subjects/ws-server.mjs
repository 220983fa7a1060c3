// A server of the `ws` package, any version from 7 on.
import { createServer } from "node:http";
import { counts, obey, requirePeer, take } from "./subject.mjs";

const { Server } = requirePeer("ws");

obey({
  serve({ limits = {}, maxHeaderSize = 16 * 1024, perMessageDeflate = false }, ready) {
    const http = createServer({ maxHeaderSize }, (_request, response) => response.end("plain"));
    const maxPayload = limits.messageBytesMax ?? 1024 * 1024;
    const server = new Server({ server: http, maxPayload, perMessageDeflate });
    server.on("connection", (socket) => {
      counts.connections++;
      socket.on("close", () => counts.connections--);
      socket.on("error", () => {});
      socket.on("message", (data, isBinary = typeof data !== "string") =>
        take(data, (same) => socket.send(same, { binary: isBinary })),
      );
    });
    http.listen(0, "127.0.0.1", () => ready(http.address().port));
  },
});
