// The way down of polls (PROTOCOL.md §10.5): collects what the parked poll will carry home.
//
// Entries are written only while a poll is parked, and what a poll did not take home is written again
// from where the next one stands, so a link without a poll holds nothing but a word or two.

import {
  type Bye,
  type Codec,
  type Encoded,
  Entry,
  frame,
  type Link,
  type Welcome,
} from "@tidewire/session-protocol";
import type { Admission } from "../sessions/admission.js";
import type { Departure } from "../sessions/departure.js";
import type { Carrier, Carriers } from "./carrier.js";
import type { Farewells } from "./farewells.js";
import { FramedOnce } from "./framed-once.js";
import type { TransportLimits } from "./limits.js";

interface Written {
  readonly framed: Encoded;
  readonly isEntry: boolean;
}

interface Parked {
  readonly answer: (body: Encoded) => void;
  readonly stopTimer: (() => void) | undefined;
}

/** What the polls of one hub share. */
export interface PollHouse {
  readonly admission: Admission;
  readonly limits: TransportLimits;
  readonly carriers: Carriers;
  readonly farewells: Farewells;
  readonly framed: ReadonlyMap<Codec, FramedOnce<Encoded>>;
}

export function framedFor(codecs: readonly Codec[]): PollHouse["framed"] {
  return new Map(
    codecs.map((codec) => [codec, new FramedOnce((entry: Entry) => frame(entry.encoded(codec)))]),
  );
}

export class PollPort implements Carrier {
  readonly codec: Codec;
  link: Link | undefined;
  /** What a poll of a link that is over is told. */
  end: Bye | undefined;
  readonly #house: PollHouse;
  #session: { readonly id: string; readonly secret: string } | undefined;
  #parked: Parked | undefined;
  #out: Written[] = [];
  #outBytes = 0;
  #isFlushPlanned = false;
  #answeredAt: number;
  #intervalMs: number = intervalMinMs;

  constructor(codec: Codec, house: PollHouse) {
    this.codec = codec;
    this.#house = house;
    this.#answeredAt = house.admission.now();
  }

  /** §7.2: the interval of this client, as it showed. */
  get allowanceMs(): number {
    return this.#intervalMs;
  }

  attach(link: Link): void {
    this.link = link;
    if (!link.over) this.#house.carriers.add(this);
  }

  /** Who the polls name, so that a late one can still be told why the link is over. */
  identify(id: string, secret: string): void {
    this.#session = { id, secret };
  }

  /**
   * Takes a poll; the older one is answered at once and empty. The promise is the body of the answer,
   * after `waitMs` at the latest. When the signal aborts the poll is forgotten.
   */
  park(waitMs: number, signal: Departure): Promise<Encoded> {
    if (this.#parked !== undefined) this.#leave(this.#nothing());
    if (this.#out.length > 0) this.#keep((written) => !written.isEntry);
    const { admission } = this.#house;
    const pauseMs = admission.now() - this.#answeredAt;
    this.#intervalMs = Math.min(
      intervalMaxMs,
      Math.max(intervalMinMs, pauseMs, this.#intervalMs * 0.75),
    );
    return new Promise((resolve) => {
      const onAbort = (): void => this.#leave(this.#nothing());
      const answer = (body: Encoded): void => {
        signal.removeEventListener("abort", onAbort);
        resolve(body);
      };
      const stopTimer = waitMs > 0 ? admission.after(waitMs, () => this.flush()) : undefined;
      this.#parked = { answer, stopTimer };
      signal.addEventListener("abort", onAbort, { once: true });
      if (signal.aborted) onAbort();
      else if (this.#out.length > 0) this.#planFlush();
    });
  }

  write(entry: Entry, count: number): boolean {
    const isEntry = count > 0;
    const isParked = this.#parked !== undefined;
    // Without a poll only the uncounted wait for the next; entries are written again by its rewind.
    if (!isParked && isEntry) return false;
    if (entry.type === "bye") this.end = entry.packet() as Bye;
    if (entry.type === "welcome") this.#welcomed(entry.packet() as Welcome);
    const framed = this.#house.framed.get(this.codec)!.of(entry);
    this.#out.push({ framed, isEntry });
    this.#outBytes += framed.length;
    this.#planFlush();
    const { pollBytes, pollPackets } = this.#house.limits;
    return isParked && this.#outBytes < pollBytes && this.#out.length < pollPackets;
  }

  /** Answers the parked poll with what there is. */
  flush(): void {
    this.#isFlushPlanned = false;
    if (this.#parked === undefined) return;
    const framed = this.#out.map((written) => written.framed);
    this.#out = [];
    this.#outBytes = 0;
    this.#leave(joined(framed, this.codec));
  }

  close(code: number, reason: string): void {
    this.#house.carriers.delete(this);
    this.end ??= { type: "bye", code, reason };
    const isHeard = this.#parked !== undefined;
    this.flush();
    // Superseded links have a successor that knows; the others learn it from their next poll.
    if (!isHeard && this.#session !== undefined && this.link !== undefined) {
      this.#house.farewells.keep(this.#session, this.link.number, this.end);
    }
  }

  leave(bye: Bye, now: number): void {
    this.write(new Entry(bye, this.codec), 0);
    const { link } = this;
    if (link === undefined || link.over) this.close(bye.code, bye.reason);
    else link.lost(now, bye.code, bye.reason);
  }

  #welcomed({ session, secret }: Welcome): void {
    if (secret !== undefined) this.identify(session, secret);
  }

  #leave(body: Encoded): void {
    const parked = this.#parked;
    if (parked === undefined) return;
    this.#parked = undefined;
    this.#answeredAt = this.#house.admission.now();
    parked.stopTimer?.();
    parked.answer(body);
  }

  #nothing(): Encoded {
    return joined([], this.codec);
  }

  #keep(isKept: (written: Written) => boolean): void {
    this.#out = this.#out.filter(isKept);
    this.#outBytes = this.#out.reduce((sum, { framed }) => sum + framed.length, 0);
  }

  /** What is written in one go leaves in one answer. */
  #planFlush(): void {
    if (this.#isFlushPlanned || this.#parked === undefined) return;
    this.#isFlushPlanned = true;
    queueMicrotask(() => {
      if (this.#isFlushPlanned) this.flush();
    });
  }
}

/** Long polls come at once; the pause before a retry is no sign of death. */
const intervalMinMs = 3_000;
const intervalMaxMs = 25_000;

function joined(parts: readonly Encoded[], codec: Codec): Encoded {
  if (!codec.binary) return parts.length === 1 ? parts[0]! : parts.join("");
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts as readonly Uint8Array[]) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}
