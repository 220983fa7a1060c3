// What is measured of hubs: W11 to W13, and how their cost grows.

import type { HubJob } from "./load/job.js";
import { directName, limitName } from "./rivals.js";
import type { HubSettings } from "./servers/hub-settings.js";
import type { Common } from "./workloads.js";

export interface HubWorkload extends Common {
  readonly kind: HubJob["kind"];
  /** Names of hub rivals. */
  readonly contenders: readonly string[];
  readonly burst: number;
  /** Events that are said while links are cut. */
  readonly missed: number;
  readonly settings: Omit<HubSettings, "recovery">;
}

const sockets = ["tidewire", directName, "socket.io", "socket.io+recovery", limitName] as const;
const overHttp = [
  "tidewire-sse",
  "tidewire-stream",
  "tidewire-polling",
  "socket.io-polling",
] as const;
const plain = { rooms: 0, history: false, retained: undefined } as const;

type Changes = Partial<Omit<HubWorkload, "id" | "title" | "kind" | "settings">> & {
  readonly settings?: Partial<HubWorkload["settings"]>;
};

function hub(kind: HubJob["kind"], id: string, title: string, changes: Changes = {}): HubWorkload {
  const { settings, ...rest } = changes;
  return {
    kind,
    id,
    title,
    unit: "message",
    payloadBytes: 20,
    connections: 200,
    burst: 1,
    missed: 0,
    contenders: sockets,
    reference: "socket.io",
    ours: "tidewire",
    targets: [],
    settings: { ...plain, ...settings },
    ...rest,
  };
}

/** The target of W11: three times better than Socket.IO. */
const thrice = { targets: [{ against: "socket.io", atLeast: 3 }] } as const;
const room = { unit: "delivery", payloadBytes: 100, connections: 1000 } as const;
const polling: Changes = {
  contenders: overHttp,
  reference: "socket.io-polling",
  ours: "tidewire-polling",
};
const storm: Changes = {
  unit: "session",
  connections: 5000,
  missed: 10,
  contenders: ["tidewire", "socket.io+recovery"],
  reference: "socket.io+recovery",
  targets: [{ secondsAtMost: 5 }],
};

export const hubWorkloads: readonly HubWorkload[] = [
  hub("hub-echo", "W11a", "hub: an event of 20 B and one back", thrice),
  hub("hub-ask", "W11b", "hub: a request of 20 B and its reply", thrice),
  hub("hub-room", "W11c", "hub: 100 B to a room of 1,000, one at a time", {
    ...room,
    ...thrice,
  }),
  hub("hub-room", "W11x", "hub: 100 B to a room of 1,000, bursts of ten", {
    ...room,
    ...thrice,
    burst: 10,
  }),
  hub("hub-memory", "W11d", "hub: memory per session, 10,000 in one room", {
    unit: "session",
    connections: 10_000,
    ...thrice,
  }),
  hub("storm", "W12a", "storm: 5,000 sessions resume after a cut, 10 events missed", storm),
  hub("restart", "W12b", "storm: 5,000 clients of a process that was restarted", {
    ...storm,
    missed: 0,
  }),
  hub("hub-echo", "W13a", "hub over HTTP: an event of 20 B and one back", polling),
  hub("hub-ask", "W13b", "hub over HTTP: a request of 20 B and its reply", polling),
  hub("hub-room", "W13c", "hub over HTTP: 100 B to a room of 1,000", { ...room, ...polling }),
];

const both = ["tidewire", "socket.io"];

/** Run with `--growth`. */
export const hubGrowth: readonly HubWorkload[] = [
  ...[10, 100, 1000, 10_000].map((connections) =>
    hub("hub-room", `HR${connections}`, `hub: 100 B to a room of ${connections}`, {
      ...room,
      contenders: [...both, limitName],
      connections,
    }),
  ),
  hub("hub-room", "HH1000", "hub: the same to 1,000, with a history (recovery)", {
    ...room,
    contenders: ["tidewire", "socket.io+recovery"],
    reference: "socket.io+recovery",
    settings: { history: true },
  }),
  ...[1000, 5000, 10_000, 19_000].map((connections) =>
    hub("hub-memory", `HM${connections}`, `hub: memory per session at ${connections}`, {
      unit: "session",
      contenders: both,
      connections,
    }),
  ),
  ...[1, 10, 100].map((rooms) =>
    hub("hub-memory", `HJ${rooms}`, `hub: memory per session, 5,000 in ${rooms} rooms each`, {
      unit: "session",
      contenders: both,
      connections: 5000,
      settings: { rooms },
    }),
  ),
  ...[64, 16_384].map((retained) =>
    hub(
      "hub-memory",
      `HL${retained}`,
      `hub: memory per session, 1,000 away for 1,000 events, of which ${retained} may be kept`,
      {
        unit: "session",
        contenders: ["tidewire"],
        connections: 1000,
        missed: 1000,
        payloadBytes: 100,
        settings: { retained },
      },
    ),
  ),
];
