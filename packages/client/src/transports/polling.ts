// Long and short polling (PROTOCOL.md §10.5, §10.6): the way down is a row of POSTs, one at a time.

import {
  type Batch,
  type Codec,
  type Encoded,
  type Entry,
  type Fault,
  frame,
  isFault,
  type Link,
} from "@tidewire/session-protocol";
import type { Alarm } from "../alarms.js";
import { checkedInterval } from "../check-options.js";
import { postMs, postRetryMs, postTriesMax } from "../later-limits.js";
import type { Carrier, CarrierHost, Transport } from "./carrier.js";
import { missingFetch, wantedCodec } from "./open-response.js";
import { lost, type Posted, place, post, readMessages } from "./post.js";
import { Sender } from "./sender.js";

export const longPolling: Transport = {
  name: "long-polling",
  acknowledgesPosts: true,
  missing: missingFetch,
  open: (host) => new Polls(host, 0),
};

export const polling: Transport = {
  name: "polling",
  acknowledgesPosts: true,
  missing: missingFetch,
  open: (host) => new Polls(host, checkedInterval(host.pollIntervalMs)),
};

class Polls implements Carrier {
  readonly #host: CarrierHost;
  readonly #codec: Codec;
  /** 0 for long polling. */
  readonly #intervalMs: number;
  readonly #sender: Sender;
  readonly #link: Link;
  /** Ends the poll under way that takes too long, or begins the next one. */
  readonly #alarm: Alarm;
  #hello: Encoded | undefined;
  /** Position of the next entry in the answer to the poll. */
  #position = 0;
  #abort = new AbortController();
  #isPolling = false;
  /** The next poll is near already: what is sent meanwhile must not put it off again and again. */
  #isHurried = false;
  #tries = 0;
  #isOver = false;

  constructor(host: CarrierHost, intervalMs: number) {
    this.#host = host;
    this.#codec = wantedCodec(host);
    this.#intervalMs = intervalMs;
    this.#alarm = host.alarms.alarm(() => this.#ring());
    // On short polls the answer to what was just sent is worth a look.
    this.#sender = new Sender(host, this.#codec, () => this.#hurry());
    this.#link = host.greet({
      codec: this.#codec,
      allowanceMs: intervalMs + postRetryMs * 4,
      write: (entry, count) => this.#write(entry, count),
      close: (code) => {
        this.#isOver = true;
        this.#alarm.remove();
        this.#sender.close(code, () => this.#abort.abort());
      },
    });
    this.#sender.attach(this.#link);
    this.#poll(this.#hello!);
  }

  abandon(): void {
    this.#isOver = true;
    this.#alarm.remove();
    this.#abort.abort();
  }

  #write(entry: Entry, count: number): boolean {
    if (this.#hello !== undefined) return this.#sender.write(entry, count);
    this.#hello = frame(entry.encoded(this.#codec));
    return true;
  }

  async #poll(body: Encoded, received = 0): Promise<void> {
    this.#isPolling = true;
    this.#isHurried = false;
    this.#abort = new AbortController();
    const { signal } = this.#abort;
    this.#alarm.setIn(postMs + (this.#intervalMs > 0 ? 0 : this.#host.session.limits.pollMs));
    const posted = await post(this.#host, { path: "poll", codec: this.#codec, body, signal });
    if (this.#isOver || signal.aborted) return;
    if (posted.type === "failed") {
      this.#missed(posted);
      return;
    }
    let fault: Fault | undefined;
    try {
      // An empty answer is a sign of life too; the first entry has the position that we named.
      this.#link.heard(this.#host.alarms.now());
      this.#position = received;
      fault = await readMessages(posted.response, this.#codec, signal, (message) =>
        this.#received(message),
      );
    } catch (cause) {
      if (this.#isOver || signal.aborted) return;
      this.#missed({ type: "failed", failure: lost("the answer to a poll broke off", cause) });
      return;
    }
    if (this.#isOver) return;
    if (fault !== undefined) this.#host.failed(lost(fault.detail));
    else this.#next();
  }

  #next(): void {
    this.#isPolling = false;
    this.#tries = 0;
    if (this.#host.session.live !== this.#link) {
      this.#host.failed({ reason: "unavailable", detail: "the answer holds no welcome" });
    } else if (this.#intervalMs > 0) {
      this.#alarm.setIn(this.#intervalMs * (0.75 + this.#host.platform.random() / 2));
    } else this.#pollOn();
    this.#host.settle();
  }

  #pollOn(): void {
    const { session } = this.#host;
    const received = session.takeAck();
    const batch: Batch = {
      type: "batch",
      session: session.id ?? "",
      secret: session.secret ?? "",
      link: this.#link.number,
      received,
      ...(this.#intervalMs > 0 ? { waitMs: 0 } : {}),
    };
    this.#poll(frame(this.#codec.encode(batch)), received);
  }

  #missed(posted: Posted & { type: "failed" }): void {
    const { failure, bye } = posted;
    this.#tries += 1;
    const isLive = this.#host.session.live === this.#link;
    const isHopeless = bye !== undefined || failure.reason === "unavailable";
    if (!isLive || isHopeless || this.#tries >= postTriesMax) {
      this.#host.failed(failure, bye);
      return;
    }
    this.#isPolling = false;
    this.#alarm.setIn(postRetryMs * this.#tries * (1 + this.#host.platform.random()));
  }

  #ring(): void {
    if (!this.#isPolling) {
      this.#pollOn();
      return;
    }
    this.#abort.abort();
    this.#missed({ type: "failed", failure: lost("a poll had no answer") });
  }

  #hurry(): void {
    if (this.#intervalMs === 0 || this.#isPolling || this.#isHurried || this.#isOver) return;
    this.#isHurried = true;
    this.#alarm.setIn(postRetryMs / 4);
  }

  #received(message: Encoded): void {
    if (this.#isOver) return;
    const packet = this.#codec.decode(message);
    const now = this.#host.alarms.now();
    if (!isFault(packet)) {
      this.#position = place(this.#link, packet, this.#position);
      this.#link.receive(packet, now);
    } else if (packet.code === "syntax") this.#host.failed(lost(packet.detail));
    else this.#link.fail(packet, now);
    this.#host.settle();
  }
}
