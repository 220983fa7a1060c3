// What `connect` takes.

import type { Contract, Limits } from "@tidewire/session-protocol";
import type { OutboxLimits } from "./outbox.js";
import type { Platform } from "./platform.js";
import type { TokenProvider } from "./token-source.js";
import type { TransportName } from "./transports/carrier.js";

export interface ClientOptions<C extends Contract = Contract> {
  /** What both ends say to each other: types, and schemas that are checked here too. */
  readonly contract?: C;
  /**
   * Proves who the user is. A function is called before the first link, in good time before a token
   * runs out, and once after a refusal; never twice at once.
   */
  readonly token?: TokenProvider;
  /** Which transports to use, the best first. Default: all five. */
  readonly transports?: readonly TransportName[];
  /** Pause between two short polls, in ms. Default 2,000; at least 50. Each poll is a request. */
  readonly pollIntervalMs?: number;
  /**
   * The codec to ask for. `binary` (the default) carries byte strings as they are, over HTTP; for a
   * WebSocket JSON is offered too, and the hub chooses it. `json` is text that an inspector shows.
   */
  readonly codec?: "binary" | "json";
  /** What may wait for a link. */
  readonly outbox?: OutboxLimits;
  /** Budgets of this end, where the server's are larger; see PROTOCOL.md §9. */
  readonly limits?: Partial<Limits>;
  /** Whether POSTs carry cookies to another origin. Default `same-origin`. */
  readonly credentials?: RequestCredentials;
  /** Told to the server: name and version of the application. At most 1,024 characters. */
  readonly agent?: string;
  /** False: wait for `client.connect()`. Default true. */
  readonly autoConnect?: boolean;
  /** Parts of the platform to replace: another `fetch`, a WebSocket class, a clock in tests. */
  readonly platform?: Partial<Platform>;
}

export interface EmitOptions {
  /** How long the message may wait for a link, in ms. Default: without end. */
  readonly ttlMs?: number;
  /** False: drop it when it cannot leave at once. Default true. */
  readonly queue?: boolean;
}

export interface VolatileOptions {
  /** Not counted, not kept: for what is stale in a moment, such as a cursor's place. */
  readonly volatile: true;
}
