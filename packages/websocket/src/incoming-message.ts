/**
 * Messages that are read while they arrive: each is a stream of its parts. What nobody has read yet
 * holds reading, so that the peer sends no faster than its message is consumed.
 */
import type { Holdable } from "./message-inbox.js";
import { copyOf } from "./send-data.js";
import { PIECES_WAITING_BYTES_MAX, PIECES_WAITING_MAX } from "./socket-limits.js";
import { Takers } from "./takers.js";

/** One message, of which more may be on the way. It can be read once. */
export class IncomingMessage implements AsyncIterable<Uint8Array> {
  readonly type: "text" | "binary";

  readonly #queue: PieceQueue;
  #begun = false;

  /** @internal */
  constructor(type: "text" | "binary", queue: PieceQueue) {
    this.type = type;
    this.#queue = queue;
  }

  /** @internal Whether somebody reads it. */
  get begun(): boolean {
    return this.#begun;
  }

  /**
   * The parts as they arrive; those of a text may be cut inside a character. Leaving the loop early
   * drops the rest.
   *
   * @throws {Error} when the message is being read already, or was skipped.
   */
  [Symbol.asyncIterator](): AsyncIterableIterator<Uint8Array, undefined, unknown> {
    if (this.#begun) throw new Error("this message is being read already");
    if (this.#queue.dropped)
      throw new Error("this message was skipped: the next one was asked for");
    this.#begun = true;
    return this.#queue;
  }

  /** The parts as a Web Stream, which reads no further ahead than asked. */
  get readable(): ReadableStream<Uint8Array> {
    const parts = this[Symbol.asyncIterator]();
    return new ReadableStream<Uint8Array>(
      {
        async pull(controller) {
          const { done, value } = await parts.next();
          if (done === true) controller.close();
          else controller.enqueue(value);
        },
        async cancel() {
          await parts.return?.();
        },
      },
      { highWaterMark: 0 },
    );
  }

  /** The whole message; `messageBytesMax` bounds it. */
  async bytes(): Promise<Uint8Array> {
    const parts: Uint8Array[] = [];
    for await (const part of this) parts.push(part);
    return Buffer.concat(parts);
  }

  /** The whole message as text. That of a text message is known to be UTF-8. */
  async text(): Promise<string> {
    return Buffer.from(await this.bytes()).toString("utf8");
  }
}

/** The messages of one socket, in their order. */
export class MessageStreams implements AsyncIterableIterator<IncomingMessage, undefined, unknown> {
  /** @internal The loop over the messages was left; the one that is arriving is still read. */
  left = false;

  readonly #socket: Holdable;
  readonly #onDone: () => void;
  #messages: { message: IncomingMessage; queue: PieceQueue }[] = [];
  #given: { message: IncomingMessage; queue: PieceQueue } | undefined;
  /** The message that is arriving. */
  #arriving: PieceQueue | undefined;
  readonly #takers = new Takers<IncomingMessage>();
  #pieces = 0;
  #bytes = 0;
  #holding = false;

  /** `onDone` is called when the loop over the messages was left. */
  constructor(socket: Holdable, onDone: () => void) {
    this.#socket = socket;
    this.#onDone = onDone;
  }

  /** @internal `piece` is valid only during the call. */
  add(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void {
    if (this.#takers.ended) return;
    if (first) this.#begin(isBinary ? "binary" : "text");
    const queue = this.#arriving;
    if (queue === undefined) return;
    if (piece.length > 0 && !queue.dropped) {
      this.#count(1, piece.length);
      queue.add(copyOf(piece));
    }
    if (!last) return;
    queue.end(undefined);
    this.#arriving = undefined;
  }

  /** @internal */
  end(error: Error | undefined): void {
    if (this.#takers.ended) return;
    this.#arriving?.end(error ?? new Error("the connection was closed inside the message"));
    this.#arriving = undefined;
    this.#takers.end(error);
  }

  next(): Promise<IteratorResult<IncomingMessage, undefined>> {
    if (this.#given !== undefined && !this.#given.message.begun) this.#given.queue.drop();
    this.#given = this.#messages.shift();
    if (this.#given !== undefined) {
      this.#count(-1, 0);
      return Promise.resolve({ done: false, value: this.#given.message });
    }
    return this.#takers.wait();
  }

  /** Leaves the loop. A message that is being read can still be read to its end. */
  return(): Promise<IteratorResult<IncomingMessage, undefined>> {
    for (const { queue } of this.#messages) queue.drop();
    this.#count(-this.#messages.length, 0);
    this.#messages = [];
    if (this.#given !== undefined && !this.#given.message.begun) this.#given.queue.drop();
    this.#given = undefined;
    const done = this.#takers.leave();
    if (this.#takers.ended) return done;
    this.left = true;
    this.#onDone();
    return done;
  }

  [Symbol.asyncIterator](): this {
    return this;
  }

  #begin(type: "text" | "binary"): void {
    const queue = new PieceQueue((pieces, bytes) => this.#count(pieces, bytes));
    const message = new IncomingMessage(type, queue);
    this.#arriving = queue;
    if (this.left) {
      queue.drop();
      return;
    }
    if (this.#takers.give(message)) this.#given = { message, queue };
    else {
      this.#messages.push({ message, queue });
      this.#count(1, 0);
    }
  }

  /** Counts what waits, messages among the pieces, and stops or continues reading. */
  #count(pieces: number, bytes: number): void {
    this.#pieces += pieces;
    this.#bytes += bytes;
    const isFull = this.#pieces >= PIECES_WAITING_MAX || this.#bytes >= PIECES_WAITING_BYTES_MAX;
    if (isFull && !this.#holding && !this.#takers.ended) {
      this.#holding = true;
      this.#socket.hold();
    } else if (this.#holding && this.#pieces <= PIECES_WAITING_MAX / 2 && !isFull) {
      if (this.#bytes > PIECES_WAITING_BYTES_MAX / 2) return;
      this.#holding = false;
      this.#socket.release();
    }
  }
}

/** The parts of one message that wait for their reader. */
class PieceQueue implements AsyncIterableIterator<Uint8Array, undefined, unknown> {
  /** Nobody will read it. */
  dropped = false;

  readonly #count: (pieces: number, bytes: number) => void;
  #pieces: Uint8Array[] = [];
  readonly #takers = new Takers<Uint8Array>();

  constructor(count: (pieces: number, bytes: number) => void) {
    this.#count = count;
  }

  add(piece: Uint8Array): void {
    if (this.#takers.give(piece)) this.#count(-1, -piece.length);
    else this.#pieces.push(piece);
  }

  end(error: Error | undefined): void {
    this.#takers.end(error);
  }

  drop(): void {
    this.dropped = true;
    let bytes = 0;
    for (const piece of this.#pieces) bytes += piece.length;
    const pieces = this.#pieces.length;
    this.#pieces = [];
    void this.#takers.leave();
    this.#count(-pieces, -bytes);
  }

  next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const piece = this.#pieces.shift();
    if (piece !== undefined) {
      this.#count(-1, -piece.length);
      return Promise.resolve({ done: false, value: piece });
    }
    return this.dropped ? this.#takers.leave() : this.#takers.wait();
  }

  return(): Promise<IteratorResult<Uint8Array, undefined>> {
    this.drop();
    return this.#takers.leave();
  }

  [Symbol.asyncIterator](): this {
    return this;
  }
}
