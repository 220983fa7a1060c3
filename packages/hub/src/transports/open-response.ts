// The way down of SSE and HTTP streams (PROTOCOL.md §10.2, §10.3): a response that stays open.
//
// What its outlet holds is the link's buffer. When that reaches `linkBytes` the session is told to stop,
// and when the reader has taken some it is told to go on.

import {
  type Bye,
  type Codec,
  Entry,
  type Link,
  quickJsonCodec,
  sseData,
  sseId,
} from "@tidewire/session-protocol";
import { frameEntry } from "../codecs.js";
import type { Admission } from "../sessions/admission.js";
import type { Carrier, Carriers } from "./carrier.js";
import { FramedOnce } from "./framed-once.js";
import type { TransportLimits } from "./limits.js";
import { StreamOutlet } from "./stream-outlet.js";

/** How packets are written to an open response. Shared by all links of a kind. */
export interface Framing {
  readonly contentType: string;
  readonly codec: Codec;
  /** Written first, so that proxies pass on what follows (§10.9). */
  readonly padding: Uint8Array;
  /** Before the packet; differs per receiver. */
  head(count: number): Uint8Array | undefined;
  /** The packet itself, the same for every receiver. */
  body(entry: Entry): Uint8Array;
}

/** Where the bytes of an open response go: a web stream, or what the host has. */
export interface Outlet {
  /** Bytes that were put and that the reader has not taken. */
  readonly waiting: number;
  put(chunk: Uint8Array): void;
  /** Nothing more comes. What waits is still delivered, to a reader that reads. */
  end(): void;
  /** Nobody is there to read what waits. */
  abandon(): void;
}

const encoder = new TextEncoder();
const bytesOf = (encoded: string | Uint8Array): Uint8Array =>
  typeof encoded === "string" ? encoder.encode(encoded) : encoded;

/** The line with the count; members of a room often have the same. */
class Heads {
  #count = 0;
  #bytes: Uint8Array | undefined;

  of(count: number): Uint8Array {
    if (count !== this.#count || this.#bytes === undefined) {
      this.#count = count;
      this.#bytes = encoder.encode(sseId(count));
    }
    return this.#bytes;
  }
}

/** The framing of `/sse`. */
export function sseFraming(): Framing {
  const heads = new Heads();
  const once = new FramedOnce((entry) =>
    encoder.encode(sseData(String(entry.encoded(quickJsonCodec)))),
  );
  return {
    contentType: "text/event-stream",
    codec: quickJsonCodec,
    padding: encoder.encode(`:${" ".repeat(2046)}\n\n`),
    head: (count) => (count > 0 ? heads.of(count) : undefined),
    body: (entry) => once.of(entry),
  };
}

/** The framing of `/stream`. */
export function streamFraming(codec: Codec): Framing {
  const once = new FramedOnce((entry) => bytesOf(frameEntry(entry, codec)));
  return {
    contentType: codec.contentType,
    codec,
    padding: codec.binary ? new Uint8Array(2048) : encoder.encode(`${" ".repeat(2047)}\n`),
    head: () => undefined,
    body: (entry) => once.of(entry),
  };
}

export class OpenResponse implements Carrier {
  readonly codec: Codec;
  link: Link | undefined;
  end: Bye | undefined;
  readonly #framing: Framing;
  readonly #admission: Admission;
  readonly #limits: TransportLimits;
  readonly #carriers: Carriers;
  #outlet: Outlet | undefined;
  /** What was written before there was an outlet: padding, a welcome and what the log held. */
  #early: Uint8Array[];
  #earlyBytes = 0;
  #isFull = false;
  #isOver = false;

  constructor(framing: Framing, admission: Admission, limits: TransportLimits, carriers: Carriers) {
    this.codec = framing.codec;
    this.#framing = framing;
    this.#admission = admission;
    this.#limits = limits;
    this.#carriers = carriers;
    this.#early = [framing.padding];
  }

  get contentType(): string {
    return this.#framing.contentType;
  }

  /** The link was admitted, and may be over in the same breath. */
  attach(link: Link): void {
    this.link = link;
    if (!this.#isOver) this.#carriers.add(this);
  }

  /** From now on bytes go there; the outlet calls `taken` and `lost`. */
  connect(outlet: Outlet): void {
    const early = this.#early;
    this.#early = [];
    this.#earlyBytes = 0;
    this.#outlet = outlet;
    for (const chunk of early) outlet.put(chunk);
    if (this.#isOver) outlet.end();
  }

  /** As a web stream, for hosts that speak `Response`. */
  toStream(): ReadableStream<Uint8Array> {
    const { linkBytes, lingerMs } = this.#limits;
    const outlet = new StreamOutlet(this, linkBytes, (run) => this.#admission.after(lingerMs, run));
    this.connect(outlet);
    return outlet.stream;
  }

  write(entry: Entry, count: number): boolean {
    if (this.#isOver) return false;
    if (entry.type === "bye") this.end = entry.packet() as Bye;
    const head = this.#framing.head(count);
    if (head !== undefined) this.#put(head);
    this.#put(this.#framing.body(entry));
    this.#isFull = (this.#outlet?.waiting ?? this.#earlyBytes) >= this.#limits.linkBytes;
    return !this.#isFull;
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.end ??= { type: "bye", code, reason };
    this.#carriers.delete(this);
    this.#outlet?.end();
  }

  leave(bye: Bye, now: number): void {
    this.write(new Entry(bye, this.codec), 0);
    this.close(bye.code, bye.reason);
    this.link?.lost(now, bye.code, bye.reason);
  }

  /** The reader has taken some of what waited. */
  taken(): void {
    if (this.#isOver || !this.#isFull) return;
    this.#isFull = false;
    this.link?.drain(this.#admission.now());
  }

  /** The client is gone, or reads no more. */
  lost(): void {
    this.#carriers.delete(this);
    if (!this.#isOver) {
      this.#isOver = true;
      this.#outlet?.abandon();
    }
    this.link?.lost(this.#admission.now());
  }

  #put(chunk: Uint8Array): void {
    if (this.#outlet !== undefined) this.#outlet.put(chunk);
    else {
      this.#early.push(chunk);
      this.#earlyBytes += chunk.byteLength;
    }
  }
}
