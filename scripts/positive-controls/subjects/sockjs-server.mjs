// A server of the `sockjs` package. It speaks packets of its own, so it gives nothing back.
import { createServer } from "node:http";
import { obey, requirePeer } from "./subject.mjs";

const { createServer: createSockjs } = requirePeer("sockjs");

obey({
  echoes: false,
  serve(_options, ready) {
    const http = createServer();
    createSockjs({ log() {} }).installHandlers(http, { prefix: "/echo" });
    http.listen(0, "127.0.0.1", () => ready(http.address().port, "/echo"));
  },
});
