// What a transport and the connector say to each other. A carrier is one try at one link.

import type { Bye, ClientSession, Link, LinkPort } from "@tidewire/session-protocol";
import type { Alarms } from "../alarms.js";
import type { Failure } from "../failure.js";
import type { Platform } from "../platform.js";

export type TransportName = "websocket" | "sse" | "stream" | "long-polling" | "polling";

/** What a carrier works with, and whom it tells. */
export interface CarrierHost {
  readonly platform: Platform;
  readonly alarms: Alarms;
  /** Of the hub, `http:` or `https:`. */
  readonly url: URL;
  /** Whether the application asked for the JSON codec. */
  readonly wantsText: boolean;
  readonly credentials: RequestCredentials;
  /** Pause between two short polls, as the application gave it. */
  readonly pollIntervalMs: number | undefined;
  readonly session: ClientSession;
  /** The carrier can write: gives the hello to `port`, and answers the link to report to. */
  greet(port: LinkPort): Link;
  /**
   * The carrier is broken, before or after its link was made; `bye` is the hub's word on it, when one
   * was readable. Call it once, then nothing more.
   */
  failed(failure: Failure, bye?: Bye): void;
  /** Call after everything that was reported to the link. */
  settle(): void;
}

export interface Carrier {
  /** Gives up without a word: called when it took too long, or is not needed any more. */
  abandon(): void;
}

export interface Transport {
  readonly name: TransportName;
  /** Whether the hub's answer to a POST acknowledges what it carried, so that no ping is needed. */
  readonly acknowledgesPosts: boolean;
  /** What is missing on this platform; undefined when nothing is. */
  missing(platform: Platform): string | undefined;
  open(host: CarrierHost): Carrier;
}
