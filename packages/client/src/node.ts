// The client for Node: the same, on Tidewire's own WebSocket, which Node 20 has none of.

import type { Contract, Untyped } from "@tidewire/session-protocol";
import { WebSocket } from "@tidewire/websocket";
import { checkOptions } from "./check-options.js";
import { type Client, connect as connectAnywhere } from "./client.js";
import type { ClientOptions } from "./client-options.js";
import type { SocketConstructor } from "./platform.js";

export * from "./index.js";

/**
 * As `connect` of `@tidewire/client`, on the WebSocket of `@tidewire/websocket`.
 * @throws {TypeError | RangeError} also for an option, limit or schema that is none.
 */
export function connect<const C extends Contract = Untyped>(
  url: string | URL,
  options: ClientOptions<C> = {},
): Client<C> {
  checkOptions(options);
  const platform = { WebSocket: WebSocket as unknown as SocketConstructor, ...options.platform };
  return connectAnywhere<C>(url, { ...options, platform });
}
