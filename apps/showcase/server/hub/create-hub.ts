// The one hub of this server: its rules for who may come in, its rooms, and every page's handlers.
import { Hub, MemoryBackplane, type RoomOptions } from "@tidewire/hub";
import { contract, type ShowcaseContract } from "../../shared/contract.js";
import { registerPages } from "../pages/register-pages.js";
import { checkHost } from "./check-host.js";
import { Counters } from "./counters.js";
import { identify } from "./identify.js";
import { hubLimits, logsMax } from "./limits.js";

export type ShowcaseHub = Hub<ShowcaseContract>;

/** What a page's handlers get besides the hub. */
export interface PageServices {
  readonly counters: Counters;
}

/** A page's part of the server. */
export interface PageServer {
  /** What rooms of that name do besides having members; undefined: not a room of this page. */
  rooms?(name: string): RoomOptions | undefined;
  /** Stops timers and the like. The hub is closed by then. */
  close?(): void;
}

export interface RunningHub {
  readonly hub: ShowcaseHub;
  /** Forgets all sessions, and stops what the pages have running. */
  close(): Promise<void>;
}

/** @param hosts names that pages may reach this server by; undefined for any */
export function createHub(hosts: readonly string[] | undefined): RunningHub {
  const counters = new Counters();
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
  const pages = registerPages(hub, { counters });
  return {
    hub,
    async close() {
      await hub.close();
      for (const page of pages) page.close?.();
    },
  };
}
