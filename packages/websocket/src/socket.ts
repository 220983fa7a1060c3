/**
 * An open WebSocket as its user sees it, at both ends: the interface of the WHATWG's `WebSocket`
 * (https://websockets.spec.whatwg.org) and what Node users need besides.
 *
 * What arrives goes to every consumer there is: handlers given at construction, event listeners, and
 * iterators. Handlers are the fastest: they cost no object per message. Without any consumer a
 * message is dropped, as in browsers; who attaches one while `open` is delivered misses nothing.
 */
import { isUtf8 } from "node:buffer";
import type { Socket as NetSocket } from "node:net";
import type { Duplex } from "node:stream";
import {
  type CloseInfo,
  type Connection,
  DEFAULT_CLOSE_TIMEOUT_MS,
  type Fault,
  type PreparedMessage,
} from "@tidewire/ws-protocol";
import { assertCloseArguments } from "./close-arguments.js";
import { createDeferred, type Deferred, quiet } from "./deferred.js";
import { EventWire } from "./event-wire.js";
import { type IncomingMessage, MessageStreams } from "./incoming-message.js";
import { MessageInbox } from "./message-inbox.js";
import { type NodeStreamOptions, toNodeStream } from "./node-stream.js";
import { Outbox } from "./outbox.js";
import { PieceSender, type PieceSource } from "./piece-sender.js";
import { byteLengthOf, bytesOf, copyOf, type SendData } from "./send-data.js";
import { SocketCloseEvent, SocketErrorEvent, SocketMessageEvent } from "./socket-events.js";
import { throwLater } from "./throw-later.js";
import { toWebStreams, type WebStreams } from "./web-streams.js";
import { ConnectionClosedError, type WireOptions } from "./wire.js";

/** What binary messages are given to event listeners as. */
export type BinaryType = "blob" | "arraybuffer" | "uint8array";

export interface SendOptions {
  /**
   * Send bytes as a text message; they must be UTF-8. Default: strings are text, all else binary.
   */
  readonly asText?: boolean | undefined;
  /**
   * Compress where permessage-deflate was negotiated and the message is long enough. Default true.
   * Turn it off for messages that mix a secret with what an attacker can choose.
   */
  readonly compress?: boolean | undefined;
}

export interface FragmentOptions {
  /** Whether the message ends with this part. Default false. */
  readonly last?: boolean | undefined;
  /** Default: text if the first part is a string. */
  readonly type?: "text" | "binary" | undefined;
  /** As `SendOptions.compress`; that of the first part counts. */
  readonly compress?: boolean | undefined;
}

export type StreamOptions = Pick<FragmentOptions, "type" | "compress">;

/** How a connection ended. */
export interface Closure extends CloseInfo {
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
}

/**
 * Receives what happens on a socket, without an object per message. `this` is not used; one set of
 * handlers serves all sockets of a server. What a handler throws surfaces as an uncaught exception;
 * the socket goes on.
 */
export interface SocketHandlers<S> {
  /**
   * A whole message: text as a string, binary as bytes that belong to the handler. Unlike `message`
   * events, which the WHATWG ends with `close()`, it is called for all that arrives until the peer's
   * Close frame.
   */
  message?: ((socket: S, data: string | Uint8Array, isBinary: boolean) => void) | undefined;
  /** A ping arrived and was answered. */
  ping?: ((socket: S, payload: Uint8Array) => void) | undefined;
  pong?: ((socket: S, payload: Uint8Array) => void) | undefined;
  /** Everything that waited to be sent is with the kernel, after the queue had been full. */
  drain?: ((socket: S) => void) | undefined;
  /** Why the connection failed; at most once, right before `close`. */
  error?: ((socket: S, error: Error) => void) | undefined;
  /** The last thing that happens to a socket. */
  close?: ((socket: S, code: number, reason: string, wasClean: boolean) => void) | undefined;
}

/** The peer broke a rule of the protocol, exceeded a limit, or fell silent. */
export class ProtocolError extends Error {
  override readonly name = "ProtocolError";
  readonly fault: Fault;

