// Who listens to what. A listener that throws harms neither the others nor the session.

export type Unsubscribe = () => void;

/**
 * Makes `handler` the one of that name.
 * @throws {Error} when there is one already; {TypeError} when it is no function.
 */
export function handleOnly<Handler>(
  handlers: Map<string, Handler>,
  name: string,
  handler: Handler,
): Unsubscribe {
  checkFunction(handler, name);
  if (handlers.has(name)) throw new Error(`"${name}" has a handler already.`);
  handlers.set(name, handler);
  return () => {
    if (handlers.get(name) === handler) handlers.delete(name);
  };
}

/** Listeners by name, called in the order of their registration. */
export class Listeners<Arguments extends unknown[]> {
  readonly #byName = new Map<string, Set<(...args: Arguments) => unknown>>();
  readonly #onError: (error: unknown, name: string) => void;

  constructor(onError: (error: unknown, name: string) => void) {
    this.#onError = onError;
  }

  /** @throws {TypeError} when it is no function. */
  add(name: string, listener: (...args: Arguments) => unknown): Unsubscribe {
    checkFunction(listener, name);
    // A listener added twice is called twice, and each of them is removed by itself.
    const own = (...args: Arguments): unknown => listener(...args);
    const set = this.#byName.get(name) ?? new Set();
    this.#byName.set(name, set.add(own));
    return () => {
      set.delete(own);
      if (set.size === 0 && this.#byName.get(name) === set) this.#byName.delete(name);
    };
  }

  has(name: string): boolean {
    return this.#byName.has(name);
  }

  /** A listener may be a promise-returning function: its rejection is an error like any other. */
  call(name: string, ...args: Arguments): void {
    const set = this.#byName.get(name);
    if (set === undefined) return;
    const fail = (error: unknown): void => this.#onError(error, name);
    for (const listener of [...set]) {
      try {
        const result = listener(...args);
        if (result instanceof Promise) result.catch(fail);
      } catch (error) {
        fail(error);
      }
    }
  }
}

/** @throws {TypeError} when it is none. */
export function checkFunction(given: unknown, name: string): void {
  if (typeof given !== "function") throw new TypeError(`"${name}" needs a function.`);
}
