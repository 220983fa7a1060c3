/** Sends one message in the parts that a source yields (RFC 6455 §5.4). */
import { bytesOf, type ReadySendData } from "./send-data.js";

/** What a streamed message is made of. A `ReadableStream` is one of these. */
export type PieceSource = AsyncIterable<ReadySendData> | Iterable<ReadySendData>;

export class PieceSender {
  /** Whether a part has been sent, so that the message must be ended. */
  begun = false;

  readonly #source: PieceSource;
  readonly #type: "text" | "binary" | undefined;
  readonly #send: (
    piece: string | Uint8Array,
    type: "text" | "binary",
    last: boolean,
  ) => Promise<void> | undefined;
  #iterator: AsyncIterator<ReadySendData> | Iterator<ReadySendData> | undefined;
  #aborted: Error | undefined;

  constructor(
    source: PieceSource,
    options: { readonly type?: "text" | "binary" | undefined },
    send: (
      piece: string | Uint8Array,
      type: "text" | "binary",
      last: boolean,
    ) => Promise<void> | undefined,
  ) {
    this.#source = source;
    this.#type = options.type;
    this.#send = send;
  }

  /** Rejects with what the source threw; with `TypeError` for a part that cannot be sent. */
  async run(): Promise<void> {
    const iterator = iterate(this.#source);
    this.#iterator = iterator;
    let type = this.#type;
    for (;;) {
      const { done, value } = await iterator.next();
      if (this.#aborted !== undefined) throw this.#aborted;
      if (done === true) break;
      try {
        const piece = typeof value === "string" ? value : bytesOf(value);
        type ??= typeof piece === "string" ? "text" : "binary";
        const room = this.#send(piece, type, false);
        this.begun = true;
        if (room !== undefined) await room;
      } catch (error) {
        this.#closeSource();
        throw error;
      }
    }
    const room = this.#send(NOTHING, type ?? "binary", true);
    this.begun = false;
    if (room !== undefined) await room;
  }

  /** Stops: the connection is over. */
  abort(error: Error): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = error;
    this.#closeSource();
  }

  /** The source may be waiting in `next`, so nobody waits for it, and its errors concern nobody. */
  #closeSource(): void {
    const iterator = this.#iterator;
    this.#iterator = undefined;
    try {
      Promise.resolve(iterator?.return?.()).catch(() => {});
    } catch {
      // A source that fails to close has nothing more to say to us.
    }
  }
}

const NOTHING = new Uint8Array(0);

/** @throws {TypeError} when `source` cannot be iterated, or is a string, one character at a time. */
function iterate(source: PieceSource): AsyncIterator<ReadySendData> | Iterator<ReadySendData> {
  if (typeof source === "object" && source !== null && !ArrayBuffer.isView(source)) {
    if (Symbol.asyncIterator in source) return source[Symbol.asyncIterator]();
    if (Symbol.iterator in source) return source[Symbol.iterator]();
  }
  throw new TypeError("sendStream() takes a ReadableStream, an async iterable or an iterable");
}
