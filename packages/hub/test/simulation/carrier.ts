// What the links of a simulated client have in common, whatever carries them.

import {
  type ClientSession,
  type Encoded,
  isCounted,
  isFault,
  jsonCodec,
  type Link,
  type LinkPort,
  type Packet,
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

/** Where the entries of an answer stand (§10.4, §10.5); answers may cross each other. */
export interface Reading {
  position: number;
}

/** A message of the hub arrived. */
export function receive(
  link: Link | undefined,
  message: Encoded,
  { owner, witness }: Place,
  reading?: Reading,
): void {
  const packet = (link?.port.codec ?? jsonCodec).decode(message);
  if (isFault(packet))
    witness.violated("protocol", `the client read ${packet.code}: ${packet.detail}`);
  else {
    if (reading !== undefined && link !== undefined) place(link, packet, reading);
    link?.receive(packet, owner.now());
  }
  owner.settle();
}

function place(link: Link, packet: Packet, reading: Reading): void {
  if (isCounted(packet)) link.expected = reading.position++;
  else if (packet.type === "welcome") reading.position = packet.position;
  else if (packet.type === "ack") reading.position = packet.position ?? reading.position;
}
