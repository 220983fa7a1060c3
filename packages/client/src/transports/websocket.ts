// WebSocket (PROTOCOL.md §10.1) over whatever has the WHATWG interface.

import {
  CloseCode,
  type Codec,
  type Encoded,
  type Entry,
  isFault,
  jsonCodec,
  type Link,
  type LinkPort,
} from "@tidewire/session-protocol";
import { closeReasonMax, incomingBytesMax, socketBytesMax, socketDrainMs } from "../limits.js";
import { loadLater } from "../load-later.js";
import type { SocketLike } from "../platform.js";
import type { Carrier, CarrierHost, Transport } from "./carrier.js";

/** PROTOCOL.md §10.1: known before the codec is here. */
const binarySubprotocol = "tidewire.v1.binary";

export const websocket: Transport = {
  name: "websocket",
  acknowledgesPosts: false,
  missing: (platform) =>
    platform.WebSocket === undefined
      ? "there is no global WebSocket; on Node 20 import connect from @tidewire/client/node"
      : undefined,
  open: (host) => new SocketCarrier(host),
};

class SocketCarrier implements Carrier {
  readonly #host: CarrierHost;
  readonly #socket: SocketLike;
  #link: Link | undefined;
  #cause: unknown;
  #isOver = false;

  constructor(host: CarrierHost) {
    this.#host = host;
    const protocols = [jsonCodec.subprotocol];
    if (!host.wantsText) protocols.unshift(binarySubprotocol);
    const socket = new host.platform.WebSocket!(host.url.href.replace("http", "ws"), protocols);
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => this.#opened();
    socket.onmessage = (event: { data: unknown }) => this.#received(event.data);
    socket.onclose = (event: { code: number; reason: string }) => this.#closed(event);
    // A close follows; browsers say nothing here on purpose, Node's socket has the error.
    socket.onerror = (event: { error?: unknown }) => {
      this.#cause = event.error;
    };
  }

  abandon(): void {
    this.#silence();
    this.#socket.close();
  }

  #opened(): void {
    const { protocol } = this.#socket;
    if (protocol === jsonCodec.subprotocol) this.#greet(jsonCodec);
    else if (protocol === binarySubprotocol) {
      loadLater().then(
        ({ binaryCodec }) => this.#greet(binaryCodec),
        (cause) => this.#fail("the binary codec could not be loaded", cause),
      );
    } else this.#fail("the server took the WebSocket without choosing a tidewire subprotocol");
  }

  #fail(detail: string, cause?: unknown): void {
    this.abandon();
    this.#host.failed({ reason: "unavailable", detail, cause });
  }

  #greet(codec: Codec): void {
    if (this.#isOver) return;
    const drain = this.#host.alarms.alarm(() => {
      if (this.#socket.bufferedAmount > socketBytesMax / 2) drain.setIn(socketDrainMs);
      else {
        this.#link?.drain(this.#host.alarms.now());
        this.#host.settle();
      }
    });
    const port: LinkPort = {
      codec,
      write: (entry: Entry) => {
        this.#send(entry.encoded(codec));
        const isFull = this.#socket.bufferedAmount > socketBytesMax;
        if (isFull) drain.setIn(socketDrainMs);
        return !isFull;
      },
      close: (code, reason) => {
        drain.remove();
        this.#silence();
        // Below 4000 nobody said a word: the link was given up.
        if (code < 4000) this.#socket.close();
        else this.#socket.close(code, reason.slice(0, closeReasonMax));
      },
    };
    this.#link = this.#host.greet(port);
    this.#host.settle();
  }

  #send(message: Encoded): void {
    try {
      this.#socket.send(message as string | Uint8Array<ArrayBuffer>);
    } catch {
      // It is closing; its close event tells.
    }
  }

  #received(data: unknown): void {
    const { alarms } = this.#host;
    const link = this.#link;
    if (link === undefined) return;
    const message = typeof data === "string" ? data : new Uint8Array(data as ArrayBuffer);
    if (message.length > incomingBytesMax) {
      this.abandon();
      this.#host.failed({ reason: "protocol", detail: `a message of ${message.length} bytes` });
      return;
    }
    const packet = link.port.codec.decode(message);
    if (isFault(packet)) link.fail(packet, alarms.now());
    else link.receive(packet, alarms.now());
    this.#host.settle();
  }

  #closed(event: { code: number; reason: string }): void {
    this.#silence();
    const { code, reason } = event;
    if (this.#link === undefined) {
      // The handshake failed. Why is hidden from pages: a probe or the next transport will tell.
      const detail = "the WebSocket handshake failed";
      this.#host.failed({ reason: "blocked", detail, cause: this.#cause });
      return;
    }
    this.#link.lost(this.#host.alarms.now(), sessionCode(code), reason);
    this.#host.settle();
  }

  #silence(): void {
    const socket = this.#socket;
    this.#isOver = true;
    socket.onopen = socket.onmessage = socket.onclose = null;
    // An error after the close is nobody's concern, but Node's sockets want a listener.
    socket.onerror = () => {};
  }
}

/** What a close code of RFC 6455 means to the session; 0 for nothing (§11). */
function sessionCode(code: number): number {
  if (code === 1009) return CloseCode.tooLarge;
  return code >= 4000 && code <= 4999 ? code : 0;
}
