/**
 * The listeners of one socket (https://dom.spec.whatwg.org/#interface-eventtarget), created when the
 * first is added. A list is replaced when it changes, never altered, so that delivery goes over it
 * without a copy.
 */
import type { SocketEvent } from "./socket-events.js";
import { throwLater } from "./throw-later.js";

/** A function, or an object with a method `handleEvent`. */
export type Listener<E = never> = ((event: E) => unknown) | { handleEvent(event: E): unknown };

export interface ListenerOptions {
  /** Remove it after its first call. */
  readonly once?: boolean | undefined;
  /** Remove it when the signal is aborted. */
  readonly signal?: AbortSignal | undefined;
  /** There is no tree to capture in: part of a listener's identity only. */
  readonly capture?: boolean | undefined;
  readonly passive?: boolean | undefined;
}

interface Entry {
  readonly callback: object;
  readonly capture: boolean;
  readonly once: boolean;
  /** The entry stands for an `on…` attribute, whose value it holds. */
  readonly isAttribute: boolean;
  readonly signal: AbortSignal | undefined;
  readonly onAbort: (() => void) | undefined;
  removed: boolean;
}

export class EventListeners {
  readonly #byType = new Map<string, readonly Entry[]>();

  has(type: string): boolean {
    return this.#byType.has(type);
  }

  /** @throws {TypeError} when `callback` is neither an object, a function nor null. */
  add(type: string, callback: unknown, options: ListenerOptions | boolean | undefined): void {
    const { once = false, signal, capture } = readOptions(options);
    if (callback === null || callback === undefined) return;
    if (typeof callback !== "function" && typeof callback !== "object") {
      throw new TypeError(`a listener is a function or an object, not ${typeof callback}`);
    }
    if (signal?.aborted === true) return;
    const entries = this.#byType.get(type) ?? [];
    if (find(entries, callback, capture) !== undefined) return;
    const onAbort = signal && (() => this.#drop(type, entry));
    const entry: Entry = {
      callback,
      capture,
      once,
      isAttribute: false,
      signal,
      onAbort,
      removed: false,
    };
    if (onAbort !== undefined) signal?.addEventListener("abort", onAbort, { once: true });
    this.#byType.set(type, [...entries, entry]);
  }

  remove(type: string, callback: unknown, options: ListenerOptions | boolean | undefined): void {
    const entry = find(this.#byType.get(type) ?? [], callback, readOptions(options).capture);
    if (entry !== undefined) this.#drop(type, entry);
  }

  /** The value of an attribute such as `onmessage`. */
  attribute(type: string): object | null {
    return this.#byType.get(type)?.find((entry) => entry.isAttribute)?.callback ?? null;
  }

  /** As HTML has it: a new value takes the place of the old one, null gives the place up. */
  setAttribute(type: string, value: unknown): void {
    const isObject = typeof value === "function" || (typeof value === "object" && value !== null);
    const entries = this.#byType.get(type) ?? [];
    const old = entries.find((entry) => entry.isAttribute);
    if (!isObject) {
      if (old !== undefined) this.#drop(type, old);
      return;
    }
    const entry: Entry = {
      callback: value,
      capture: false,
      once: false,
      isAttribute: true,
      signal: undefined,
      onAbort: undefined,
      removed: false,
    };
    if (old === undefined) this.#byType.set(type, [...entries, entry]);
    else {
      old.removed = true;
      this.#byType.set(
        type,
        entries.map((each) => (each === old ? entry : each)),
      );
    }
  }

  /** Calls the listeners in order; those added meanwhile wait for the next event. */
  dispatch(target: EventTarget, event: SocketEvent): void {
    const entries = this.#byType.get(event.type);
    if (entries === undefined) return;
    event.dispatching = true;
    for (const entry of entries) {
      if (entry.removed) continue;
      if (entry.once) this.#drop(event.type, entry);
      call(entry, target, event);
      if (event.stopped) break;
    }
    event.dispatching = false;
  }

  /** `dispatchEvent` of an event that somebody else made. */
  dispatchForeign(target: EventTarget, event: Event): boolean {
    let stopped = false;
    const stop = (): void => {
      stopped = true;
      Event.prototype.stopImmediatePropagation.call(event);
    };
    shadow(event, "target", target);
    shadow(event, "currentTarget", target);
    shadow(event, "stopImmediatePropagation", stop);
    for (const entry of this.#byType.get(event.type) ?? []) {
      if (entry.removed) continue;
      if (entry.once) this.#drop(event.type, entry);
      call(entry, target, event);
      if (stopped) break;
    }
    shadow(event, "currentTarget", null);
    return !event.defaultPrevented;
  }

  #drop(type: string, entry: Entry): void {
    entry.removed = true;
    if (entry.onAbort !== undefined) entry.signal?.removeEventListener("abort", entry.onAbort);
    const left = (this.#byType.get(type) ?? []).filter((each) => each !== entry);
    if (left.length > 0) this.#byType.set(type, left);
    else this.#byType.delete(type);
  }
}

function find(entries: readonly Entry[], callback: unknown, capture: boolean): Entry | undefined {
  return entries.find(
    (entry) => !entry.isAttribute && entry.callback === callback && entry.capture === capture,
  );
}

function readOptions(
  options: ListenerOptions | boolean | undefined,
): ListenerOptions & { readonly capture: boolean } {
  if (typeof options === "boolean") return { capture: options };
  return { ...options, capture: options?.capture ?? false };
}

function call({ callback }: Entry, target: EventTarget, event: SocketEvent | Event): void {
  try {
    if (typeof callback === "function") callback.call(target, event);
    else if ("handleEvent" in callback && typeof callback.handleEvent === "function") {
      callback.handleEvent(event);
    }
  } catch (error) {
    throwLater(error);
  }
}

/** The DOM's own slots cannot be written from here, so the event gets a property of its own. */
function shadow(event: Event, name: string, value: unknown): void {
  Object.defineProperty(event, name, { value, configurable: true });
}
