// A server of the `engine.io` package. It speaks packets of its own, so it gives nothing back.
import { createServer } from "node:http";
import { obey, requirePeer } from "./subject.mjs";

const { attach } = requirePeer("engine.io");

obey({
  echoes: false,
  serve(_options, ready) {
    const http = createServer();
    attach(http);
    ready(http, "/engine.io/?EIO=4&transport=websocket");
  },
});