  constructor(fault: Fault) {
    super(`${fault.detail} (${fault.code}, RFC 6455 §${fault.section})`);
    this.fault = fault;
  }
}

const CONNECTING = 0;
const OPEN = 1;
const CLOSING = 2;
const CLOSED = 3;

const NO_PAYLOAD = new Uint8Array(0);

export abstract class Socket extends EventWire {
  static readonly CONNECTING: 0 = CONNECTING;
  static readonly OPEN: 1 = OPEN;
  static readonly CLOSING: 2 = CLOSING;
  static readonly CLOSED: 3 = CLOSED;

  declare readonly CONNECTING: 0;
  declare readonly OPEN: 1;
  declare readonly CLOSING: 2;
  declare readonly CLOSED: 3;

  /** The URL that was connected to; at a server, the one that was asked for. */
  abstract readonly url: string;
  /** The subprotocol agreed on; empty if none. */
  abstract readonly protocol: string;
  /** The extensions agreed on, as in `Sec-WebSocket-Extensions`; empty if none. */
  abstract readonly extensions: string;
  /** The address of the peer; undefined for a local socket. */
  abstract readonly remoteAddress: string | undefined;

  /**
   * @internal Not changed once the socket is open. Those of a subclass take that subclass; `never`
   * here lets every subclass have its own.
   */
  protected abstract readonly handlers: SocketHandlers<never>;
  /** @internal */
  protected abstract readonly binaryTypeDefault: BinaryType;
  /** @internal Whether this end may close with any code that may be sent, or only as browsers do. */
  protected abstract readonly closesWithAnyCode: boolean;

  #binaryType: BinaryType | undefined;
  #inboxes: MessageInbox[] | undefined;
  #streams: MessageStreams | undefined;
  #streamed = false;
  #outbox: Outbox | undefined;
  #sender: PieceSender | undefined;
  /** The type of the message that is being sent with `sendFragment`. */
  #fragmentType: "text" | "binary" = "binary";
  #closeTimer: NodeJS.Timeout | undefined;
  #closedLater: Deferred<Closure> | undefined;
  #closure: Closure | undefined;
  #error: Error | undefined;
  #discardedBytes = 0;
  #holds = 0;
  #paused = false;
  #closing = false;

  // ——— state ———

