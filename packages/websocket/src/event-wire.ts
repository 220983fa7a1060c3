/**
 * The EventTarget half of a socket: listeners and `on…` attributes, for which nothing is allocated
 * before the first of them comes.
 *
 * Sockets are `instanceof EventTarget` without having run its constructor, which would cost each of
 * them several objects: its methods are all replaced here.
 */
import { EventListeners, type Listener, type ListenerOptions } from "./event-listeners.js";
import type {
  SocketCloseEvent,
  SocketErrorEvent,
  SocketEvent,
  SocketEventMap,
  SocketMessageEvent,
} from "./socket-events.js";
import { Wire } from "./wire.js";

export abstract class EventWire extends Wire implements EventTarget {
  /** @internal */
  protected listeners: EventListeners | undefined;

  addEventListener<K extends keyof SocketEventMap>(
    type: K,
    listener: Listener<SocketEventMap[K]> | null,
    options?: ListenerOptions | boolean,
  ): void;
  addEventListener(
    type: string,
    listener: Listener<Event> | null,
    options?: ListenerOptions | boolean,
  ): void;
  addEventListener(type: string, listener: unknown, options?: ListenerOptions | boolean): void {
    this.listeners ??= new EventListeners();
    this.listeners.add(type, listener, options);
  }

  removeEventListener<K extends keyof SocketEventMap>(
    type: K,
    listener: Listener<SocketEventMap[K]> | null,
    options?: ListenerOptions | boolean,
  ): void;
  removeEventListener(
    type: string,
    listener: Listener<Event> | null,
    options?: ListenerOptions | boolean,
  ): void;
  removeEventListener(type: string, listener: unknown, options?: ListenerOptions | boolean): void {
    this.listeners?.remove(type, listener, options);
  }

  /** @throws {TypeError} when `event` is not an Event. */
  dispatchEvent(event: Event): boolean {
    if (!(event instanceof Event)) throw new TypeError("dispatchEvent() takes an Event");
    return this.listeners?.dispatchForeign(this, event) ?? !event.defaultPrevented;
  }

  get onopen(): ((event: SocketEvent) => unknown) | null {
    return attribute(this.listeners, "open");
  }
  set onopen(handler: ((event: SocketEvent) => unknown) | null) {
    this.setAttribute("open", handler);
  }

  get onmessage(): ((event: SocketMessageEvent) => unknown) | null {
    return attribute(this.listeners, "message");
  }
  set onmessage(handler: ((event: SocketMessageEvent) => unknown) | null) {
    this.setAttribute("message", handler);
  }

  get onerror(): ((event: SocketErrorEvent) => unknown) | null {
    return attribute(this.listeners, "error");
  }
  set onerror(handler: ((event: SocketErrorEvent) => unknown) | null) {
    this.setAttribute("error", handler);
  }

  get onclose(): ((event: SocketCloseEvent) => unknown) | null {
    return attribute(this.listeners, "close");
  }
  set onclose(handler: ((event: SocketCloseEvent) => unknown) | null) {
    this.setAttribute("close", handler);
  }

  /** Not `#`: in V8 a class with such methods marks each object, which takes eight bytes. */
  private setAttribute(type: string, value: unknown): void {
    this.listeners ??= new EventListeners();
    this.listeners.setAttribute(type, value);
  }
}

function attribute<F>(listeners: EventListeners | undefined, type: string): F | null {
  return (listeners?.attribute(type) ?? null) as F | null;
}

Object.setPrototypeOf(Wire.prototype, EventTarget.prototype);
