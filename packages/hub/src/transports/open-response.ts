// The way down of SSE and HTTP streams (PROTOCOL.md §10.2, §10.3): a response that stays open.
//
// The stream's own queue is the link's buffer. When it holds `linkBytes` the session is told to stop,
// and when the reader has taken some it is told to go on.

import {
  type Bye,
  type Codec,
  Entry,
  frame,
  jsonCodec,
  type Link,
  sseData,
  sseId,
} from "@tidewire/session-protocol";
import type { Admission } from "../sessions/admission.js";
import type { Carrier, Carriers } from "./carrier.js";
import { FramedOnce } from "./framed-once.js";
import type { TransportLimits } from "./limits.js";

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

const encoder = new TextEncoder();
const bytesOf = (encoded: string | Uint8Array): Uint8Array =>
  typeof encoded === "string" ? encoder.encode(encoded) : encoded;

/** The framing of `/sse`. */
export function sseFraming(): Framing {
  const once = new FramedOnce((entry) => encoder.encode(sseData(String(entry.encoded(jsonCodec)))));
  return {
    contentType: "text/event-stream",
    codec: jsonCodec,
    padding: encoder.encode(`:${" ".repeat(2046)}\n\n`),
    head: (count) => (count > 0 ? encoder.encode(sseId(count)) : undefined),
    body: (entry) => once.of(entry),
  };
}

/** The framing of `/stream`. */
export function streamFraming(codec: Codec): Framing {
  const once = new FramedOnce((entry) => bytesOf(frame(entry.encoded(codec))));
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
  readonly body: ReadableStream<Uint8Array>;
  link: Link | undefined;
  end: Bye | undefined;
  readonly #framing: Framing;
  readonly #admission: Admission;
  readonly #limits: TransportLimits;
  readonly #carriers: Carriers;
  #controller!: ReadableStreamDefaultController<Uint8Array>;
  #isFull = false;
  #isOver = false;
  #stopLingering: (() => void) | undefined;

  constructor(framing: Framing, admission: Admission, limits: TransportLimits, carriers: Carriers) {
    this.codec = framing.codec;
    this.#framing = framing;
    this.#admission = admission;
    this.#limits = limits;
    this.#carriers = carriers;
    this.body = new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          this.#controller = controller;
          controller.enqueue(framing.padding);
        },
        pull: () => this.#pulled(),
        cancel: () => this.lost(),
      },
      { highWaterMark: limits.linkBytes, size: (chunk) => chunk.byteLength },
    );
  }

  /** The link was admitted, and may be over in the same breath. */
  attach(link: Link): void {
    this.link = link;
    if (!this.#isOver) this.#carriers.add(this);
  }

  write(entry: Entry, count: number): boolean {
    if (this.#isOver) return false;
    if (entry.type === "bye") this.end = entry.packet() as Bye;
    const head = this.#framing.head(count);
    if (head !== undefined) this.#controller.enqueue(head);
    this.#controller.enqueue(this.#framing.body(entry));
    this.#isFull = (this.#controller.desiredSize ?? 0) <= 0;
    return !this.#isFull;
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#carriers.delete(this);
    const isRead = this.#controller.desiredSize === this.#limits.linkBytes;
    this.#controller.close();
    // A client that reads no more must not hold the response for ever.
    if (isRead) return;
    this.#stopLingering = this.#admission.after(this.#limits.lingerMs, () => this.#abandon());
  }

  leave(bye: Bye, now: number): void {
    this.write(new Entry(bye, this.codec), 0);
    this.close();
    this.link?.lost(now, bye.code, bye.reason);
  }

  /** The client is gone, or reads no more. */
  lost(): void {
    this.#stopLingering?.();
    this.#carriers.delete(this);
    if (!this.#isOver) {
      this.#isOver = true;
      this.#abandon();
    }
    this.link?.lost(this.#admission.now());
  }

  #abandon(): void {
    try {
      this.#controller.error(new Error("the client did not read the end of the response"));
    } catch {
      // It was cancelled: there is nothing to fail.
    }
  }

  #pulled(): void {
    if (this.#isOver || !this.#isFull) return;
    this.#isFull = false;
    this.link?.drain(this.#admission.now());
  }
}
