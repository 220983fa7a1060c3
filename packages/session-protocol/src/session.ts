// A session whose role is known only at run time. Who knows it uses the class of that role: a
// browser that imports `ClientSession` downloads nothing of the server's part.

import { ClientSession } from "./client-session.js";
import { ServerSession } from "./server-session.js";
import type { SessionCore } from "./session-core.js";
import type { SessionOptions } from "./session-handler.js";

/**
 * A `ClientSession` or a `ServerSession`, by `options.role`. It has the methods of its role only: a
 * client cannot `accept`, a server cannot `connect`.
 */
export interface Session
  extends SessionCore,
    Omit<ClientSession, keyof SessionCore>,
    Omit<ServerSession, keyof SessionCore> {}

/** Makes the session of a role. To derive a class, extend that of the role. */
export const Session: SessionConstructor = class {
  constructor(options: SessionOptions, now: number) {
    // biome-ignore lint/correctness/noConstructorReturn: it chooses the class.
    return options.role === "client"
      ? new ClientSession(options, now)
      : new ServerSession(options, now);
  }
} as unknown as SessionConstructor;

type SessionConstructor = new (options: SessionOptions, now: number) => Session;
