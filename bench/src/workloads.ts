// What is measured. Each workload says what load it needs and which server features.

import { Opcode } from "./load/frame.js";
import type { DeflateMode } from "./load/job.js";
import type { Feature } from "./rivals.js";

interface Common {
  readonly id: string;
  readonly title: string;
  /** What one unit of the count is. */
  readonly unit: "message" | "delivery" | "connection";
  readonly opcode: number;
  readonly payloadBytes: number;
  readonly connections: number;
}

export interface ServerWorkload extends Common {
  readonly kind: "echo" | "fanout" | "churn" | "memory";
  readonly burst: number;
  readonly deflate: DeflateMode;
  readonly tls: boolean;
  readonly echoFirst: boolean;
  readonly needs: readonly Feature[];
}

/** The client is measured; the other side is the raw server. */
export interface ClientWorkload extends Common {
  readonly kind: "client";
  readonly burst: number;
}

export type Workload = ServerWorkload | ClientWorkload;

const mib = 1024 * 1024;

export const workloads: readonly Workload[] = [
  echo("W1", "echo, 20 B", 20, 200),
  echo("W2", "echo, 1 KiB", 1024, 200),
  echo("W3", "echo, 64 KiB of text", 64 * 1024, 50),
  echo("W3b", "echo, 64 KiB of bytes", 64 * 1024, 50, { opcode: Opcode.binary }),
  echo("W4", "echo, 1 MiB of bytes", mib, 10, { opcode: Opcode.binary }),
  echo("W5", "pipelined, 1,000 frames of 20 B per write", 20, 10, { burst: 1000 }),
  fanout("W6", "100 B to 1,000, one at a time", 1000, 1),
  fanout("W6x", "100 B to 1,000, bursts of ten", 1000, 10),
  memory("W7", "memory per idle connection, 10,000", 10_000),
  memory(
    "W7d",
    "the same, after 1 KiB echoed with deflate as each server does by default",
    10_000,
    {
      deflate: "default",
      echoFirst: true,
      payloadBytes: 1024,
      needs: ["deflate"],
    },
  ),
  churn("W8", "open and close", 50, false),
  churn("W8s", "open and close over TLS", 20, true),
  echo("W9", "deflate echo, 1 KiB of JSON, no context", 1024, 50, compressed("per-message")),
  echo("W9c", "deflate echo, 1 KiB of JSON, context", 1024, 50, compressed("context")),
  fanout("W9f", "deflate fan-out of 1 KiB to 1,000, no context", 1000, 1, {
    ...compressed("per-message"),
    payloadBytes: 1024,
  }),
  fanout("W9g", "deflate fan-out of 1 KiB to 1,000, context where offered", 1000, 1, {
    ...compressed("context"),
    payloadBytes: 1024,
  }),
  client("W10a", "client's side of W1", 20, 200, 1, Opcode.text),
  client("W10b", "client's side of W4", mib, 10, 1, Opcode.binary),
  client("W10c", "client's side of W5", 20, 10, 1000, Opcode.text),
];

/** How cost grows; run with `--growth`. */
export const growth: readonly Workload[] = [
  ...[10, 100, 1000, 10_000].map((count) => fanout(`G${count}`, `100 B to ${count}`, count, 1)),
  ...[1000, 5000, 10_000, 19_000].map((count) => memory(`M${count}`, `memory at ${count}`, count)),
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

function churn(id: string, title: string, connections: number, tls: boolean) {
  const needs: Feature[] = tls ? ["tls"] : ["messages"];
  return server("churn", id, title, { unit: "connection", connections, tls, needs });
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
  const rest = { payloadBytes, connections, burst, opcode };
  return { kind: "client", id, title, unit: "message", ...rest };
}

/** @throws {RangeError} for an id that there is none of. */
export function chooseWorkloads(only: readonly string[] | undefined): readonly Workload[] {
  if (only === undefined) return workloads;
  const all = [...workloads, ...growth];
  return only.map((id) => {
    const found = all.find((workload) => workload.id.toLowerCase() === id.toLowerCase());
    if (found !== undefined) return found;
    throw new RangeError(`No workload "${id}". There are ${all.map((w) => w.id).join(", ")}.`);
  });
}
