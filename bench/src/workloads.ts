// What is measured. Each workload says what load it needs and which server features.

import { type HubWorkload, hubGrowth, hubWorkloads } from "./hub-workloads.js";
import { Opcode } from "./load/frame.js";
import type { DeflateMode } from "./load/job.js";
import { type Feature, limitName, reference } from "./rivals.js";

export interface Common {
  readonly id: string;
  readonly title: string;
  /** What one unit of the count is. */
  readonly unit: "message" | "delivery" | "connection" | "session";
  readonly payloadBytes: number;
  readonly connections: number;
  /** The row that ratios are taken to. */
  readonly reference: string;
  /** The row of ours that targets are about, and that is compared with every other. */
  readonly ours: string;
  readonly targets: readonly Target[];
}

/** How many times cheaper than another row ours is to be, or what it may cost at most. */
export type Target =
  | { readonly against: string; readonly atLeast: number }
  | { readonly kibAtMost: number }
  /** CPU time of a whole round. */
  | { readonly secondsAtMost: number };

export interface ServerWorkload extends Common {
  readonly opcode: number;
  readonly kind: "echo" | "fanout" | "churn" | "memory";
  readonly burst: number;
  readonly deflate: DeflateMode;
  readonly tls: boolean;
  readonly echoFirst: boolean;
  readonly needs: readonly Feature[];
}

/** The client is measured; the other side is the raw server. */
export interface ClientWorkload extends Common {
  readonly opcode: number;
  readonly kind: "client";
  readonly burst: number;
}

export type Workload = ServerWorkload | ClientWorkload | HubWorkload;

const mib = 1024 * 1024;

const over = (against: string, atLeast: number): Target => ({ against, atLeast });
/** At most so many times the cost of a server that does not read the protocol. */
const within = (against: string, times: number): Target => over(against, 1 / times);
const targets = (...all: readonly Target[]): { targets: readonly Target[] } => ({ targets: all });

export const workloads: readonly Workload[] = [
  echo("W1", "echo, 20 B", 20, 200, targets(over("ws", 1.3), within(limitName, 1.15))),
  echo("W2", "echo, 1 KiB", 1024, 200, targets(over("ws", 1.4))),
  echo("W3", "echo, 64 KiB of text", 64 * 1024, 50, targets(over("ws+bufferutil", 1))),
  echo("W3b", "echo, 64 KiB of bytes", 64 * 1024, 50, {
    opcode: Opcode.binary,
    ...targets(over("ws+bufferutil", 1)),
  }),
  echo("W4", "echo, 1 MiB of bytes", mib, 10, {
    opcode: Opcode.binary,
    ...targets(over("ws+bufferutil", 1)),
  }),
  echo("W5", "pipelined, 1,000 frames of 20 B per write", 20, 10, {
    burst: 1000,
    ...targets(over("ws", 25), over("bun", 1)),
  }),
  fanout("W6", "100 B to 1,000, one at a time", 1000, 1, targets(over("ws", 1.35))),
  fanout("W6x", "100 B to 1,000, bursts of ten", 1000, 10, targets(over("ws", 9.5))),
  memory("W7", "memory per idle connection, 10,000", 10_000, {
    ...targets(over("ws", 1), within(limitName, 1.15)),
  }),
  memory(
    "W7d",
    "the same, after 1 KiB echoed with deflate as each server does by default",
    10_000,
    {
      deflate: "default",
      echoFirst: true,
      payloadBytes: 1024,
      needs: ["deflate"],
      ...targets({ kibAtMost: 12 }),
    },
  ),
  churn("W8", "open and close", 50, false, targets(over("ws", 1.75))),
  churn("W8s", "open and close over TLS", 20, true),
  echo("W9", "deflate echo, 1 KiB of JSON, no context", 1024, 50, {
    ...compressed("per-message"),
    ...targets(over("ws", 2.5)),
  }),
  echo("W9c", "deflate echo, 1 KiB of JSON, context", 1024, 50, {
    ...compressed("context"),
    ...targets(over("ws", 2)),
  }),
  echo("W9d", "deflate echo, 1 KiB of JSON, as each server does by default", 1024, 50, {
    ...compressed("default"),
  }),
  fanout("W9f", "deflate fan-out of 1 KiB to 1,000, no context", 1000, 1, {
    ...compressed("per-message"),
    payloadBytes: 1024,
    ...targets(over("ws", 20)),
  }),
  fanout("W9g", "deflate fan-out of 1 KiB to 1,000, context where offered", 1000, 1, {
    ...compressed("context"),
    payloadBytes: 1024,
    ...targets(over("ws", 20)),
  }),
  client("W10a", "client's side of W1", 20, 200, 1, Opcode.text),
  client("W10b", "client's side of W4", mib, 10, 1, Opcode.binary),
  client("W10c", "client's side of W5", 20, 10, 1000, Opcode.text),
  ...hubWorkloads,
];

