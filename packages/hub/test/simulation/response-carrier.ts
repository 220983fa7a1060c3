// §10.2, §10.3: a response that stays open, and POSTs beside it.

import {
  type Encoded,
  frame,
  jsonCodec,
  LineReader,
  type Link,
  type LinkPort,
  SseReader,
} from "@tidewire/session-protocol";
import { Pipe } from "@tidewire/session-protocol/testing";
import { type Carrier, type Place, type Reading, receive } from "./carrier.js";
import { PostQueue, receiveAll } from "./post-queue.js";
import { ask } from "./request.js";

const openMs = 5_000;

export class ResponseCarrier implements Carrier {
  readonly kind: "sse" | "stream";
  readonly port: LinkPort;
  link: Link | undefined;
  readonly #place: Place;
  readonly #posts: PostQueue;
  readonly #down: Pipe;
  readonly #reading: Reading = { position: 0 };
  #giveUp: (() => void) | undefined;
  #goOn: () => void = () => {};

  constructor(place: Place, kind: "sse" | "stream") {
    const { timeline, random } = place.weather;
    this.kind = kind;
    this.#place = place;
    this.#posts = new PostQueue(place, this);
    this.#down = new Pipe({
      timeline,
      random,
      isStream: true,
      deliver: kind === "sse" ? this.#sseReader() : this.#lineReader(),
      drained: () => place.site.awake(() => this.#goOn()),
    });
    this.port = {
      codec: jsonCodec,
      write: (entry, count) => {
        if (this.#giveUp !== undefined) return this.#posts.write(entry, count);
        this.#begin(String(frame(entry.encoded(jsonCodec))));
        return true;
      },
      close: () => this.#close(),
    };
  }

  cut(notice: number): void {
    const { weather } = this.#place;
    if (this.#down.inFlight > 0) weather.met("cutInFlight");
    this.#down.cut();
    this.#posts.close();
    if (notice & 1) weather.timeline.plan(1, () => this.#lost());
    if (notice & 2) this.#giveUp?.();
  }

  freeze(ms: number): void {
    this.#down.freeze(ms);
    this.#posts.freeze(ms);
  }

  #begin(body: string): void {
    const { errors } = this.#place.site;
    this.#giveUp = ask(this.#place, {
      endpoint: this.kind,
      body,
      delayMs: 0,
      timeoutMs: openMs,
      opened: (response) => {
        this.#read(response).catch((error: unknown) => errors.push(error));
      },
      answered: (answer) => {
        receiveAll(this, answer, this.#place);
        this.#lost();
      },
      failed: () => this.#lost(),
    });
  }

  /** Takes what the hub writes, as fast as the pipe takes it. */
  async #read(response: ReadableStream<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    const reader = response.getReader();
    const next = (): ReturnType<typeof reader.read> =>
      reader.read().catch(() => ({ done: true, value: undefined }));
    for (let read = await next(); !read.done; read = await next()) {
      const goesOn = this.#down.send(decoder.decode(read.value, { stream: true }));
      if (goesOn) continue;
      // The network is slow, or nobody is there: the hub's own buffer fills up.
      await new Promise<void>((resolve) => {
        this.#goOn = resolve;
      });
    }
    this.#down.finish(() => this.#lost());
  }

  #sseReader(): (piece: Encoded) => void {
    const reader = new SseReader(1_000_000);
    return (piece) => {
      reader.push(String(piece), ({ data }) =>
        receive(this.link, data, this.#place, this.#reading),
      );
    };
  }

  #lineReader(): (piece: Encoded) => void {
    const reader = new LineReader(1_000_000);
    return (piece) => {
      reader.push(String(piece), (line) => receive(this.link, line, this.#place, this.#reading));
    };
  }

  #close(): void {
    this.#place.owner.forget(this);
    this.#posts.close();
    this.#giveUp?.();
  }

  #lost(): void {
    const { owner } = this.#place;
    this.#close();
    this.link?.lost(owner.now());
    owner.settle();
  }
}
