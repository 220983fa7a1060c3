// A WebSocket as a link (PROTOCOL.md §10.1), over the few things that it needs of one.

import {
  type Bye,
  CloseCode,
  type Codec,
  type Encoded,
  Entry,
  isFault,
  type Link,
  quickJsonCodec,
} from "@tidewire/session-protocol";
import type { Admission, LinkFacts } from "../sessions/admission.js";
import { byeOf } from "./answer.js";
import type { Carrier, Carriers } from "./carrier.js";
import type { TransportLimits } from "./limits.js";
import type { Release } from "./places.js";

/** What a WebSocket must be able to do. None of it throws. */
export interface MessageSocket {
  /** Whether less than so many bytes of what was sent are still here. */
  hasRoom(bytes: number): boolean;
  /** The closing handshake, behind what was sent, within a deadline. `reason` fits into 123 bytes. */
  close(code: number, reason: string): void;
}

/** What the links of one hub's sockets share. */
export interface SocketHouse<S extends MessageSocket> {
  readonly admission: Admission;
  readonly limits: TransportLimits;
  readonly carriers: Carriers;
  readonly failed: (error: unknown) => void;
  /** Sends one packet as one message. Does not throw. */
  readonly send: (socket: S, entry: Entry, codec: Codec) => void;
}

/** What a link has while it waits to be admitted. */
interface Entrance {
  readonly facts: LinkFacts;
  readonly release: Release;
  readonly stopTimer: () => void;
  /** Tells who authenticates that the socket is gone. */
  abort: AbortController | undefined;
}

/**
 * The owner of the socket reports `message`, `drain` and `closed`. Until the hello was admitted the
 * link holds a place in the gate.
 */
export class SocketLink<S extends MessageSocket> implements Carrier {
  readonly codec: Codec;
  link: Link | undefined;
  end: Bye | undefined;
  readonly #socket: S;
  readonly #house: SocketHouse<S>;
  #state: "waiting" | "opening" | "open" | "over" = "waiting";
  /** Until the hello was admitted: a link lives long. */
  #entrance: Entrance | undefined;
  #lostWith: { readonly code: number; readonly reason: string } | undefined;

  constructor(socket: S, codec: Codec, facts: LinkFacts, house: SocketHouse<S>, release: Release) {
    this.codec = codec;
    this.#socket = socket;
    this.#house = house;
    const { helloMs } = house.admission.gate;
    house.carriers.add(this);
    // §5.1
    const stopTimer = house.admission.after(helloMs, () =>
      this.#refuse(byeOf(CloseCode.helloTimeout, `no hello within ${helloMs} ms`)),
    );
    this.#entrance = { facts, release, stopTimer, abort: undefined };
  }

