// Runs in Deno, through its own WebSocket upgrade. Only what is used of its interface is declared.

import { announce, readSettings } from "./settings.js";

interface DenoSocket {
  binaryType: string;
  onmessage: ((event: { data: string | ArrayBuffer }) => void) | null;
  onclose: (() => void) | null;
  readonly readyState: number;
  send(data: string | ArrayBuffer): void;
}
declare const Deno: {
  serve(options: object, handler: (request: Request) => Response): { addr: { port: number } };
  upgradeWebSocket(
    request: Request,
    options: { idleTimeout: number },
  ): { socket: DenoSocket; response: Response };
};

const settings = readSettings();
const subscribers = new Set<DenoSocket>();

const { addr } = Deno.serve(
  { port: 0, hostname: "127.0.0.1", onListen: () => {}, ...settings.tls },
  (request) => {
    const { socket, response } = Deno.upgradeWebSocket(request, { idleTimeout: 0 });
    socket.binaryType = "arraybuffer";
    if (settings.mode === "fanout" && request.url.endsWith("/subscribe")) {
      subscribers.add(socket);
      socket.onclose = () => subscribers.delete(socket);
    }
    socket.onmessage = ({ data }) => {
      if (settings.mode === "echo") socket.send(data);
      else for (const subscriber of subscribers) subscriber.send(data);
    };
    return response;
  },
);
announce(addr.port);
