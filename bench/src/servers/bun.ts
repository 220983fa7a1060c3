// Runs in Bun. Only what is used of its interface is declared.

import { announce, messageBytesMax, readSettings } from "./settings.js";

interface BunSocket {
  send(data: string | Buffer, compress?: boolean): number;
  subscribe(topic: string): void;
}
interface BunServer {
  readonly port: number;
  upgrade(request: Request, options: { data: { path: string } }): boolean;
  publish(topic: string, data: string | Buffer, compress?: boolean): number;
}
declare const Bun: { serve(options: object): BunServer; gc(force: boolean): void };

const settings = readSettings();
const fanout = settings.mode === "fanout";
const compress = settings.deflate !== "off";
const window = settings.deflate === "context" ? "32KB" : "shared";

const server = Bun.serve({
  port: 0,
  hostname: "127.0.0.1",
  ...(settings.tls === undefined ? {} : { tls: settings.tls }),
  fetch(request: Request, self: BunServer) {
    const path = new URL(request.url).pathname;
    return self.upgrade(request, { data: { path } })
      ? undefined
      : new Response("", { status: 426 });
  },
  websocket: {
    maxPayloadLength: messageBytesMax,
    backpressureLimit: 64 * 1024 * 1024,
    idleTimeout: 0,
    sendPings: false,
    perMessageDeflate:
      settings.deflate === "default" || (compress && { compress: window, decompress: window }),
    open(socket: BunSocket & { readonly data: { path: string } }) {
      if (fanout && socket.data.path === "/subscribe") socket.subscribe("all");
    },
    message(socket: BunSocket, data: string | Buffer) {
      if (fanout) server.publish("all", data, compress);
      else socket.send(data, compress);
    },
  },
});
announce(server.port, () => Bun.gc(true));
