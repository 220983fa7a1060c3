// The seam between a host and the HTTP transports: a request, and the way of its answer.

import type { Departure } from "../sessions/departure.js";
import type { Answer } from "./answer.js";
import type { Body } from "./body.js";

/** What of a `Request` is used; a web `Request` is one. */
export interface HubRequest {
  readonly method: string;
  /** Absolute, as the client sees it: its host is compared with the origin. */
  readonly url: string;
  readonly headers: { get(name: string): string | null };
  readonly body: Body;
  /** Aborted when the client is gone. */
  readonly signal: Departure;
}

/** What a `Request` does not tell. */
export interface ConnectionFacts {
  /** The client's IP address, or what a trusted proxy says of it; limits per address go by it. */
  readonly address: string;
}

/** One request as a host hands it over. */
export interface Exchange extends HubRequest, ConnectionFacts {
  /** The path of the URL, as sent. */
  readonly pathname: string;
  /** Called once: at once or, for a poll that waits, much later. Must not throw. */
  respond(answer: Answer): void;
}
