// The one hub of this server: its rules for who may come in, its rooms, and every page's handlers.
import type { Server } from "node:http";
import { Hub, MemoryBackplane, type RoomOptions } from "@tidewire/hub";
import { contract, type ShowcaseContract } from "../../shared/contract.js";
import { makeOperationsToken } from "../pages/operations/operations-token.js";
import { registerPages } from "../pages/register-pages.js";
import { FileStore } from "../transfers/file-store.js";
import { checkHost } from "./check-host.js";
import { Counters } from "./counters.js";
import { identify } from "./identify.js";
import { hubLimits, logsMax } from "./limits.js";

export type ShowcaseHub = Hub<ShowcaseContract>;

/** What a page's handlers get besides the hub. */
export interface PageServices {
  readonly counters: Counters;
  /** Names that pages may reach this server by; undefined for any. */
  readonly hosts: readonly string[] | undefined;
  /** The files that visitors send, on whatever page. */
  readonly store: FileStore;
  /** The secret of whoever runs this server. */
  readonly operationsToken: string;
}

/** A page's part of the server. */
export interface PageServer {
  /** What rooms of that name do besides having members; undefined: not a room of this page. */
  rooms?(name: string): RoomOptions | undefined;
  /** Adds what it serves besides the hub. */
  mount?(server: Server): void;
  /** Stops timers and the like. The hub is closed by then. */
  close?(): void | Promise<void>;
}

export interface RunningHub {
  readonly hub: ShowcaseHub;
  /** Adds what pages serve besides the hub. The hub is attached by then. */
  mount(server: Server): void;
  /** Forgets all sessions, and stops what the pages have running. */
  close(): Promise<void>;
}

/**
 * @param hosts names that pages may reach this server by; undefined for any
 * @param operationsToken without it nobody knows it
 */
export function createHub(
  hosts: readonly string[] | undefined,
  operationsToken: string = makeOperationsToken(),
): RunningHub {
  const counters = new Counters();
  const store = new FileStore();
  const hub: ShowcaseHub = new Hub({
    contract,
    limits: hubLimits,
    authenticate: identify,
    backplane: new MemoryBackplane({ logsMax }),
    metrics: counters,
    rooms: (name) => {
      for (const page of pages) {
        const options = page.rooms?.(name);
        if (options !== undefined) return options;
      }
      return undefined;
    },
  });
  if (hosts !== undefined) hub.useConnect(checkHost(hosts));
  const pages = registerPages(hub, { counters, hosts, store, operationsToken });
  return {
    hub,
    mount(server) {
      for (const page of pages) page.mount?.(server);
    },
    async close() {
      await hub.close();
      for (const page of pages) await page.close?.();
      store.close();
    },
  };
}
