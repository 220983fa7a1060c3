// The up direction of every HTTP transport (PROTOCOL.md §10.4): packets leave in batches, one POST at
// a time. A batch that got no answer is sent again with the same position, so nothing is applied twice.

import {
  type Batch,
  bounds,
  CloseCode,
  type Codec,
  type Encoded,
  type Entry,
  frame,
  isFault,
  type Link,
} from "@tidewire/session-protocol";
import type { Alarm } from "../alarms.js";
import type { Failure } from "../failure.js";
import { lastWordMs, postMs, postRetryMs, postTriesMax } from "../later-limits.js";
import type { CarrierHost } from "./carrier.js";
import { lost, type Posted, place, post, readMessages } from "./post.js";

interface Item {
  readonly framed: Encoded;
  /** The log's count with this entry; 0 for an uncounted packet. */
  readonly count: number;
}

/** Browsers refuse more in a POST that may outlive its page. */
const keepaliveBytesMax = 60_000;

export class Sender {
  readonly #host: CarrierHost;
  readonly #codec: Codec;
  readonly #alarm: Alarm;
  readonly #onSent: () => void;
  #link: Link | undefined;
  #queue: Item[] = [];
  #queueBytes = 0;
  #flying: Item[] | undefined;
  /** Position of the next entry in the answer to the POST. */
  #position = 0;
  #abort = new AbortController();
  #tries = 0;
  #isFull = false;
  #isPlanned = false;
  #isOver = false;

  /** `onSent` is called after each answered POST. */
  constructor(host: CarrierHost, codec: Codec, onSent: () => void = () => {}) {
    this.#host = host;
    this.#codec = codec;
    this.#onSent = onSent;
    this.#alarm = host.alarms.alarm(() => this.#ring());
  }

  /** The link to report to: known after the hello. */
  attach(link: Link): void {
    this.#link = link;
  }

