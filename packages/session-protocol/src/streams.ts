// Streams with credit (PROTOCOL.md §8.3), above the session, the same on both sides.
//
// A stream is open in both directions until each side has ended its own, or one side cancels. In
// each direction the receiver grants credit for items and the sender uses it up.

import { type Fault, fault } from "./fault.js";
import type { Open, StreamPacket } from "./packet.js";

/** What the owner of a stream is told. Must not throw. */
export interface StreamHandler {
  /** An item. Call `stream.consumed(1)` once it is dealt with, so that another may come. */
  data(data: unknown): void;
  /** More items may be sent: `stream.credit` has grown. */
  credit?(): void;
  /** The other side sends no more items. */
  end(data: unknown): void;
  /** The stream is over before both sides ended: the other side's word, or `gap`, `lost`. */
  cancel(code: string, message: string): void;
}

export interface StreamsOptions {
  readonly role: "client" | "server";
  /** `limits.streams`: open streams begun by one side. */
  readonly streamsMax: number;
  /** `limits.streamItems`: credit under way in one direction of a stream. */
  readonly itemsMax: number;
  /** Sends an entry; false when the log is full. What was refused is tried again by `flush`. */
  send(packet: StreamPacket): boolean;
  /** The other side opened a stream: `accept` or `cancel` it. */
  opened(stream: Stream, data: unknown): void;
}

/** The streams of one session. */
export class Streams {
  readonly #options: StreamsOptions;
  readonly #open = new Map<number, Stream>();
  readonly #owing = new Set<Stream>();
  #lastOurs: number;
  #lastTheirs = -1;
  #ours = 0;

  /** What every stream has of us. */
  readonly #port: StreamPort;

  constructor(options: StreamsOptions) {
    this.#options = options;
    this.#port = {
      send: (packet) => options.send(packet),
      owe: (stream) => this.#owing.add(stream),
      over: (stream) => {
        if (this.#open.delete(stream.id) && stream.isOurs) this.#ours -= 1;
      },
    };
    this.#lastOurs = options.role === "client" ? -1 : -2;
  }

  get size(): number {
    return this.#open.size;
  }

