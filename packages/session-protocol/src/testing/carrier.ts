// Simulated links of every transport (PROTOCOL.md §10), client and server adapter in one place each.

import type { Codec } from "../codec.js";
import type { Link, LinkPort } from "../link.js";
import type { Checker } from "./checker.js";
import { PollCarrier } from "./poll-carrier.js";
import type { Random } from "./random.js";
import type { SimulatedClient } from "./simulated-client.js";
import type { Seam, SimulatedServer } from "./simulated-server.js";
import { SocketCarrier } from "./socket-carrier.js";
import { StreamCarrier } from "./stream-carrier.js";
import type { Timeline } from "./timeline.js";

export type CarrierKind = "socket" | "sse" | "stream" | "poll" | "short-poll";

/** Everything that the parts of a simulation share. */
export interface World {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly checker: Checker;
  readonly server: SimulatedServer;
  readonly seam: Seam;
  /** Codecs for socket carriers, the first of them JSON. */
  readonly codecs: readonly Codec[];
  /** True while nothing new may break. */
  isCalm: boolean;
}

/** One link of the client, and what can be done to it. */
export interface Carrier {
  readonly port: LinkPort;
  link: Link | undefined;
  /** Breaks it. Bit 1: the client notices, bit 2: the server notices. */
  cut(notice: number): void;
  freeze(ms: number): void;
}

export function openCarrier(world: World, client: SimulatedClient, kind: CarrierKind): Carrier {
  if (kind === "socket") return new SocketCarrier(world, client);
  if (kind === "sse" || kind === "stream") return new StreamCarrier(world, client, kind);
  return new PollCarrier(world, client, kind === "short-poll" ? 0 : 5000);
}
