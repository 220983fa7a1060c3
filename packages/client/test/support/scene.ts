// A client, a hub and a network between them, in virtual time.

import type { Contract, Limits, Untyped } from "@tidewire/session-protocol";
import {
  type Client,
  type ClientOptions,
  connect,
  type Platform,
  type Signal,
} from "../../src/index.js";
import { loadLater } from "../../src/load-later.js";
import { FakeHub } from "./fake-hub.js";
import { Random } from "./random.js";
import { VirtualTime } from "./virtual-time.js";

// Loaded before, since virtual time does not wait for modules.
await loadLater();

export class Scene {
  readonly time = new VirtualTime();
  readonly hub: FakeHub;
  readonly storage = new Map<string, string>();
  readonly errors: unknown[] = [];
  isOnline = true;
  readonly #random: Random;
  readonly #watchers = new Set<(signal: Signal) => void>();

  constructor(seed = 1, limits: Partial<Limits> = {}) {
    this.hub = new FakeHub(this.time, seed, limits);
    this.#random = new Random(seed + 1_000);
  }

  get watchers(): number {
    return this.#watchers.size;
  }

  platform(overrides: Partial<Platform> = {}): Platform {
    return {
      now: () => this.time.now,
      random: () => this.#random.next(),
      setTimer: (run, delayMs) => this.time.after(delayMs, run),
      clearTimer: (timer) => this.time.cancel(timer),
      fetch: this.hub.fetch,
      WebSocket: this.hub.WebSocket as unknown as Platform["WebSocket"],
      storage: {
        getItem: (key) => this.storage.get(key) ?? null,
        setItem: (key, value) => void this.storage.set(key, value),
      },
      baseUrl: undefined,
      isOnline: () => this.isOnline,
      watch: (listener) => {
        this.#watchers.add(listener);
        return () => void this.#watchers.delete(listener);
      },
      ...overrides,
    };
  }

  /** A client of the hub; errors it reports are collected. */
  connect<const C extends Contract = Untyped>(options: ClientOptions<C> = {}): Client<C> {
    const client = connect<C>("https://hub.test/tidewire", {
      ...options,
      platform: this.platform(options.platform),
    });
    client.watch("error", (error) => this.errors.push(error));
    return client;
  }

  signal(signal: Signal): void {
    for (const watcher of [...this.#watchers]) watcher(signal);
  }
}
