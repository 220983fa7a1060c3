// What a client tells about itself, apart from the events of the application.

import type { Answer } from "@tidewire/session-protocol";
import type { Failure } from "./failure.js";
import type { LostMessage } from "./outbox.js";
import type { TransportName } from "./transports/carrier.js";

/**
 * - `connecting`: for the first time.
 * - `connected`: a link carries the session.
 * - `reconnecting`: no link; attempts come by themselves.
 * - `offline`: the same, and the platform says that there is no network.
 * - `closed`: for good; `client.failure` says why.
 */
export type ClientState = "connecting" | "connected" | "reconnecting" | "offline" | "closed";

/** A link carries the session: how it continues (PROTOCOL.md §5.4). */
export interface LinkedInfo {
  /** `fresh`: a new session. `resumed`: nothing was lost. `gap`: `lost` entries were. */
  readonly answer: Answer;
  /**
   * Why a former session does not continue (`unknown`, `mismatch`, `overflow`), or why there is a gap
   * (`overflow`, `age`); see PROTOCOL.md §5.4.
   */
  readonly reason: string | undefined;
  /** Whether it is the first session of this client: then `fresh` is no loss. */
  readonly first: boolean;
  /** Entries of the server that are lost; above 0 only with `gap`. */
  readonly lost: number;
  readonly transport: TransportName;
  readonly session: string;
}

export interface ClientEvents {
  /** The state, or the transport in use, changed. `connected` is told before `linked`. */
  state: [state: ClientState, transport: TransportName | undefined];
  /** A link was welcomed, told after the state `connected`. After `fresh` that is not `first`, and after `gap`: recover from history. */
  linked: [info: LinkedInfo];
  /** A round of attempts found no link; the next comes in `retryInMs`. */
  failure: [failure: Failure, retryInMs: number];
  /** Messages of `emit` that did not arrive, or of which nobody knows. */
  lost: [messages: readonly LostMessage[]];
  /** A listener threw, or data from the server does not fit the contract. */
  error: [error: unknown];
  /** The client is closed. */
  closed: [failure: Failure];
}