  /** 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED. */
  get readyState(): 0 | 1 | 2 | 3 {
    if (this.#closure !== undefined) return CLOSED;
    const { connection } = this;
    if (this.#closing) return CLOSING;
    if (connection === undefined) return CONNECTING;
    return connection.state === "open" ? OPEN : CLOSING;
  }

  /**
   * What `message` events hold for a binary message. Handlers and iterators get a `Uint8Array` in
   * any case. Default: "blob" at a client, as the WHATWG says, "uint8array" at a server. Setting it
   * to anything else is ignored.
   */
  get binaryType(): BinaryType {
    return this.#binaryType ?? this.binaryTypeDefault;
  }
  set binaryType(type: BinaryType) {
    if (type === "blob" || type === "arraybuffer" || type === "uint8array") this.#binaryType = type;
  }

  /**
   * Bytes of messages that were sent and have not reached the kernel; framing is not counted. As the
   * WHATWG has it, it never falls once the connection is closing: what is sent then adds to it.
   */
  get bufferedAmount(): number {
    const waiting = this.#outbox?.payloadBytes ?? 0;
    return this.queuedPayloadBytes + waiting + this.#discardedBytes;
  }

  /** Resolves when the connection is over, whatever the reason; never rejects. */
  get closed(): Promise<Closure> {
    this.#closedLater ??= createDeferred();
    if (this.#closure !== undefined) this.#closedLater.resolve(this.#closure);
    return this.#closedLater.promise;
  }

  /** Why the connection failed, if it did. */
  get failure(): Error | undefined {
    return this.#error;
  }

  /** The smoothed round trip of keepalive pings, in milliseconds; undefined before the first. */
  get rttMs(): number | undefined {
    return this.connection?.rttMs;
  }

  get remotePort(): number | undefined {
    return this.netSocket?.remotePort;
  }

  /** Whether the connection runs over TLS. */
  get encrypted(): boolean {
    return this.netSocket !== undefined && "encrypted" in this.netSocket;
  }

  // ——— sending ———

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
    if (this.#outbox === undefined) {
      this.#fragmentType = options.type ?? (typeof part === "string" ? "text" : "binary");
    }
    const last = options.last ?? false;
    connection.sendFragment(part, this.#fragmentType, last, options.compress ?? true);
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
   */
  sendStream(source: PieceSource, options: StreamOptions = {}): Promise<void> {
    if (this.#openConnection() === undefined) {
      return quiet(Promise.reject(this.closedError()));
    }
    return this.#openOutbox().addSlow(0, async () => {
      this.#sender = new PieceSender(source, options, (piece, type, last) =>
        this.#sendPiece(piece, type, last, options.compress ?? true),
      );
      try {
        await this.#sender.run();
      } catch (cause) {
        if (this.#sender.begun) this.#fail("a streamed message could not be completed", cause);
        throw cause;
      } finally {
        this.#sender = undefined;
      }
      return nothing;
    });
  }

  /**
   * Sends a ping (RFC 6455 §5.5.2); the answer goes to `handlers.pong`. Keepalive sends its own.
   *
   * @throws {RangeError} when `data` is longer than 125 bytes.
   * @throws {TypeError} when it is not a string or bytes.
   */
  ping(data?: Exclude<SendData, Blob>): void {
    const payload = controlPayload(data);
    const connection = this.#openConnection();
    if (connection === undefined || (this.congested && this.sendQueueFull)) return;
    connection.ping(payload);
    this.afterSend();
  }

  /** Sends a pong that nobody asked for (RFC 6455 §5.5.3); pings are answered without it. */
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

  // ——— closing ———

  /**
   * Begins the closing handshake behind everything sent so far (RFC 6455 §7.1.2). It takes no longer
   * than `closeTimeoutMs`. Before `open` it gives the handshake up: `error`, then `close` with 1006.
   *
   * @param code 1000 or 3000–4999; at a server any code that may be sent. Absent: the peer sees 1005.
   * @param reason at most 123 bytes of UTF-8.
   * @throws {DOMException} InvalidAccessError for another code, SyntaxError for a longer reason.
   */
  close(code?: number, reason?: string): void {
    const [checkedCode, checkedReason] = assertCloseArguments(code, reason, this.closesWithAnyCode);
    if (this.readyState >= CLOSING) return;
    if (this.connection === undefined) {
      this.#closing = true;
      this.abortOpening();
    } else this.#closeBehind(checkedCode, checkedReason);
  }

  /** @internal `close` was called before the socket was open. Servers have nothing to do. */
  protected abortOpening(): void {}

  /** Ends the connection at once, without a closing handshake; what waits to be sent is lost. */
  override terminate(): void {
    if (this.connection === undefined) this.close();
    else super.terminate();
  }

  // ——— reading ———

  /** Stops delivery after the message at hand and soon the peer, through TCP's backpressure. */
  override pause(): void {
    if (this.#paused) return;
    this.#paused = true;
    this.hold();
  }

  override resume(): void {
    if (!this.#paused) return;
    this.#paused = false;
    this.release();
  }

  get isPaused(): boolean {
    return this.#paused;
  }

  /** @internal Reading stops while anybody holds it; each hold is released once. */
  hold(): void {
    if (this.#holds++ === 0) super.pause();
  }

  /** @internal */
  release(): void {
    if (--this.#holds === 0) super.resume();
  }

  /**
   * The messages from now on, in order. Reading stops while 64 messages or 1 MiB wait for the
   * consumer, so a slow loop slows the peer down. Ends when the connection was closed with 1000,
   * 1001 or 1005 and all that had arrived was taken; throws `ConnectionClosedError` otherwise. Several
   * iterators each get all messages.
   */
  messages(): MessageInbox {
    const inbox = new MessageInbox(this, (done) => this.#dropInbox(done));
    if (this.#closure !== undefined) inbox.end(this.#endError());
    else this.#inboxes = [...(this.#inboxes ?? []), inbox];
    return inbox;
  }

  [Symbol.asyncIterator](): MessageInbox {
    return this.messages();
  }

  /**
   * The messages from now on, each as a stream of its parts as they arrive, with backpressure down
   * to the peer. While it is in use, messages go nowhere else. A message that was not begun to be
   * read when the next one is asked for is skipped. `messageBytesMax` still bounds each message.
   *
   * @throws {Error} when it is in use already.
   */
  messageStreams(): AsyncIterableIterator<IncomingMessage> {
    if (this.#streams?.left === false) throw new Error("messageStreams() is in use already");
    const streams = this.#streams ?? new MessageStreams(this, () => this.#setStreamed(false));
    streams.left = false;
    if (this.#closure !== undefined) streams.end(this.#endError());
    else {
      this.#streams = streams;
      this.#setStreamed(true);
    }
    return streams;
  }

  /** Takes effect with the next message, or when the socket opens. */
  #setStreamed(streamed: boolean): void {
    this.#streamed = streamed;
    if (this.connection !== undefined) this.connection.streamed = streamed;
  }

  /** The socket as a pair of Web Streams of messages. Closing or cancelling either closes both. */
  toWebStreams(): WebStreams {
    return toWebStreams(this);
  }

  /** The socket as a Duplex of bytes, or of messages with `objectMode`. */
  toNodeStream(options?: NodeStreamOptions): Duplex {
    return toNodeStream(this, options);
  }

  // ——— what the wire reports ———

  protected override attach(netSocket: NetSocket, options: WireOptions): void {
    super.attach(netSocket, options);
    if (this.#holds > 0) super.pause();
    if (this.#streamed) this.connection!.streamed = true;
  }

  override onMessage(data: string | Uint8Array, isBinary: boolean): void {
    const { message } = this.handlers;
    if (message !== undefined) {
      try {
        message(this as never, data, isBinary);
      } catch (error) {
        throwLater(error);
      }
    }
    if (this.listeners !== undefined) this.#fireMessage(data, isBinary);
    if (this.#inboxes !== undefined) for (const inbox of this.#inboxes) inbox.add(data);
  }

  override onPiece(piece: Uint8Array, isBinary: boolean, first: boolean, last: boolean): void {
    this.#streams?.add(piece, isBinary, first, last);
  }

  override onPing(bytes: Uint8Array, start: number, end: number): void {
    const { ping } = this.handlers;
    if (ping !== undefined) guard(() => ping(this as never, copyOf(bytes.subarray(start, end))));
  }

  override onPong(bytes: Uint8Array, start: number, end: number): void {
    const { pong } = this.handlers;
    if (pong !== undefined) guard(() => pong(this as never, copyOf(bytes.subarray(start, end))));
  }

  override onClose(_info: CloseInfo): void {}

  override onFault(fault: Fault): void {
    this.#error ??= new ProtocolError(fault);
  }

  protected override onSocketError(error: Error): void {
    // What breaks after both Close frames were exchanged harms nobody.
    if (this.connection?.state !== "closed") this.#error ??= error;
  }

  protected override onDrain(): void {
    const { drain } = this.handlers;
    if (drain !== undefined) guard(() => drain(this as never));
  }

  /** @internal To be called by those who override it. */
  protected override onClosed(info: Closure): void {
    this.finish(info, this.#error);
  }

  /** @internal The end, reached through `onClosed` or by a client that never was open. */
  protected finish(closure: Closure, error: Error | undefined): void {
    this.#closure = closure;
    this.#error = error;
    this.#discardedBytes += this.#outbox?.payloadBytes ?? 0;
    clearTimeout(this.#closeTimer);
    this.#abortSending();
    const { error: onError, close: onClose } = this.handlers;
    if (error !== undefined) {
      if (onError !== undefined) guard(() => onError(this as never, error));
      if (this.listeners?.has("error")) {
        this.listeners.dispatch(this, new SocketErrorEvent(this, error));
      }
    }
    const { code, reason, wasClean } = closure;
    if (onClose !== undefined) guard(() => onClose(this as never, code, reason, wasClean));
    this.listeners?.dispatch(this, new SocketCloseEvent(this, closure, this.connection?.fault));
    this.#endReading();
    this.#closedLater?.resolve(closure);
  }

  #endReading(): void {
    const error = this.#endError();
    for (const inbox of this.#inboxes ?? []) inbox.end(error);
    this.#streams?.end(error);
    this.#inboxes = undefined;
    this.#streams = undefined;
  }

  #fireMessage(data: string | Uint8Array, isBinary: boolean): void {
    // The WHATWG delivers no message once `close()` was called.
    if (!this.listeners!.has("message") || this.readyState !== OPEN) return;
    const value = isBinary ? convert(data as Uint8Array, this.binaryType) : data;
    this.listeners!.dispatch(this, new SocketMessageEvent(this, value));
  }

  // ——— what the methods above share ———

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

  /** @internal */
  protected override get sendQueueBytes(): number {
    return this.queuedBytes + (this.#outbox?.heldBytes ?? 0);
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
    this.#discardedBytes += byteLengthOf(data);
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
    this.#error ??= new Error(reason, { cause });
    this.#closeNow(1011, reason);
    this.#abortSending(cause);
  }

  /** `reason` is what the message that was under way is told. */
  #abortSending(reason?: unknown): void {
    if (this.#sender === undefined && this.#outbox === undefined) return;
    const error = this.closedError();
    const sender = this.#sender;
    const outbox = this.#outbox;
    this.#outbox = undefined;
    sender?.abort(error);
    outbox?.abort(error, reason);
  }

  #closeBehind(code: number | undefined, reason: string): void {
    this.#closing = true;
    const outbox = this.#outbox;
    if (outbox === undefined || outbox.held) {
      this.#closeNow(code, reason);
      return;
    }
    outbox.add(0, () => {
      clearTimeout(this.#closeTimer);
      this.#closeNow(code, reason);
    });
    this.#closeTimer = setTimeout(() => {
      this.#closeNow(code, reason);
      this.#abortSending();
    }, this.options?.closeTimeoutMs ?? DEFAULT_CLOSE_TIMEOUT_MS).unref();
  }

  #closeNow(code: number | undefined, reason: string): void {
    this.connection!.close(code, reason, performance.now());
    this.afterSend();
  }

  #dropInbox(inbox: MessageInbox): void {
    const left = this.#inboxes?.filter((each) => each !== inbox) ?? [];
    this.#inboxes = left.length > 0 ? left : undefined;
  }

  /** @internal Closes because of what went wrong at this end, which any code may say. */
  closeFailed(reason: string): void {
    if (this.connection === undefined) this.close();
    else if (this.readyState === OPEN) this.#closeBehind(1011, reason);
  }

  /** @internal What is thrown to those who ask something of a closed socket. */
  closedError(): Error {
    if (this.connection === undefined && this.#error !== undefined) return this.#error;
    const { code, reason } = this.#closure ?? { code: 1006, reason: "not open any more" };
    return new ConnectionClosedError(code, reason, this.#error);
  }

  /** What iterators throw at the end: nothing after a clean close without a complaint. */
  #endError(): Error | undefined {
    const closure = this.#closure!;
    const { code, wasClean } = closure;
    if (wasClean && (code === 1000 || code === 1001 || code === 1005)) return undefined;
    return this.closedError();
  }
}

for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  Object.defineProperty(Socket.prototype, name, { value, enumerable: true });
  Object.defineProperty(Socket, name, { value, enumerable: true, writable: false });
}

function convert(bytes: Uint8Array, type: BinaryType): Uint8Array | ArrayBuffer | Blob {
  switch (type) {
    case "uint8array":
      return bytes;
    case "blob":
      return new Blob([bytes as Uint8Array<ArrayBuffer>]);
    case "arraybuffer": {
      const { buffer, byteOffset, byteLength } = bytes;
      const isWhole = byteOffset === 0 && byteLength === buffer.byteLength;
      return (isWhole ? buffer : copyOf(bytes).buffer) as ArrayBuffer;
    }
  }
}

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

function guard(call: () => void): void {
  try {
    call();
  } catch (error) {
    throwLater(error);
  }
}
