// The plain or TLS server of Node beneath those rivals that do not bring their own.

import { createServer, type Server } from "node:http";
import { createServer as createTlsServer } from "node:https";
import type { AddressInfo } from "node:net";
import { announce, type ServerSettings } from "./settings.js";

export function createHost(settings: Pick<ServerSettings, "tls">): Server {
  return settings.tls === undefined ? createServer() : createTlsServer(settings.tls);
}

export function listen(server: Server): void {
  server.listen({ port: 0, host: "127.0.0.1", backlog: 4096 }, () => {
    announce((server.address() as AddressInfo).port);
  });
}
