/**
 * The sending half of a socket: messages in the order of the calls, whole, in fragments or from a
 * stream, and the Close frame behind them.
 */
import { isUtf8 } from "node:buffer";
import {
  type Connection,
  DEFAULT_CLOSE_TIMEOUT_MS,
  type PreparedMessage,
} from "@tidewire/ws-protocol";
import { quiet } from "./deferred.js";
import { Outbox } from "./outbox.js";
import { PieceSender, type PieceSource } from "./piece-sender.js";
import { ReadingWire } from "./reading-wire.js";
import { byteLengthOf, bytesOf, copyOf, type SendData } from "./send-data.js";
import type { FragmentOptions, SendOptions, StreamOptions } from "./send-options.js";
import { ReadyState } from "./socket-handlers.js";

export abstract class SendingWire extends ReadingWire {
  /** 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED. */
  abstract get readyState(): ReadyState;

  abstract close(code?: number, reason?: string): void;

  #outbox: Outbox | undefined;

  /**
   * Bytes of messages that were sent and have not reached the kernel; framing is not counted. As the
   * WHATWG has it, it never falls once the connection is closing: what is sent then adds to it.
   */
  get bufferedAmount(): number {
    const waiting = this.#outbox?.payloadBytes ?? 0;
    return this.queuedPayloadBytes + waiting + (this.incidents?.discardedBytes ?? 0);
  }

  /** @internal Whether `bufferedAmount` is below `bytes`; where that is plain the socket is not asked. */
  hasRoom(bytes: number): boolean {
    const isPlain = this.#outbox === undefined && this.holdsAll;
    return (isPlain && this.connection!.queuedBytes < bytes) || this.bufferedAmount < bytes;
  }

  /**
   * Sends one message. Messages leave in the order of the calls, also behind a Blob that has to be
   * read first. Discards the message once the connection is closing, as the WHATWG's `send` does.
   *
   * A server does not copy bytes from 16 KiB on: leave them unchanged until they were written.
   *
   * @returns nothing while there is room; a promise when more than 64 KiB wait for the peer. It
   *   resolves when the queue has room again and rejects when the connection closes before. So
   *   `await socket.send(data)` is backpressure, and who does not await loses nothing.
   * @throws {TypeError} when `data` is none of the kinds that can be sent.
   * @throws {DOMException} InvalidStateError before `open`.
   */
  send(data: SendData, options?: SendOptions): Promise<void> | undefined {
    const { connection } = this;
    if (connection === undefined || connection.state !== "open" || this.#outbox !== undefined) {
      return this.#sendLater(data, options);
    }
    if (this.congested && this.sendQueueFull) return this.#refuse(data);
    const compress = options?.compress ?? true;
    if (typeof data === "string") connection.sendText(data, compress);
    else if (data instanceof Blob) return this.#sendLater(data, options);
    else {
      const bytes = bytesOf(data);
      if (options?.asText === true) connection.sendTextBytes(bytes, compress);
      else connection.sendBinary(bytes, compress);
    }
    return this.afterSend();
  }

  /**
   * Sends a part of a message as one frame (RFC 6455 §5.4). Whatever else is sent before the last
   * part waits behind it, in order.
   *
   * @returns as `send`.
   * @throws {Error} to begin a message while a Blob or a stream is being sent; await that first.
   * @throws {TypeError} for a part that cannot be sent; the message is still open.
   * @throws {DOMException} InvalidStateError before `open`.
   */
  sendFragment(
    data: Exclude<SendData, Blob>,
    options: FragmentOptions = {},
  ): Promise<void> | undefined {
    const connection = this.#openConnection();
    if (connection === undefined) return this.#sendTooLate(data);
    const part = typeof data === "string" ? data : bytesOf(data);
    if (this.#outbox !== undefined && !this.#outbox.held) {
      throw new Error("another message is being sent in parts: await its promise first");
    }
    if (this.congested && this.sendQueueFull) return this.#refuse(data);
    const incidents = this.takeIncidents();
    if (this.#outbox === undefined) {
      incidents.fragmentType = options.type ?? (typeof part === "string" ? "text" : "binary");
    }
    const last = options.last ?? false;
    connection.sendFragment(part, incidents.fragmentType, last, options.compress ?? true);
    const room = this.afterSend();
    if (!last) this.#openOutbox().hold();
    else this.#outbox?.release();
    return room;
  }

