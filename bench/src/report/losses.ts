// The rows in which another server is cheaper than ours, with the reason as far as it is known.

import type { WorkloadResult } from "../lab.js";
import { figuresOf } from "./figures.js";
import { formatNumber } from "./numbers.js";

/** Cheaper by less than this is noise. */
const NOISE = 0.98;

/** Told once for each that is ahead anywhere. */
const reasons: Readonly<Record<string, string>> = {
  bun: "its sockets and its parser are native (C++ and Zig on uSockets), without Node's streams.",
  deno: "its sockets and its parser are native (Rust), without Node's streams.",
  "ws+bufferutil": "it masks in C.",
  "socket.io-polling":
    "its polls are GETs, which cost Node's HTTP server less than our POSTs, and are known by an id in " +
    "their URL; ours prove their session with a secret, and what they carry is counted.",
};

export function formatLosses(results: readonly WorkloadResult[]): string[] {
  const ahead = new Set<string>();
  const lines = results.flatMap((result) => {
    const winners = figuresOf(result).filter(({ name, ours }) => isLoss(name, ours?.median));
    if (winners.length === 0) return [];
    for (const { name } of winners) ahead.add(name);
    const list = winners.map(({ name, ours }) => `${name} ${formatNumber(1 / ours!.median)} ×`);
    return `- ${result.workload.id} ${result.workload.title}: ${list.join(", ")}`;
  });
  if (lines.length === 0) return ["Nowhere, in these workloads."];
  const known = [...ahead].filter((name) => reasons[name] !== undefined);
  const why = known.map((name) => `- ${name}: ${reasons[name]}`);
  return [
    "How many times cheaper than ours:",
    "",
    ...lines,
    ...(why.length === 0 ? [] : ["", "Why, as far as it is known:", "", ...why]),
  ];
}

/** What does not read the protocol is a limit, not a rival; nor is ours by another transport. */
function isLoss(name: string, ours: number | undefined): boolean {
  const isRival = !name.startsWith("raw-") && !name.startsWith("tidewire");
  return isRival && ours !== undefined && ours < NOISE;
}
