// A server of the `sockjs` package. It speaks packets of its own, so it gives nothing back.
import { createServer } from "node:http";
import { obey, requirePeer } from "./subject.mjs";

const { createServer: createSockjs } = requirePeer("sockjs");

obey({
  echoes: false,
  serve(_options, ready) {
    const http = createServer();
    createSockjs({ log() {} }).installHandlers(http, { prefix: "/echo" });
    ready(http, "/echo");
  },
});
