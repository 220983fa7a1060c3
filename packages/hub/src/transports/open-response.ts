// The way down of SSE and HTTP streams (PROTOCOL.md §10.2, §10.3): a response that stays open.
//
// What its outlet holds is the link's buffer. When that reaches `linkBytes` the session is told to stop,
// and when the reader has taken some it is told to go on. A POST takes home what it caused at once, while
// its client has all that was written before (§10.4): an `ack` tells then where the response goes on.

import {
  type Bye,
  CloseCode,
  type Codec,
  Entry,
  quickJsonCodec,
  type ServerLink,
  sseData,
  sseId,
} from "@tidewire/session-protocol";
import { frameAck, frameEntry } from "../codecs.js";
import { byeOf } from "./answer.js";
import type { Carrier } from "./carrier.js";
import { FramedOnce } from "./framed-once.js";
import type { PollHouse } from "./poll-port.js";
import { StreamOutlet } from "./stream-outlet.js";
import { joined, type Post, type Written } from "./turn.js";

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
  link: ServerLink | undefined;
  end: Bye | undefined;
  readonly #framing: Framing;
  readonly #house: PollHouse;
  #post: Post | undefined;
  /** What the POST takes home. */
  #home: Written[] = [];
  #homeBytes = 0;
  /** The log's count with the last entry that was written. */
  #given = 0;
  /** Whether a POST took entries since the last one that was written here. */
  #isAhead = false;
  /** Whether what is not acknowledged is to be written here, behind an `ack` that says where it begins. */
  #mustRepeat = false;
  #outlet: Outlet | undefined;
  /** What was written before there was an outlet: padding, a welcome and what the log held. */
  #early: Uint8Array[];
  #earlyBytes = 0;
  #isFull = false;
  #isOver = false;

  constructor(framing: Framing, house: PollHouse) {
    this.codec = framing.codec;
    this.#framing = framing;
    this.#house = house;
    this.#early = [framing.padding];
  }

  get contentType(): string {
    return this.#framing.contentType;
  }

  /** The link was admitted, and may be over in the same breath. */
  attach(link: ServerLink): void {
    this.link = link;
    if (!this.#isOver) this.#house.carriers.add(this);
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
    const { admission, limits } = this.#house;
    const { linkBytes, lingerMs } = limits;
    const outlet = new StreamOutlet(this, linkBytes, (run) => admission.after(lingerMs, run));
    this.connect(outlet);
    return outlet.stream;
  }

  /** As `PollPort.post`; a response that is full has more on its way, too. */
  post(received: number, post: Post): boolean {
    this.flushPlanned();
    const { admission, turn } = this.#house;
    if (!this.#isOver && !this.#isFull && received >= this.#given) {
      this.#post = post;
      turn.add(this);
      this.link?.rewind(received, admission.now());
      return true;
    }
    // There is one POST at a time: what the one before took home did not arrive.
    if (this.#isAhead) this.#planRepeat();
    return false;
  }

  write(entry: Entry, count: number): boolean {
    if (this.#isOver) return false;
    if (entry.type === "bye") this.end = entry.packet() as Bye;
    else if (this.#post !== undefined) return this.#writeHome(entry, count);
    else if (count > 0 && this.#isAhead) {
      this.#planRepeat();
      return false;
    }
    if (count > 0) this.#given = count;
    const head = this.#framing.head(count);
    if (head !== undefined) this.#put(head);
    this.#put(this.#framing.body(entry));
    this.#isFull = (this.#outlet?.waiting ?? this.#earlyBytes) >= this.#house.limits.linkBytes;
    return !this.#isFull;
  }

  /** At the end of the turn. */
  flushPlanned(): void {
    if (this.#post !== undefined) this.#answerPost(this.#post);
    if (!this.#isFull) this.#repeat();
  }

  close(code: number, reason: string): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.end ??= { type: "bye", code, reason };
    this.#house.carriers.delete(this);
    this.#endPost();
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
    if (this.#mustRepeat) this.#repeat();
    else this.link?.drain(this.#house.admission.now());
  }

  /** The client is gone, or reads no more. */
  lost(): void {
    this.#house.carriers.delete(this);
    if (!this.#isOver) {
      this.#isOver = true;
      this.#endPost();
      this.#outlet?.abandon();
    }
    this.link?.lost(this.#house.admission.now());
  }

  #writeHome(entry: Entry, count: number): boolean {
    const framed = this.#house.framed.get(this.codec)!.of(entry);
    this.#home.push({ framed, isEntry: count > 0 });
    this.#homeBytes += framed.length;
    if (count > 0) this.#given = count;
    return this.#hasRoom;
  }

  get #hasRoom(): boolean {
    const { pollBytes, pollPackets } = this.#house.limits;
    return this.#homeBytes < pollBytes && this.#home.length < pollPackets;
  }

  #answerPost(post: Post): void {
    const home = this.#home;
    if (!this.#hasRoom) this.#planRepeat();
    this.#isAhead ||= home.some(({ isEntry }) => isEntry);
    this.#post = undefined;
    this.#home = [];
    this.#homeBytes = 0;
    const ack = { framed: frameAck(post.takeAck(), this.codec), isEntry: false };
    post.answer(joined([ack, ...home], this.codec));
  }

  /** The link is over; what the POST would have taken is in the log. */
  #endPost(): void {
    const post = this.#post;
    this.#post = undefined;
    this.#home = [];
    post?.over(this.end ?? byeOf(CloseCode.stale, "the link is over"));
  }

  #planRepeat(): void {
    this.#mustRepeat = true;
    this.#house.turn.add(this);
  }

  #repeat(): void {
    if (!this.#mustRepeat || this.#isOver) return;
    this.#mustRepeat = false;
    this.#isAhead = false;
    this.link?.repeat(this.#house.admission.now());
  }

  #put(chunk: Uint8Array): void {
    if (this.#outlet !== undefined) this.#outlet.put(chunk);
    else {
      this.#early.push(chunk);
      this.#earlyBytes += chunk.byteLength;
    }
  }
}
