// SSE and HTTP streaming (PROTOCOL.md §10.2, §10.3): the hello is a POST whose answer stays open.

import {
  type Codec,
  type Encoded,
  type Entry,
  frame,
  isCounted,
  isFault,
  jsonCodec,
  type Link,
} from "@tidewire/session-protocol";
import { binaryCodec } from "../binary-codec.js";
import type { Carrier, CarrierHost, Transport } from "./carrier.js";
import { place, post, readMessages } from "./post.js";
import { Sender } from "./sender.js";

export const sse: Transport = {
  name: "sse",
  acknowledgesPosts: true,
  missing: missingFetch,
  open: (host) => new OpenResponse(host, "sse", jsonCodec),
};

export const stream: Transport = {
  name: "stream",
  acknowledgesPosts: true,
  missing: missingFetch,
  open: (host) => new OpenResponse(host, "stream", wantedCodec(host)),
};

export function missingFetch(platform: CarrierHost["platform"]): string | undefined {
  return platform.fetch === undefined ? "there is no fetch" : undefined;
}

export function wantedCodec({ wantsText }: CarrierHost): Codec {
  return wantsText ? jsonCodec : binaryCodec;
}

class OpenResponse implements Carrier {
  readonly #host: CarrierHost;
  readonly #path: "sse" | "stream";
  readonly #codec: Codec;
  readonly #sender: Sender;
  readonly #abort = new AbortController();
  readonly #link: Link;
  #hello: Encoded | undefined;
  /** Position of the next entry that it brings. */
  #position = 0;
  #isOver = false;

  constructor(host: CarrierHost, path: "sse" | "stream", codec: Codec) {
    this.#host = host;
    this.#path = path;
    this.#codec = codec;
    this.#sender = new Sender(host, codec);
    this.#link = host.greet({
      codec,
      write: (entry, count) => this.#write(entry, count),
      close: (code) => {
        this.#isOver = true;
        this.#sender.close(code, () => this.#abort.abort());
      },
    });
    this.#sender.attach(this.#link);
    this.#run();
  }

  abandon(): void {
    this.#isOver = true;
    this.#abort.abort();
  }

  #write(entry: Entry, count: number): boolean {
    if (this.#hello !== undefined) return this.#sender.write(entry, count);
    this.#hello = frame(entry.encoded(this.#codec));
    return true;
  }

  async #run(): Promise<void> {
    const { signal } = this.#abort;
    const request = { path: this.#path, codec: this.#codec, body: this.#hello!, signal };
    const posted = await post(this.#host, request);
    if (this.#isOver) return;
    if (posted.type === "failed") {
      this.#host.failed(posted.failure, posted.bye);
      return;
    }
    let detail = "the response ended";
    let cause: unknown;
    try {
      const onMessage = (message: Encoded, id: string): void => this.#received(message, id);
      const fault = await readMessages(posted.response, this.#codec, signal, onMessage);
      if (fault !== undefined) detail = fault.detail;
    } catch (error) {
      detail = "the response broke off";
      cause = error;
    }
    if (!this.#isOver) this.#host.failed({ reason: "lost", detail, cause });
  }

  #received(message: Encoded, id: string): void {
    if (this.#isOver) return;
    const packet = this.#codec.decode(message);
    const now = this.#host.alarms.now();
    if (isFault(packet)) {
      // A proxy may write its own words into a response: that costs the link, not the session.
      if (packet.code === "syntax") this.#host.failed({ reason: "lost", detail: packet.detail });
      else this.#link.fail(packet, now);
    } else {
      this.#position = place(this.#link, packet, this.#position);
      this.#link.receive(packet, now);
      // §10.3: the event's id is the count with it.
      if (id !== "" && isCounted(packet) && Number(id) !== this.#position && !this.#isOver) {
        this.#host.failed({ reason: "lost", detail: `event ${id} came out of turn` });
      }
    }
    this.#host.settle();
  }
}
