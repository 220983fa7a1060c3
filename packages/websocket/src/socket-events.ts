/**
 * The events of a socket in the shape of the DOM's. They are ordinary objects with a class each,
 * because constructing an `Event` of Node costs more than receiving the message it tells about; they
 * still are `instanceof Event`.
 */
import { type InspectOptions, inspect } from "node:util";
import type { Fault } from "@tidewire/ws-protocol";

/** Who the events of a socket are about. */
export type EventSource = EventTarget & { readonly url: string };

export class SocketEvent {
  readonly type: string;
  /** @internal While the event is delivered: whether further listeners are to be skipped. */
  stopped = false;
  /** @internal */
  dispatching = false;
  readonly target: EventSource;
  #timeStamp: number | undefined;

  constructor(type: string, target: EventSource) {
    this.type = type;
    this.target = target;
  }

  get currentTarget(): EventSource | null {
    return this.dispatching ? this.target : null;
  }

  get srcElement(): EventSource {
    return this.target;
  }

  /** 2 (AT_TARGET) while it is delivered, 0 afterwards. */
  get eventPhase(): number {
    return this.dispatching ? 2 : 0;
  }

  /** Taken when first asked for, so that nobody pays for a clock that nobody reads. */
  get timeStamp(): number {
    this.#timeStamp ??= performance.now();
    return this.#timeStamp;
  }

  get bubbles(): boolean {
    return false;
  }

  get cancelable(): boolean {
    return false;
  }

  get composed(): boolean {
    return false;
  }

  get defaultPrevented(): boolean {
    return false;
  }

  get returnValue(): boolean {
    return true;
  }

  get cancelBubble(): boolean {
    return this.stopped;
  }

  get isTrusted(): boolean {
    return true;
  }

  composedPath(): EventTarget[] {
    return this.dispatching ? [this.target] : [];
  }

  preventDefault(): void {}

  stopPropagation(): void {}

  stopImmediatePropagation(): void {
    this.stopped = true;
  }

  get [Symbol.toStringTag](): string {
    return "Event";
  }
}

Object.setPrototypeOf(SocketEvent.prototype, Event.prototype);
Object.defineProperty(SocketEvent.prototype, inspect.custom, { value: inspectEvent });

/** What `console.log` shows; that of Event would refuse. */
function inspectEvent(this: SocketEvent, _depth: number, options: InspectOptions): string {
  const { stopped, dispatching, target, ...shown } = this;
  return `${this.constructor.name} ${inspect(shown, options)}`;
}

/** A message arrived. */
export class SocketMessageEvent extends SocketEvent {
  /** Text as a string; binary as the socket's `binaryType` says. */
  readonly data: string | Uint8Array | ArrayBuffer | Blob;

  constructor(target: EventSource, data: string | Uint8Array | ArrayBuffer | Blob) {
    super("message", target);
    this.data = data;
  }

  /** The origin of the socket's URL, such as "wss://example.org"; empty at a server. */
  get origin(): string {
    const { url } = this.target;
    const end = url.indexOf("/", url.indexOf("://") + 3);
    return /^wss?:\/\//.test(url) ? url.slice(0, end) : "";
  }

  get lastEventId(): string {
    return "";
  }

  get source(): null {
    return null;
  }

  get ports(): readonly [] {
    return [];
  }
}

/** The connection could not be established, or it failed. */
export class SocketErrorEvent extends SocketEvent {
  /** At a client before `open` a `ConnectError`; afterwards a `ProtocolError` or a network error. */
  readonly error: Error;

  constructor(target: EventSource, error: Error) {
    super("error", target);
    this.error = error;
  }

  get message(): string {
    return this.error.message;
  }
}

/** The connection is over. */
export class SocketCloseEvent extends SocketEvent {
  /** What the peer's Close frame said; 1005 without a code, 1006 without a frame. */
  readonly code: number;
  readonly reason: string;
  /** Whether both Close frames were exchanged. */
  readonly wasClean: boolean;
  /** What the peer did wrong, if that is why the connection is over. */
  readonly fault: Fault | undefined;

  constructor(
    target: EventSource,
    info: { readonly code: number; readonly reason: string; readonly wasClean: boolean },
    fault: Fault | undefined,
  ) {
    super("close", target);
    this.code = info.code;
    this.reason = info.reason;
    this.wasClean = info.wasClean;
    this.fault = fault;
  }
}

/** The events of a socket by their type. */
export interface SocketEventMap {
  open: SocketEvent;
  message: SocketMessageEvent;
  error: SocketErrorEvent;
  close: SocketCloseEvent;
}