  /** As `LinkPort.write`. */
  write(entry: Entry, count: number): boolean {
    const framed = frame(entry.encoded(this.#codec));
    this.#queue.push({ framed, count });
    this.#queueBytes += this.#codec.size(framed);
    this.#plan();
    this.#isFull =
      this.#queueBytes * 2 > this.#bytesMax() || this.#queue.length * 2 > this.#packetsMax();
    return !this.#isFull;
  }

  /**
   * The link is over. A last word goes out once; `then` is called when it was answered, or could not
   * be: the way down must not be cut before, or the server would hear of a lost link instead.
   */
  close(code: number, then: () => void): void {
    if (this.#isOver) {
      then();
      return;
    }
    this.#isOver = true;
    this.#alarm.remove();
    this.#abort.abort();
    const isLastWord = this.#queue.some(({ count }) => count === 0);
    if (isLastWord && code !== CloseCode.superseded && code !== CloseCode.timeout) {
      this.#queue.unshift(...(this.#flying ?? []));
      this.#sayLast(then);
    } else then();
    this.#queue = [];
  }

  #plan(): void {
    if (this.#isPlanned || this.#flying !== undefined) return;
    this.#isPlanned = true;
    // What one turn of the program writes leaves in one POST.
    queueMicrotask(() => {
      this.#isPlanned = false;
      if (!this.#isOver && this.#flying === undefined && this.#queue.length > 0) this.#send();
    });
  }

  #send(): void {
    this.#flying = this.#take();
    this.#tries = 0;
    this.#post();
  }

  #post(): void {
    const flying = this.#flying!;
    this.#tries += 1;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#alarm.setIn(postMs);
    const request = {
      path: "send",
      codec: this.#codec,
      body: this.#bodyOf(flying),
      signal,
    } as const;
    post(this.#host, request).then(async (posted) => {
      if (this.#isOver || signal.aborted) return;
      if (posted.type === "failed") this.#missed(posted);
      else await this.#answered(posted.response, signal);
    });
  }

  async #answered(response: Response, signal: AbortSignal): Promise<void> {
    const link = this.#link!;
    let count = -1;
    try {
      await readMessages(response, this.#codec, signal, (message) => {
        const packet = this.#codec.decode(message);
        if (isFault(packet) || this.#isOver) return;
        this.#position = place(link, packet, this.#position);
        if (packet.type === "ack") count = Math.max(count, packet.count);
        link.receive(packet, this.#host.alarms.now());
      });
    } catch (cause) {
      if (this.#isOver || signal.aborted) return;
      this.#missed({ type: "failed", failure: lost("the answer to a POST broke off", cause) });
      return;
    }
    if (this.#isOver || signal.aborted) return;
    const end = this.#flying!.reduce((last, item) => Math.max(last, item.count), 0);
    if (count < end) {
      // The server stands elsewhere than we thought: a new link begins at the right place.
      this.#giveUp(lost(`the server acknowledged ${count} of ${end} entries`));
      return;
    }
    this.#flying = undefined;
    this.#alarm.clear();
    if (this.#queue.length > 0) this.#plan();
    this.#onSent();
    if (this.#isFull) {
      this.#isFull = false;
      link.drain(this.#host.alarms.now());
    }
    this.#host.settle();
  }

  /** No answer: once more, without what is not counted, or this link is given up. */
  #missed(posted: Posted & { type: "failed" }): void {
    this.#alarm.clear();
    if (
      posted.bye !== undefined ||
      this.#tries >= postTriesMax ||
      posted.failure.reason === "unavailable"
    ) {
      this.#giveUp(posted.failure, posted.bye);
      return;
    }
    this.#flying = this.#flying!.filter(({ count }) => count > 0);
    this.#abort.abort();
    this.#alarm.setIn(postRetryMs * this.#tries * (1 + this.#host.platform.random()));
  }

  #ring(): void {
    if (this.#abort.signal.aborted) {
      if (this.#flying!.length > 0) this.#post();
      else {
        this.#flying = undefined;
        if (this.#queue.length > 0) this.#plan();
      }
      return;
    }
    this.#abort.abort();
    this.#missed({ type: "failed", failure: lost("a POST had no answer") });
  }

  #giveUp(failure: Failure, bye?: Parameters<CarrierHost["failed"]>[1]): void {
    this.#isOver = true;
    this.#alarm.remove();
    this.#host.failed(failure, bye);
  }

  #sayLast(then: () => void): void {
    const { platform } = this.#host;
    const body = this.#bodyOf(this.#take());
    const abort = new AbortController();
    const timer = platform.setTimer(() => abort.abort(), lastWordMs);
    const keepalive = this.#codec.size(body) < keepaliveBytesMax;
    const { signal } = abort;
    const request = { path: "send", codec: this.#codec, body, signal, keepalive } as const;
    post(this.#host, request).then((posted) => {
      platform.clearTimer(timer);
      if (posted.type === "answered") posted.response.body?.cancel().catch(() => {});
      then();
    });
  }

  /** As much of the queue as one body may hold, and one packet at least. */
  #take(): Item[] {
    let bytes = 0;
    let taken = 0;
    for (const { framed } of this.#queue) {
      bytes += this.#codec.size(framed);
      const isOver = bytes > this.#bytesMax() || taken + 1 >= this.#packetsMax();
      if (isOver && taken > 0) break;
      this.#queueBytes -= this.#codec.size(framed);
      taken += 1;
    }
    return this.#queue.splice(0, taken);
  }

  #bodyOf(items: readonly Item[]): Encoded {
    const { session } = this.#host;
    const first = items.find(({ count }) => count > 0);
    this.#position = session.takeAck();
    const batch: Batch = {
      type: "batch",
      session: session.id ?? "",
      secret: session.secret ?? "",
      link: this.#link?.number ?? 1,
      ...(first === undefined ? {} : { position: first.count - 1 }),
      received: this.#position,
    };
    return joined([frame(this.#codec.encode(batch)), ...items.map(({ framed }) => framed)]);
  }

  #bytesMax(): number {
    return this.#host.session.limits.batchBytes - bounds.batchHeadBytes;
  }

  #packetsMax(): number {
    return this.#host.session.limits.batchPackets;
  }
}

/** Messages of one codec as one body. */
export function joined(parts: readonly Encoded[]): Encoded {
  if (typeof parts[0] === "string") return parts.join("");
  const bytes = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts as readonly Uint8Array[]) {
    bytes.set(part, at);
    at += part.length;
  }
  return bytes;
}
