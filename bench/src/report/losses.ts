// The rows in which another server is cheaper than ours, with the reason as far as it is known.

import type { WorkloadResult } from "../lab.js";
import { figuresOf } from "./figures.js";
import { formatNumber } from "./numbers.js";

/** Cheaper by less than this is noise. */
const NOISE = 0.98;

const reasons: Readonly<Record<string, string>> = {
  bun: "its sockets and its parser are native (C++ and Zig over uSockets), without Node's streams",
  deno: "its sockets and its parser are native (Rust), without Node's streams",
  "ws+bufferutil": "it masks in C; the bytes are the greater part of the work here",
};

export function formatLosses(results: readonly WorkloadResult[]): string[] {
  const lines = results.flatMap((result) =>
    figuresOf(result).flatMap(({ name, ours }) => {
      // What does not read the protocol is a limit, not a rival; ours by other transports is no rival.
      const isRival = !name.startsWith("raw-") && !name.startsWith("tidewire");
      if (!isRival || ours === undefined || ours.median >= NOISE) return [];
      const reason = reasons[name];
      const times = formatNumber(1 / ours.median);
      return `- ${result.workload.id} ${result.workload.title}: ${name} is ${times} × cheaper${reason === undefined ? "." : `: ${reason}.`}`;
    }),
  );
  return lines.length === 0 ? ["Nowhere, in these workloads."] : lines;
}
