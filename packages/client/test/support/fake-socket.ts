// The fake hub's WebSockets.

import {
  type Codec,
  isFault,
  jsonCodec,
  type Link,
  type LinkPort,
} from "@tidewire/session-protocol";
import { binaryCodec } from "./binary-codec.js";
import type { FakeHub } from "./fake-hub.js";

/** A WebSocket whose other end is the hub. */
export class FakeSocket {
  binaryType = "blob";
  protocol = "";
  bufferedAmount = 0;
  onopen: ((event: never) => void) | null = null;
  onmessage: ((event: never) => void) | null = null;
  onclose: ((event: never) => void) | null = null;
  onerror: ((event: never) => void) | null = null;
  readonly url: string;
  readonly #hub: FakeHub;
  #codec: Codec = jsonCodec;
  #link: Link | undefined;
  #isOver = false;
  #isDead = false;

  constructor(hub: FakeHub, url: string, protocols: string[]) {
    this.url = url;
    this.#hub = hub;
    hub.log.push("websocket");
    const spoken = hub.speaksText ? [jsonCodec, binaryCodec] : [binaryCodec];
    const codec = spoken.find(({ subprotocol }) => protocols.includes(subprotocol));
    hub.time.after(hub.latencyMs * 2, () => {
      const weather = hub.weather.websocket;
      if (this.#isOver || weather === "hangs") return;
      if ((weather !== "fine" && weather !== "buffers") || codec === undefined) {
        this.#over(1006);
        return;
      }
      hub.sockets.add(this);
      this.#codec = codec;
      this.protocol = this.#codec.subprotocol;
      this.onopen?.({} as never);
    });
  }

  send(message: string | Uint8Array): void {
    this.#hub.time.after(this.#hub.latencyMs, () => {
      if (this.#isOver || this.#isSwallowed()) return;
      const packet = this.#codec.decode(message);
      if (isFault(packet)) throw new Error(`The client sent nonsense: ${packet.detail}`);
      if (packet.type === "hello") this.#link = this.#hub.accept(packet, this.#port());
      else this.#link?.receive(packet, this.#hub.time.now);
    });
  }

  close(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hub.sockets.delete(this);
    // What was sent before arrives before the close.
    this.#hub.time.after(this.#hub.latencyMs, () => this.#link?.lost(this.#hub.time.now));
    this.#isOver = false;
    this.#hub.time.after(this.#hub.latencyMs + 0.1, () => {
      this.#isOver = true;
    });
  }

  /** The connection breaks. */
  cut(code = 1006): void {
    if (this.#isOver) return;
    this.#link?.lost(this.#hub.time.now);
    this.#over(code);
  }

  #port(): LinkPort {
    const { time } = this.#hub;
    return {
      codec: this.#codec,
      write: (entry) => {
        const message = entry.encoded(this.#codec);
        time.after(this.#hub.latencyMs, () => {
          if (this.#isOver || this.#isSwallowed()) return;
          const data = typeof message === "string" ? message : message.slice().buffer;
          this.onmessage?.({ data } as never);
        });
        return true;
      },
      close: (code) =>
        time.after(this.#hub.latencyMs + 1, () => {
          if (!this.#isSwallowed()) this.#over(code);
        }),
    };
  }

  /** A connection does not lose one message and carry the next: it is dead from then on. */
  #isSwallowed(): boolean {
    this.#isDead ||= this.#hub.weather.websocket !== "fine";
    return this.#isDead;
  }

  #over(code: number): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#hub.sockets.delete(this);
    this.onclose?.({ code, reason: "" } as never);
  }
}
