// What the links of a simulated client have in common, whatever carries them.

import {
  type ClientSession,
  type Encoded,
  isFault,
  jsonCodec,
  type Link,
  type LinkPort,
} from "@tidewire/session-protocol";
import type { Site } from "./site.js";
import type { Weather } from "./weather.js";
import type { Witness } from "./witness.js";

export const kinds = ["socket", "sse", "stream", "long-poll", "poll"] as const;
export type Kind = (typeof kinds)[number];

/** Where a link stands. */
export interface Place {
  readonly weather: Weather;
  readonly witness: Witness;
  readonly site: Site;
  readonly owner: Owner;
}

/** Whose links these are. */
export interface Owner {
  readonly session: ClientSession;
  readonly address: string;
  /** On the client's clock. */
  now(): number;
  /** After every call into the session. */
  settle(): void;
  /** This one is over. */
  forget(carrier: Carrier): void;
}

export interface Carrier {
  readonly kind: Kind;
  readonly port: LinkPort;
  link: Link | undefined;
  /** Breaks it. Bit 1: the client notices, bit 2: the hub notices. */
  cut(notice: number): void;
  /** Nothing arrives for so long, in either direction; then everything does. */
  freeze(ms: number): void;
}

/** A message of the hub arrived. */
export function receive(link: Link | undefined, message: Encoded, { owner, witness }: Place): void {
  const packet = (link?.port.codec ?? jsonCodec).decode(message);
  if (isFault(packet))
    witness.violated("protocol", `the client read ${packet.code}: ${packet.detail}`);
  else link?.receive(packet, owner.now());
  owner.settle();
}
