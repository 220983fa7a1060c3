// Runs workloads: all contenders start, one round is thrown away, then they take turns, A B C A B C,
// so that a disturbance of the machine meets all of them.

import { type Cores, chooseCores } from "./child.js";
import {
  type Contender,
  isFresh,
  type Round,
  startClientContender,
  startHubContender,
  startServerContender,
} from "./contender.js";
import { type HubRival, hubRivals } from "./hub-rivals.js";
import type { HubWorkload } from "./hub-workloads.js";
import { directName, limitName, type Rival, rivals } from "./rivals.js";
import { createTlsFiles } from "./tls-files.js";
import type { ServerWorkload, Workload } from "./workloads.js";

export interface LabOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Names of those that run: rivals, hub rivals and client libraries. */
  readonly names: ReadonlySet<string>;
  readonly progress: (text: string) => void;
  /** Aborted: whatever is under way is given up, and what is measured already is the result. */
  readonly signal: AbortSignal;
}

export interface Row {
  readonly name: string;
  /** Undefined where a round failed. */
  readonly rounds: readonly (Round | undefined)[];
}

export interface WorkloadResult {
  readonly workload: Workload;
  readonly rows: readonly Row[];
  /** Who is not in `rows`, or lacks rounds, and why. */
  readonly remarks: readonly string[];
}

/** The client libraries of W10, in the order of their table. */
export const clientLibraryNames: readonly string[] = ["tidewire", directName, "ws", "undici"];

export async function runWorkload(
  workload: Workload,
  options: LabOptions,
): Promise<WorkloadResult> {
  const remarks: string[] = [];
  const contenders: Contender[] = [];
  try {
    await startAll(workload, options, remarks, contenders);
    const rows = await takeTurns(workload, contenders, options, remarks);
    return { workload, rows, remarks };
  } finally {
    await Promise.all(contenders.map((contender) => contender.stop()));
  }
}

async function startAll(
  workload: Workload,
  options: LabOptions,
  remarks: string[],
  contenders: Contender[],
): Promise<void> {
  const starts = starters(workload, options.names, chooseCores(), remarks);
  for (const [name, start] of starts) {
    if (options.signal.aborted) return;
    options.progress(`${workload.id} starting ${name}`);
    try {
      contenders.push(await start());
    } catch (error) {
      remarks.push(`${name}: ${(error as Error).message}`);
    }
  }
}

type Starter = readonly [name: string, start: () => Promise<Contender>];

/** Names of all that could take part in a workload. */
export function contendersOf(workload: Workload): string[] {
  if (workload.kind === "client") return [...clientLibraryNames];
  return candidates(workload).map(({ name }) => name);
}

function isHub(workload: Workload): workload is HubWorkload {
  return "contenders" in workload;
}

function candidates(workload: ServerWorkload | HubWorkload): (Rival | HubRival)[] {
  return isHub(workload)
    ? workload.contenders.map((wanted) => hubRivals.find(({ name }) => name === wanted)!)
    : rivals.filter(({ features }) => workload.needs.every((need) => features.includes(need)));
}

function starters(
  workload: Workload,
  names: ReadonlySet<string>,
  cores: Cores,
  remarks: string[],
): Starter[] {
  const chosen = contendersOf(workload).filter((name) => names.has(name));
  if (workload.kind === "client") {
    const peer = rivals.find(({ name }) => name === limitName)!;
    return chosen.map((name) => [name, () => startClientContender(name, peer, workload, cores)]);
  }
  if (isHub(workload)) {
    const all = candidates(workload) as HubRival[];
    return all
      .filter(({ name }) => names.has(name))
      .map((rival) => [rival.name, () => startHubContender(rival, workload, cores)]);
  }
  for (const { name, features } of rivals) {
    if (!names.has(name) || chosen.includes(name) || name.startsWith("raw-")) continue;
    const lacks = workload.needs.filter((feature) => !features.includes(feature));
    remarks.push(`${name}: does not offer ${lacks.join(", ")}.`);
  }
  const tls = workload.tls ? createTlsFiles() : undefined;
  const able = (candidates(workload) as Rival[]).filter(({ name }) => names.has(name));
  return able.map((rival) => [rival.name, () => startServerContender(rival, workload, cores, tls)]);
}

async function takeTurns(
  workload: Workload,
  contenders: readonly Contender[],
  { rounds, seconds, progress, signal }: LabOptions,
  remarks: string[],
): Promise<Row[]> {
  const rows = contenders.map(({ name }) => ({ name, rounds: [] as (Round | undefined)[] }));
  const failed = new Set<Contender>();
  for (let round = isFresh(workload) ? 0 : -1; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      if (signal.aborted) {
        remarks.push(`Interrupted in round ${round + 1} of ${rounds}.`);
        return rows;
      }
      const turn = round < 0 ? "warm-up" : `round ${round + 1}/${rounds}`;
      progress(`${workload.id} ${turn} ${contender.name}`);
      const found = failed.has(contender)
        ? undefined
        : await oneTurn(contender, seconds, signal).catch((error: Error) => {
            failed.add(contender);
            if (!signal.aborted) remarks.push(`${contender.name}: ${error.message}`);
            return undefined;
          });
      if (round >= 0) rows[index]!.rounds.push(found);
    }
  }
  return rows;
}

/** Given up at once when the lab is stopped. */
function oneTurn(contender: Contender, seconds: number, signal: AbortSignal): Promise<Round> {
  return new Promise((resolve, reject) => {
    const onAbort = (): void => reject(new Error("interrupted"));
    signal.addEventListener("abort", onAbort, { once: true });
    contender
      .run(seconds)
      .then(resolve, reject)
      .finally(() => signal.removeEventListener("abort", onAbort));
  });
}
