/** Tidewire's server as the one that sends to peers which echo. */
import { type ServerWebSocket, WebSocketServer } from "@tidewire/websocket";
import { onTestFinished } from "vitest";
import { LARGEST_BYTES } from "./corpus.js";

/** Starts a server; resolves its URL and, later, the first socket. */
export async function startServer(deflate: boolean): Promise<{
  readonly url: string;
  readonly accepted: Promise<ServerWebSocket>;
}> {
  let accept!: (socket: ServerWebSocket) => void;
  const accepted = new Promise<ServerWebSocket>((resolve) => {
    accept = resolve;
  });
  const server = new WebSocketServer({
    origins: "any",
    perMessageDeflate: deflate,
    limits: { messageBytesMax: LARGEST_BYTES + 1 },
    handlers: { open: accept },
  });
  const { port } = await server.listen({ host: "127.0.0.1" });
  onTestFinished(() => server.close({ timeoutMs: 0 }));
  return { url: `ws://127.0.0.1:${port}/`, accepted };
}
