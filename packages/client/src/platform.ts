// What the client needs of the place where it runs. Tests hand in a simulated one.

/** Something happened around the client that links cannot tell by themselves. */
export type Signal =
  /** The network is back, the page is visible or was taken out of the back/forward cache. */
  | "retry"
  /** The network may have changed: the link may be dead without a sign. */
  | "doubt"
  /** The platform says that there is no network. */
  | "offline"
  /** The page goes into the back/forward cache: links would keep it out. */
  | "freeze"
  /** The page goes away for good. */
  | "unload";

/** The part of the WHATWG `WebSocket` that the client uses. */
export interface SocketLike {
  binaryType: string;
  readonly protocol: string;
  readonly bufferedAmount: number;
  onopen: ((event: never) => void) | null;
  onmessage: ((event: never) => void) | null;
  onclose: ((event: never) => void) | null;
  onerror: ((event: never) => void) | null;
  send(data: string | Uint8Array<ArrayBuffer>): void;
  close(code?: number, reason?: string): void;
}

export type SocketConstructor = new (url: string, protocols: string[]) => SocketLike;

/** The part of `Storage` that the client uses. Calls may throw; the client then does without. */
export interface StorageLike {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
}

/** Time, dice, network and signals. */
export interface Platform {
  /** Milliseconds since any origin, also counted while the machine sleeps. */
  now(): number;
  /** From 0 up to, and without, 1. For jitter, never for secrets. */
  random(): number;
  setTimer(run: () => void, delayMs: number): unknown;
  clearTimer(timer: unknown): void;
  readonly fetch: typeof globalThis.fetch | undefined;
  readonly WebSocket: SocketConstructor | undefined;
  readonly storage: StorageLike | undefined;
  /** What relative URLs are relative to. */
  readonly baseUrl: string | undefined;
  isOnline(): boolean;
  /** Calls `listener` until the answered function is called. */
  watch(listener: (signal: Signal) => void): () => void;
}

/** The platform of the page or process that this code runs in; `overrides` take the place of parts. */
export function currentPlatform(overrides: Partial<Platform> = {}): Platform {
  return {
    now: () => Date.now(),
    random: () => Math.random(),
    setTimer: (run, delayMs) => setTimeout(run, delayMs),
    clearTimer: (timer) => clearTimeout(timer as number),
    fetch: globalThis.fetch?.bind(globalThis),
    WebSocket: globalThis.WebSocket as unknown as SocketConstructor | undefined,
    storage: storageOf(globalThis),
    baseUrl: globalThis.location?.href,
    isOnline: () => globalThis.navigator?.onLine !== false,
    watch: watchPage,
    ...overrides,
  };
}

function storageOf(scope: typeof globalThis): StorageLike | undefined {
  try {
    // Throws where cookies are blocked. Node's experimental one needs a file, and is not for this.
    return typeof scope.document === "undefined" ? undefined : scope.localStorage;
  } catch {
    return undefined;
  }
}

function watchPage(listener: (signal: Signal) => void): () => void {
  const page = globalThis.document;
  const stops: (() => void)[] = [];
  const on = (target: unknown, name: string, tell: (event: Event) => Signal | undefined): void => {
    const source = target as Partial<EventTarget> | undefined;
    if (typeof source?.addEventListener !== "function") return;
    const listen = (event: Event): void => {
      const signal = tell(event);
      if (signal !== undefined) listener(signal);
    };
    source.addEventListener(name, listen);
    stops.push(() => source.removeEventListener?.(name, listen));
  };
  on(globalThis, "online", () => "retry");
  on(globalThis, "offline", () => "offline");
  on(globalThis, "pageshow", (event) =>
    (event as PageTransitionEvent).persisted ? "retry" : undefined,
  );
  on(globalThis, "pagehide", (event) =>
    (event as PageTransitionEvent).persisted ? "freeze" : "unload",
  );
  on(page, "visibilitychange", () => (page.visibilityState === "visible" ? "retry" : undefined));
  on(page, "resume", () => "retry");
  const connection = (globalThis.navigator as { connection?: unknown } | undefined)?.connection;
  on(connection, "change", () => "doubt");
  return () => {
    for (const stop of stops) stop();
  };
}