  /** A message arrived: text for a text codec, bytes for a binary one; else it is a fault (§3.6). */
  message(message: Encoded): void {
    const { admission } = this.#house;
    if (this.#state === "open") {
      const link = this.link!;
      const { length } = message;
      const { messageBytes } = admission.limits;
      // A character has three bytes at most, so texts are measured only when they might be too long.
      if (length * 3 > messageBytes && utf8Length(message) > messageBytes) {
        this.tooLarge();
        return;
      }
      const packet = this.codec.decode(message);
      if (isFault(packet)) link.fail(packet, admission.now());
      else admission.receive(link, packet, length);
    } else if (this.#state === "waiting") this.#hello(message);
    else if (this.#state === "opening") {
      this.#refuse(byeOf(CloseCode.malformed, "nothing may be sent before the welcome"));
    }
  }

  /** A message was above `messageBytes` (§9), whether or not it was read to its end. */
  tooLarge(): void {
    const { admission } = this.#house;
    const detail = `a message above messageBytes (${admission.limits.messageBytes})`;
    if (this.#state !== "open") this.#refuse(byeOf(CloseCode.tooLarge, detail));
    else {
      const { tooLarge: closeCode } = CloseCode;
      const fault = { type: "fault", code: "too-large", closeCode, section: "9", detail } as const;
      this.link!.fail(fault, admission.now());
    }
  }

  /** All that was sent is with the kernel, after it was not. */
  drain(): void {
    this.link?.drain(this.#house.admission.now());
  }

  /** The socket is gone. */
  closed(code: number, reason: string): void {
    this.#over();
    this.#lostWith ??= { code, reason };
    this.#lose(this.link);
  }

  write(entry: Entry): boolean {
    if (this.#state === "over") return false;
    if (entry.type === "bye") this.end = entry.packet() as Bye;
    this.#house.send(this.#socket, entry, this.codec);
    return this.#socket.hasRoom(this.#house.limits.linkBytes);
  }

  close(code: number, reason: string): void {
    if (this.#state === "over") return;
    this.#over();
    this.#socket.close(code, cut(reason));
  }

  leave(bye: Bye, now: number): void {
    this.#refuse(bye);
    this.link?.lost(now, bye.code, bye.reason);
  }

  #hello(message: Encoded): void {
    const { admission, limits, failed } = this.#house;
    if (message.length > limits.helloBytes) {
      this.#refuse(byeOf(CloseCode.tooLarge, "a hello is not that long"));
      return;
    }
    const packet = this.codec.decode(message);
    if (isFault(packet)) {
      this.#refuse(byeOf(packet.closeCode, packet.detail));
      return;
    }
    if (packet.type !== "hello") {
      this.#refuse(byeOf(CloseCode.malformed, `${packet.type} before the hello`));
      return;
    }
    this.#state = "opening";
    const entrance = this.#entrance!;
    entrance.stopTimer();
    const self = this;
    const facts: LinkFacts = {
      ...entrance.facts,
      get signal() {
        return self.#signal(entrance);
      },
    };
    const answer = admission.open(packet, this, facts);
    if (!(answer instanceof Promise)) this.#opened(answer);
    else {
      answer.then(
        (settled) => this.#opened(settled),
        (error: unknown) => {
          failed(error);
          this.#refuse(byeOf(CloseCode.internal, "the server failed"));
        },
      );
    }
  }

  #opened(answer: Link | Bye): void {
    this.#entrance?.release();
    this.#entrance = undefined;
    if ("type" in answer) {
      this.#refuse(answer);
      return;
    }
    this.link = answer;
    if (this.#state === "opening") this.#state = "open";
    else this.#lose(answer);
  }

  /** The only packet on the link, or the last. */
  #refuse(bye: Bye): void {
    if (this.#state === "over") return;
    this.write(new Entry(bye, this.codec));
    this.#lostWith = { code: bye.code, reason: bye.reason };
    this.close(bye.code, bye.reason);
  }

  #lose(link: Link | undefined): void {
    const { code, reason } = this.#lostWith ?? { code: 0, reason: "" };
    // 1005 and 1006 mean that there was no code (RFC 6455 §7.4.1).
    link?.lost(this.#house.admission.now(), code === 1005 || code === 1006 ? 0 : code, reason);
  }

  /** Made when it is asked for, which a hub without authentication never does. */
  #signal(entrance: Entrance): AbortSignal {
    entrance.abort ??= new AbortController();
    if (this.#state === "over") entrance.abort.abort();
    return entrance.abort.signal;
  }

  #over(): void {
    this.#state = "over";
    const entrance = this.#entrance;
    this.#entrance = undefined;
    entrance?.stopTimer();
    entrance?.release();
    entrance?.abort?.abort();
    this.#house.carriers.delete(this);
  }
}

function utf8Length(message: Encoded): number {
  return typeof message === "string" ? quickJsonCodec.size(message) : message.length;
}

const encoder = new TextEncoder();

/** A close frame's reason has 123 bytes (RFC 6455 §5.5); cut at a character border. */
function cut(reason: string): string {
  if (reason.length <= 41) return reason;
  const { read } = encoder.encodeInto(reason, new Uint8Array(123));
  return reason.slice(0, read);
}
