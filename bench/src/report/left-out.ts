// What a run did not measure, so that nobody takes the rest for all.

import type { WorkloadResult } from "../lab.js";
import { growth, workloads } from "../workloads.js";

/** @param able names of those that could have run. */
export function formatLeftOut(
  results: readonly WorkloadResult[],
  able: readonly string[],
): string[] {
  const present = new Set(results.flatMap(({ rows }) => rows.map(({ name }) => name)));
  const measured = new Set(results.map(({ workload }) => workload.id));
  const absent = able.filter((name) => !present.has(name));
  const isMissing = ({ id }: { readonly id: string }): boolean => !measured.has(id);
  const missing = workloads.filter(isMissing).map(({ id }) => id);
  if (growth.every(isMissing)) missing.push("growth");
  else missing.push(...growth.filter(isMissing).map(({ id }) => id));
  const all = [...absent.map((name) => `\`${name}\``), ...missing];
  return all.length === 0 ? [] : [`- This run left out ${all.join(", ")}.`];
}