/** How cost grows; run with `--growth`. */
export const growth: readonly Workload[] = [
  ...[10, 100, 1000, 10_000].map((count) => fanout(`G${count}`, `100 B to ${count}`, count, 1)),
  ...[1000, 5000, 10_000, 19_000].map((count) => memory(`M${count}`, `memory at ${count}`, count)),
  ...hubGrowth,
];

type Changes = Partial<Omit<ServerWorkload, "id" | "title" | "kind">>;

function server(
  kind: ServerWorkload["kind"],
  id: string,
  title: string,
  changes: Changes,
): ServerWorkload {
  return {
    kind,
    id,
    title,
    unit: "message",
    opcode: Opcode.text,
    payloadBytes: 20,
    connections: 1,
    burst: 1,
    deflate: "off",
    tls: false,
    echoFirst: false,
    needs: ["messages"],
    reference,
    ours: "tidewire",
    targets: [],
    ...changes,
  };
}

function echo(id: string, title: string, bytes: number, connections: number, changes?: Changes) {
  return server("echo", id, title, { payloadBytes: bytes, connections, ...changes });
}

function fanout(id: string, title: string, connections: number, burst: number, changes?: Changes) {
  const rest = { payloadBytes: 100, connections, burst, ...changes };
  return server("fanout", id, title, { unit: "delivery", ...rest });
}

function memory(id: string, title: string, connections: number, changes?: Changes) {
  return server("memory", id, title, { unit: "connection", connections, ...changes });
}

function churn(
  id: string,
  title: string,
  connections: number,
  tls: boolean,
  changes?: Changes,
): ServerWorkload {
  const needs: Feature[] = tls ? ["tls"] : ["messages"];
  return server("churn", id, title, { unit: "connection", connections, tls, needs, ...changes });
}

function compressed(deflate: DeflateMode): Changes {
  return { deflate, needs: deflate === "context" ? ["context"] : ["deflate"] };
}

function client(
  id: string,
  title: string,
  payloadBytes: number,
  connections: number,
  burst: number,
  opcode: number,
): ClientWorkload {
  const rest = { payloadBytes, connections, burst, opcode, reference, ours: "tidewire" };
  const better = targets(over("ws", 1), over("undici", 1));
  return { kind: "client", id, title, unit: "message", ...rest, ...better };
}

/**
 * By their ids; one that ends in `*` stands for all that begin so.
 *
 * @throws {RangeError} for an id that there is none of.
 */
export function chooseWorkloads(only: readonly string[] | undefined): readonly Workload[] {
  if (only === undefined) return workloads;
  const all = [...workloads, ...growth];
  return only.flatMap((id) => {
    const wanted = id.toLowerCase();
    const found = all.filter((workload) =>
      wanted.endsWith("*")
        ? workload.id.toLowerCase().startsWith(wanted.slice(0, -1))
        : workload.id.toLowerCase() === wanted,
    );
    if (found.length > 0) return found;
    throw new RangeError(`No workload "${id}". There are ${all.map((w) => w.id).join(", ")}.`);
  });
}
