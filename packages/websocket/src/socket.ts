/**
 * An open WebSocket as its user sees it, at both ends: the interface of the WHATWG's `WebSocket`
 * (https://websockets.spec.whatwg.org) and what Node users need besides.
 *
 * What arrives goes to every consumer there is: handlers given at construction, event listeners, and
 * iterators. Handlers are the fastest: they cost no object per message. Without any consumer a
 * message is dropped, as in browsers; who attaches one while `open` is delivered misses nothing.
 */
import type { Duplex } from "node:stream";
import { type InspectOptions, inspect } from "node:util";
import type { CloseInfo, Fault } from "@tidewire/ws-protocol";
import { assertCloseArguments } from "./close-arguments.js";
import { createDeferred } from "./deferred.js";
import { type NodeStreamOptions, toNodeStream } from "./node-stream.js";
import { ProtocolError } from "./protocol-error.js";
import { copyOf } from "./send-data.js";
import { SendingWire } from "./sending-wire.js";
import { SocketCloseEvent, SocketErrorEvent, SocketMessageEvent } from "./socket-events.js";
import { type Closure, ReadyState, type SocketHandlers } from "./socket-handlers.js";
import { throwLater } from "./throw-later.js";
import { toWebStreams, type WebStreams } from "./web-streams.js";

/** What binary messages are given to event listeners as. */
export type BinaryType = "blob" | "arraybuffer" | "uint8array";

const { CONNECTING, OPEN, CLOSING, CLOSED } = ReadyState;

export abstract class Socket extends SendingWire {
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

  // ——— state ———

  /** 0 CONNECTING, 1 OPEN, 2 CLOSING, 3 CLOSED. */
  override get readyState(): ReadyState {
    const { connection, incidents } = this;
    if (incidents?.closure !== undefined) return CLOSED;
    if (incidents?.closing) return CLOSING;
    if (connection === undefined) return CONNECTING;
    return connection.state === "open" ? OPEN : CLOSING;
  }

  /**
   * What `message` events hold for a binary message. Handlers and iterators get a `Uint8Array` in
   * any case. Default: "blob" at a client, as the WHATWG says, "uint8array" at a server. Setting it
   * to anything else is ignored.
   */
  get binaryType(): BinaryType {
    return this.incidents?.binaryType ?? this.binaryTypeDefault;
  }

  set binaryType(type: BinaryType) {
    if (type === "blob" || type === "arraybuffer" || type === "uint8array") {
      this.takeIncidents().binaryType = type;
    }
  }

  /** Resolves when the connection is over, whatever the reason; never rejects. */
  get closed(): Promise<Closure> {
    const incidents = this.takeIncidents();
    incidents.closedLater ??= createDeferred();
    if (incidents.closure !== undefined) incidents.closedLater.resolve(incidents.closure);
    return incidents.closedLater.promise;
  }

  /** Why the connection failed, if it did. */
  get failure(): Error | undefined {
    return this.error;
  }

  /** The smoothed round trip of keepalive pings, in milliseconds; undefined before the first. */
  get rttMs(): number | undefined {
    return this.connection?.rttMs;
  }

  get remotePort(): number | undefined {
    return this.channel?.remotePort;
  }

  /** Whether the connection runs over TLS. */
  get encrypted(): boolean {
    return this.channel !== undefined && "encrypted" in this.channel;
  }

  get [Symbol.toStringTag](): string {
    return "WebSocket";
  }

  // ——— closing ———

  /**
   * Begins the closing handshake behind everything sent so far (RFC 6455 §7.1.2). It takes no longer
   * than `closeTimeoutMs`, and a Blob or stream that is being sent before it no longer than that
   * either. Before `open` it gives the handshake up: `error`, then `close` with 1006.
   *
   * @param code 1000 or 3000–4999; at a server any code that may be sent. Absent: the peer sees 1005.
   * @param reason at most 123 bytes of UTF-8.
   * @throws {DOMException} InvalidAccessError for another code, SyntaxError for a longer reason.
   */
  close(code?: number, reason?: string): void {
    const [checkedCode, checkedReason] = assertCloseArguments(code, reason, this.closesWithAnyCode);
    if (this.readyState >= CLOSING) return;
    if (this.connection === undefined) {
      this.takeIncidents().closing = true;
      this.abortOpening();
    } else this.closeBehind(checkedCode, checkedReason);
  }

  /** @internal `close` was called before the socket was open. Servers have nothing to do. */
  protected abortOpening(): void {}

  /** Ends the connection at once, without a closing handshake; what waits to be sent is lost. */
  override terminate(): void {
    if (this.connection === undefined) this.close();
    else super.terminate();
  }

  // ——— streams ———

  /** The socket as a pair of Web Streams of messages. Closing or cancelling either closes both. */
  toWebStreams(): WebStreams {
    return toWebStreams(this);
  }

  /** The socket as a Duplex of bytes, or of messages with `objectMode`. */
  toNodeStream(options?: NodeStreamOptions): Duplex {
    return toNodeStream(this, options);
  }

  // ——— what the wire reports ———

  override onMessage(data: string | Uint8Array, isBinary: boolean): void {
    const { message } = this.handlers;
    if (message !== undefined) {
      try {
        message(this as never, data, isBinary);
      } catch (error) {
        throwLater(error);
      }
    }
    if (this.listeners !== undefined) this.fireMessage(data, isBinary);
    this.feedLoops(data);
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
    this.failed(new ProtocolError(fault));
  }

  protected override onSocketError(error: Error): void {
    // What breaks after both Close frames were exchanged harms nobody.
    if (this.connection?.state !== "closed") this.failed(error);
  }

  protected override onDrain(): void {
    const { drain } = this.handlers;
    if (drain !== undefined) guard(() => drain(this as never));
  }

  /** @internal To be called by those who override it. */
  protected override onClosed(info: Closure): void {
    this.finish(info, this.error);
  }

  /** @internal The end, reached through `onClosed` or by a client that never was open. */
  protected finish(closure: Closure, error: Error | undefined): void {
    const incidents = this.takeIncidents();
    incidents.closure = closure;
    incidents.error = error;
    this.endSending();
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
    this.endReading();
    incidents.closedLater?.resolve(closure);
  }

  private fireMessage(data: string | Uint8Array, isBinary: boolean): void {
    // The WHATWG delivers no message once `close()` was called.
    if (!this.listeners!.has("message") || this.readyState !== OPEN) return;
    const value = isBinary ? convert(data as Uint8Array, this.binaryType) : data;
    this.listeners!.dispatch(this, new SocketMessageEvent(this, value));
  }
}

for (const [name, value] of Object.entries({ CONNECTING, OPEN, CLOSING, CLOSED })) {
  Object.defineProperty(Socket.prototype, name, { value, enumerable: true });
  Object.defineProperty(Socket, name, { value, enumerable: true, writable: false });
}

/** What `console.log` shows; that of EventTarget would refuse. */
function inspectSocket(this: Socket, _depth: number, options: InspectOptions): string {
  const { url, readyState, protocol, extensions, bufferedAmount } = this;
  const shown = inspect({ url, readyState, protocol, extensions, bufferedAmount }, options);
  return `${this.constructor.name} ${shown}`;
}

Object.defineProperty(Socket.prototype, inspect.custom, { value: inspectSocket });

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

function guard(call: () => void): void {
  try {
    call();
  } catch (error) {
    throwLater(error);
  }
}
