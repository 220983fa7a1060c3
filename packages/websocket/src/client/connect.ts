import { untilOpen } from "../until-open.js";
import type { WebSocketOptions } from "./client-options.js";
import { WebSocket } from "./web-socket.js";

/**
 * Connects, and resolves with the socket when it is open. Whoever attaches consumers right behind the
 * `await` misses no message.
 *
 * @throws {ConnectError} (rejects) saying why there is no connection.
 * @throws {DOMException | TypeError | RangeError} (rejects) as the constructor of `WebSocket` throws.
 */
export async function connect(url: string | URL, options?: WebSocketOptions): Promise<WebSocket> {
  const socket = new WebSocket(url, options);
  await untilOpen(socket);
  return socket;
}
