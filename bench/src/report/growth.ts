// How cost grows: each family of workloads that differ in one size only, in one line per server.

import { isMemory } from "../contender.js";
import type { WorkloadResult } from "../lab.js";
import { figuresOf } from "./figures.js";
import { formatNumber } from "./numbers.js";
import { alignColumns } from "./table.js";

interface Family {
  readonly title: string;
  /** By the size that differs, from the smallest. */
  readonly members: (readonly [size: number, result: WorkloadResult])[];
}

/** Nothing where fewer than two sizes of anything were measured. */
export function formatGrowth(results: readonly WorkloadResult[]): string[] {
  const lines = families(results).flatMap(({ title, members }) => {
    const sizes = members.map(([size]) => size);
    const names = figuresOf(members[0]![1]).map(({ name }) => name);
    return names.flatMap((name) => {
      const costs = members.map(([, result]) => costOf(result, name));
      if (!costs.every((cost) => cost !== undefined)) return [];
      return [
        [
          title,
          name,
          sizes.map((size) => size.toLocaleString("en-US")).join(" · "),
          `${costs.map(formatNumber).join(" · ")} ${unitOf(members[0]![1])}`,
          `${formatNumber(sizes.at(-1)! / sizes[0]!)} ×`,
          `${formatNumber(costs.at(-1)! / costs[0]!)} ×`,
        ],
      ];
    });
  });
  if (lines.length === 0) return [];
  return alignColumns([["", "server", "sizes", "cost at each", "size", "cost"], ...lines]);
}

/** `G10`, `G100` and so on are a family; a workload without another size is none. */
function families(results: readonly WorkloadResult[]): Family[] {
  const found = new Map<string, Family>();
  for (const result of results) {
    const [, letters, size] = /^(G|M|H[A-Z])(\d+)$/.exec(result.workload.id) ?? [];
    if (letters === undefined) continue;
    const family = found.get(letters) ?? { title: titles[letters] ?? letters, members: [] };
    family.members.push([Number(size), result]);
    found.set(letters, family);
  }
  const all = [...found.values()].filter(({ members }) => members.length > 1);
  for (const { members } of all) members.sort(([a], [b]) => a - b);
  return all;
}

const titles: Readonly<Record<string, string>> = {
  G: "a delivery, by receivers",
  M: "memory of a connection, by connections",
  HR: "hub: a delivery, by members of the room",
  HM: "hub: memory of a session, by sessions",
  HJ: "hub: memory of a session, by rooms it is in",
  HL: "hub: memory of a session that is away, by entries that may be kept",
};

function costOf(result: WorkloadResult, wanted: string): number | undefined {
  const cost = figuresOf(result).find(({ name }) => name === wanted)?.cost.median;
  if (cost === undefined) return undefined;
  return isMemory(result.workload.kind) ? cost / 1024 : cost;
}

function unitOf({ workload }: WorkloadResult): string {
  return isMemory(workload.kind) ? "KiB" : "µs";
}