  /** Opens a stream; undefined when `streamsMax` of ours are open or the log is full. */
  open(name: string, data: unknown, handler: StreamHandler): Stream | undefined {
    const { streamsMax, itemsMax, send } = this.#options;
    if (this.#ours >= streamsMax) return undefined;
    const id = this.#lastOurs + 2;
    if (!send({ type: "open", stream: id, name, credit: itemsMax, ...given(data) }))
      return undefined;
    this.#lastOurs = id;
    this.#ours += 1;
    const stream = new Stream(id, name, true, this.#port, itemsMax);
    stream.begin(handler, itemsMax, 0);
    this.#open.set(id, stream);
    return stream;
  }

  /** Takes a stream packet of the other side. A fault is theirs: give it to `link.fail`. */
  receive(packet: StreamPacket): Fault | undefined {
    if (packet.type === "open") return this.#opened(packet);
    const stream = this.#open.get(packet.stream);
    if (stream !== undefined) return stream.receive(packet);
    const last = this.#isOurs(packet.stream) ? this.#lastOurs : this.#lastTheirs;
    // It may have crossed the end of its stream.
    if (packet.stream <= last) return undefined;
    return fault("unexpected", "8.3", "a packet for a stream that was never opened");
  }

  /** Sends again what the log refused. Call when entries were acknowledged or a link is new. */
  flush(): void {
    // A copy: a stream that is refused again owes again, and its turn is the next flush.
    const owing = [...this.#owing];
    this.#owing.clear();
    for (const stream of owing) stream.flush();
  }

  /** Ends all streams without packets: after a `gap`, a `fresh`, or the end of the session (§5.7). */
  failAll(code: string, message: string): void {
    for (const stream of [...this.#open.values()]) stream.fail(code, message);
    this.#owing.clear();
  }

  #opened(packet: Open): Fault | undefined {
    const { streamsMax, itemsMax, opened } = this.#options;
    if (this.#isOurs(packet.stream) || packet.stream <= this.#lastTheirs) {
      return fault("unexpected", "8.3", "the stream's id is of the wrong side or was used before");
    }
    if (packet.credit > itemsMax) return tooMuchCredit();
    this.#lastTheirs = packet.stream;
    const stream = new Stream(packet.stream, packet.name, false, this.#port, itemsMax);
    stream.begin(undefined, 0, packet.credit);
    const isFull = this.#open.size - this.#ours >= streamsMax;
    this.#open.set(stream.id, stream);
    if (isFull) stream.cancel("busy", `at most ${streamsMax} streams at once`);
    else opened(stream, packet.data);
    return undefined;
  }

  #isOurs(id: number): boolean {
    return (id % 2 === 1) === (this.#options.role === "client");
  }
}

interface StreamPort {
  send(packet: StreamPacket): boolean;
  owe(stream: Stream): void;
  over(stream: Stream): void;
}

/** One stream. All methods do nothing once it is over. */
export class Stream {
  readonly id: number;
  readonly name: string;
  readonly isOurs: boolean;
  readonly #port: StreamPort;
  readonly #itemsMax: number;
  #handler: StreamHandler | undefined;
  #credit = 0;
  /** Granted to the other side and not used yet. */
  #granted = 0;
  #consumed = 0;
  #ended = false;
  #theirsEnded = false;
  #over = false;
  /** Control packets that the log refused, in order; at most a credit, an end, a cancel. */
  #owed: StreamPacket[] = [];

  constructor(id: number, name: string, isOurs: boolean, port: StreamPort, itemsMax: number) {
    this.id = id;
    this.name = name;
    this.isOurs = isOurs;
    this.#port = port;
    this.#itemsMax = itemsMax;
  }

  /** How many items may be sent now. */
  get credit(): number {
    return this.#ended || this.#over ? 0 : this.#credit;
  }

  get isOver(): boolean {
    return this.#over;
  }

  /** Of `Streams`: the state at the opening. */
  begin(handler: StreamHandler | undefined, granted: number, credit: number): void {
    this.#handler = handler;
    this.#granted = granted;
    this.#credit = credit;
  }

  /** Takes a stream that the other side opened, and grants it `items` (default `itemsMax`). */
  accept(handler: StreamHandler, items: number = this.#itemsMax): void {
    this.#handler = handler;
    this.#consumed += items;
    this.#grant();
  }

  /** Sends an item; false without credit or when the log is full: wait for `handler.credit`. */
  send(data: unknown): boolean {
    if (this.credit === 0 || this.#owed.length > 0) return false;
    if (!this.#port.send({ type: "data", stream: this.id, ...given(data) })) {
      this.#port.owe(this);
      return false;
    }
    this.#credit -= 1;
    return true;
  }

  /** Sends no more items; `data` is a last word, such as a result. */
  end(data?: unknown): void {
    if (this.#ended || this.#over) return;
    this.#ended = true;
    this.#control({ type: "end", stream: this.id, ...given(data) });
    this.#closeIfDone();
  }

  /** Ends both directions at once. `code` is a word for programs, at most 64 characters. */
  cancel(code: string, message: string = ""): void {
    if (this.#over) return;
    this.#close();
    this.#control({ type: "cancel", stream: this.id, code, message });
  }

  /** Tells that `items` were dealt with; the other side gets new credit in halves of the window. */
  consumed(items: number): void {
    this.#consumed += items;
    if (this.#consumed * 2 >= this.#itemsMax) this.#grant();
  }

  /** Of `Streams`: takes a packet. */
  receive(packet: StreamPacket): Fault | undefined {
    switch (packet.type) {
      case "data":
        if (this.#theirsEnded) return fault("unexpected", "8.3", "an item after the end");
        if (this.#granted === 0) return fault("credit", "8.3", "an item without credit");
        this.#granted -= 1;
        this.#handler?.data(packet.data);
        return undefined;
      case "credit":
        if (this.#credit + packet.credit > this.#itemsMax) return tooMuchCredit();
        this.#credit += packet.credit;
        this.#handler?.credit?.();
        return undefined;
      case "end":
        if (this.#theirsEnded) return fault("unexpected", "8.3", "a second end");
        this.#theirsEnded = true;
        this.#handler?.end(packet.data);
        this.#closeIfDone();
        return undefined;
      case "cancel":
        this.fail(packet.code, packet.message);
        return undefined;
      case "open":
        return undefined;
    }
  }

  /** Of `Streams`: over without a packet. */
  fail(code: string, message: string): void {
    if (this.#over) return;
    this.#owed = [];
    this.#close();
    this.#handler?.cancel(code, message);
  }

  /** Of `Streams`: there is room in the log again. */
  flush(): void {
    while (this.#owed.length > 0) {
      if (!this.#port.send(this.#owed[0]!)) {
        this.#port.owe(this);
        return;
      }
      this.#owed.shift();
    }
    if (this.credit > 0) this.#handler?.credit?.();
  }

  #grant(): void {
    const credit = Math.min(this.#consumed, this.#itemsMax - this.#granted);
    if (credit <= 0 || this.#theirsEnded || this.#over) return;
    this.#consumed -= credit;
    this.#granted += credit;
    this.#control({ type: "credit", stream: this.id, credit });
  }

  #control(packet: StreamPacket): void {
    if (this.#owed.length === 0 && this.#port.send(packet)) return;
    const last = this.#owed.at(-1);
    // Credits that wait are one credit, so that this list stays short.
    if (packet.type === "credit" && last?.type === "credit") {
      this.#owed.pop();
      packet = { ...packet, credit: packet.credit + last.credit };
    }
    this.#owed.push(packet);
    this.#port.owe(this);
  }

  #closeIfDone(): void {
    if (this.#ended && this.#theirsEnded) this.#close();
  }

  #close(): void {
    if (this.#over) return;
    this.#over = true;
    this.#port.over(this);
  }
}

function given(data: unknown): { data?: unknown } {
  return data === undefined ? {} : { data };
}

function tooMuchCredit(): Fault {
  return fault("credit", "8.3", "more credit than limits.streamItems");
}
