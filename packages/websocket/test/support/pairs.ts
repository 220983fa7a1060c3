/** A client and the server's end of the same connection, over a real socket. */
import {
  connect,
  type ServerWebSocket,
  type Socket,
  type SocketEventMap,
  WebSocket,
  type WebSocketOptions,
  WebSocketServer,
  type WebSocketServerOptions,
} from "@tidewire/websocket";
import { onTestFinished } from "vitest";

export interface Pair {
  readonly client: WebSocket;
  readonly server: ServerWebSocket;
}

export async function openPair(
  clientOptions: WebSocketOptions = {},
  serverOptions: WebSocketServerOptions<undefined> = {},
): Promise<Pair> {
  let take!: (socket: ServerWebSocket) => void;
  const accepted = new Promise<ServerWebSocket>((resolve) => {
    take = resolve;
  });
  const webSocketServer = new WebSocketServer({
    ...serverOptions,
    handlers: { ...serverOptions.handlers, open: take },
  });
  const { port } = await webSocketServer.listen({ host: "127.0.0.1" });
  onTestFinished(() => webSocketServer.close({ timeoutMs: 0 }));
  const client = await connect(`ws://127.0.0.1:${port}/`, clientOptions);
  onTestFinished(() => client.terminate());
  return { client, server: await accepted };
}

/** Both directions: who does what a title says, and who is at the other end. */
export const ROLES: readonly [string, (pair: Pair) => readonly [Socket, Socket]][] = [
  ["client", ({ client, server }) => [client, server]],
  ["server", ({ client, server }) => [server, client]],
];

/** A client that is being closed when the test ends. */
export function startClient(...given: ConstructorParameters<typeof WebSocket>): WebSocket {
  const client = new WebSocket(...given);
  onTestFinished(() => client.terminate());
  return client;
}

/** The next event of a socket. */
export function nextEvent<K extends keyof SocketEventMap>(
  socket: Socket,
  type: K,
): Promise<SocketEventMap[K]> {
  return new Promise((resolve) => {
    socket.addEventListener(type, (event: SocketEventMap[K]) => resolve(event), { once: true });
  });
}

/** Resolves in a later turn of the event loop, when what was written has been read. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Waits for a condition, turn by turn; the test's own time limit ends it. */
export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await turn();
}