  /**
   * Sends one message whose parts leave as `source` yields them, no faster than the peer reads.
   * Whatever is sent meanwhile waits behind it, in order and within the bound of the send queue.
   *
   * When the source fails, or yields what cannot be sent, a message that was begun cannot be ended
   * (RFC 6455 §5.4 has no abort): the connection is closed with 1011.
   *
   * @returns a promise that resolves when the last part was handed over; it rejects with the
   *   source's error, or when the connection closes before. The source is then closed.
   * @throws {DOMException} InvalidStateError before `open`.
   */
  sendStream(source: PieceSource, options: StreamOptions = {}): Promise<void> {
    if (this.#openConnection() === undefined) {
      return quiet(Promise.reject(this.closedError()));
    }
    return this.#openOutbox().addSlow(0, async () => {
      const incidents = this.takeIncidents();
      const sender = new PieceSender(source, options, (piece, type, last) =>
        this.#sendPiece(piece, type, last, options.compress ?? true),
      );
      incidents.sender = sender;
      try {
        await sender.run();
      } catch (cause) {
        if (sender.begun) this.#fail("a streamed message could not be completed", cause);
        throw cause;
      } finally {
        incidents.sender = undefined;
      }
      return nothing;
    });
  }

  /**
   * Sends a ping (RFC 6455 §5.5.2); the answer goes to `handlers.pong`. Keepalive sends its own.
   *
   * @throws {RangeError} when `data` is longer than 125 bytes.
   * @throws {TypeError} when it is not a string or bytes.
   * @throws {DOMException} InvalidStateError before `open`.
   */
  ping(data?: Exclude<SendData, Blob>): void {
    const payload = controlPayload(data);
    const connection = this.#openConnection();
    if (connection === undefined || (this.congested && this.sendQueueFull)) return;
    connection.ping(payload);
    this.afterSend();
  }

  /**
   * Sends a pong that nobody asked for (RFC 6455 §5.5.3); pings are answered without it. Throws as
   * `ping`.
   */
  pong(data?: Exclude<SendData, Blob>): void {
    const payload = controlPayload(data);
    const connection = this.#openConnection();
    if (connection === undefined || (this.congested && this.sendQueueFull)) return;
    connection.pong(payload);
    this.afterSend();
  }

  /** @internal */
  override sendPrepared(message: PreparedMessage): boolean {
    const outbox = this.#outbox;
    if (outbox === undefined) return super.sendPrepared(message);
    if (this.readyState !== OPEN) return false;
    if (this.sendQueueFull) {
      this.refuseSend();
      return false;
    }
    // What was framed for one turn does not outlive it.
    const { bytes, start, end } = message.plain;
    const plain = { bytes: copyOf(bytes.subarray(start, end)), start: 0, end: end - start };
    outbox.add(message.payloadBytes, () => {
      super.sendPrepared({ ...message, plain });
    });
    return true;
  }

  /** @internal Closes because of what went wrong at this end, which any code may say. */
  closeFailed(reason: string): void {
    if (this.connection === undefined) this.close();
    else if (this.readyState === OPEN) this.closeBehind(1011, reason);
  }

  /** @internal Closes when everything sent so far has been handed over. */
  protected closeBehind(code: number | undefined, reason: string): void {
    const incidents = this.takeIncidents();
    incidents.closing = true;
    const outbox = this.#outbox;
    if (outbox === undefined || outbox.held) {
      this.#closeNow(code, reason);
      return;
    }
    outbox.add(0, () => {
      clearTimeout(incidents.closeTimer);
      this.#closeNow(code, reason);
    });
    incidents.closeTimer = setTimeout(() => {
      this.#closeNow(code, reason);
      this.#abortSending();
    }, this.options?.closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS).unref();
  }

  /** @internal Whatever waits is lost with the connection. */
  protected endSending(): void {
    const incidents = this.takeIncidents();
    incidents.discardedBytes += this.#outbox?.payloadBytes ?? 0;
    clearTimeout(incidents.closeTimer);
    this.#abortSending();
  }

  /** @internal */
  protected override get sendQueueBytes(): number {
    return this.queuedBytes + (this.#outbox?.heldBytes ?? 0);
  }

  /** The connection while messages may be sent. @throws InvalidStateError before `open`. */
  #openConnection(): Connection | undefined {
    const { readyState } = this;
    if (readyState === CONNECTING) {
      throw new DOMException("The socket is not open yet: wait for open", "InvalidStateError");
    }
    return readyState === OPEN ? this.connection : undefined;
  }

  #openOutbox(): Outbox {
    this.#outbox ??= new Outbox(() => {
      this.#outbox = undefined;
    });
    return this.#outbox;
  }

  #sendLater(data: SendData, options: SendOptions | undefined): Promise<void> {
    if (this.#openConnection() === undefined) return this.#sendTooLate(data);
    if (this.sendQueueFull) return this.#refuse(data);
    const outbox = this.#openOutbox();
    if (data instanceof Blob) {
      return outbox.addSlow(data.size, async () => {
        const bytes = await this.#readBlob(data);
        return () => this.#sendReady(bytes, options);
      });
    }
    // Changing a buffer after `send` must not change the message.
    const kept = typeof data === "string" ? data : copyOf(bytesOf(data));
    if (typeof kept !== "string" && options?.asText === true) assertUtf8(kept);
    return outbox.add(byteLengthOf(kept), () => this.#sendReady(kept, options));
  }

  #sendReady(
    data: string | Uint8Array,
    options: SendOptions | undefined,
  ): Promise<void> | undefined {
    const { connection } = this;
    if (connection === undefined || connection.state !== "open") return this.#sendTooLate(data);
    const compress = options?.compress ?? true;
    if (typeof data === "string") connection.sendText(data, compress);
    else if (options?.asText === true) connection.sendTextBytes(data, compress);
    else connection.sendBinary(data, compress);
    return this.afterSend();
  }

  #sendPiece(
    piece: string | Uint8Array,
    type: "text" | "binary",
    last: boolean,
    compress: boolean,
  ): Promise<void> | undefined {
    const { connection } = this;
    if (connection === undefined || connection.state !== "open") return this.#sendTooLate(piece);
    connection.sendFragment(piece, type, last, compress);
    return this.afterSend();
  }

  async #readBlob(blob: Blob): Promise<Uint8Array> {
    try {
      return new Uint8Array(await blob.arrayBuffer());
    } catch (cause) {
      this.#fail("a Blob could not be read", cause);
      throw cause;
    }
  }

  #sendTooLate(data: SendData): Promise<void> {
    this.takeIncidents().discardedBytes += byteLengthOf(data);
    return quiet(Promise.reject(this.closedError()));
  }

  #refuse(data: SendData): Promise<void> {
    byteLengthOf(data);
    return quiet(Promise.reject(this.refuseSend()));
  }

  /** A message was begun that cannot be ended. */
  #fail(reason: string, cause: unknown): void {
    const { connection } = this;
    if (connection === undefined || connection.state !== "open") return;
    this.failed(new Error(reason, { cause }));
    this.#closeNow(1011, reason);
    this.#abortSending(cause);
  }

  /** `reason` is what the message that was under way is told. */
  #abortSending(reason?: unknown): void {
    const sender = this.incidents?.sender;
    if (sender === undefined && this.#outbox === undefined) return;
    const error = this.closedError();
    const outbox = this.#outbox;
    this.#outbox = undefined;
    sender?.abort(error);
    outbox?.abort(error, reason);
  }

  #closeNow(code: number | undefined, reason: string): void {
    this.connection!.close(code, reason, performance.now());
    this.afterSend();
  }
}

const NO_PAYLOAD = new Uint8Array(0);
const { CONNECTING, OPEN } = ReadyState;

function controlPayload(data: Exclude<SendData, Blob> | undefined): Uint8Array {
  if (data === undefined) return NO_PAYLOAD;
  return typeof data === "string" ? Buffer.from(data) : bytesOf(data);
}

function assertUtf8(bytes: Uint8Array): void {
  if (!isUtf8(bytes)) throw new TypeError("the bytes given for a text message are not valid UTF-8");
}

function nothing(): undefined {
  return undefined;
}
