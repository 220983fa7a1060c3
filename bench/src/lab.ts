// Runs workloads: all contenders start, one round is thrown away, then they take turns, A B C A B C,
// so that a disturbance of the machine meets all of them.

import { type Cores, chooseCores } from "./child.js";
import {
  type Contender,
  type Round,
  startClientContender,
  startServerContender,
} from "./contender.js";
import { rivals as allRivals, type Rival, reference } from "./rivals.js";
import { createTlsFiles } from "./tls-files.js";
import type { Workload } from "./workloads.js";

export interface LabOptions {
  readonly rounds: number;
  readonly seconds: number;
  /** Who runs, and their versions. */
  readonly rivals: readonly Rival[];
  readonly progress: (text: string) => void;
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

export const clientLibraryNames: readonly string[] = ["tidewire", reference, "undici"];

export async function runWorkload(
  workload: Workload,
  options: LabOptions,
): Promise<WorkloadResult> {
  const remarks: string[] = [];
  const cores = chooseCores();
  const contenders = await startAll(workload, options, cores, remarks);
  try {
    const rows = await takeTurns(workload, contenders, options, remarks);
    return { workload, rows, remarks };
  } finally {
    for (const contender of contenders) await contender.stop();
  }
}

async function startAll(
  workload: Workload,
  options: LabOptions,
  cores: Cores,
  remarks: string[],
): Promise<Contender[]> {
  const contenders: Contender[] = [];
  for (const [name, start] of starters(workload, options, cores, remarks)) {
    options.progress(`${workload.id} starting ${name}`);
    try {
      contenders.push(await start());
    } catch (error) {
      remarks.push(`${name}: ${(error as Error).message}`);
    }
  }
  return contenders;
}

type Starter = readonly [name: string, start: () => Promise<Contender>];

function starters(
  workload: Workload,
  { rivals }: LabOptions,
  cores: Cores,
  remarks: string[],
): Starter[] {
  if (workload.kind === "client") {
    const peer = allRivals.find(({ name }) => name === "raw-node")!;
    const names = clientLibraryNames.filter(
      (name) => name === "undici" || rivals.some((rival) => rival.name === name),
    );
    return names.map((name) => [name, () => startClientContender(name, peer, workload, cores)]);
  }
  const able = rivals.filter(({ features }) => workload.needs.every((n) => features.includes(n)));
  for (const rival of rivals) {
    if (able.includes(rival) || isRaw(rival)) continue;
    const lacks = workload.needs.filter((feature) => !rival.features.includes(feature));
    remarks.push(`${rival.name}: does not offer ${lacks.join(", ")}.`);
  }
  const tls = workload.tls ? createTlsFiles() : undefined;
  return able.map((rival) => [rival.name, () => startServerContender(rival, workload, cores, tls)]);
}

function isRaw({ name }: Rival): boolean {
  return name.startsWith("raw-");
}

async function takeTurns(
  workload: Workload,
  contenders: readonly Contender[],
  { rounds, seconds, progress }: LabOptions,
  remarks: string[],
): Promise<Row[]> {
  const rows = contenders.map(({ name }) => ({ name, rounds: [] as (Round | undefined)[] }));
  const failed = new Set<Contender>();
  // A fresh process every time needs no warm-up.
  const first = workload.kind === "memory" ? 0 : -1;
  for (let round = first; round < rounds; round += 1) {
    for (const [index, contender] of contenders.entries()) {
      const turn = round < 0 ? "warm-up" : `round ${round + 1}/${rounds}`;
      progress(`${workload.id} ${turn} ${contender.name}`);
      const found = failed.has(contender)
        ? undefined
        : await contender.run(seconds).catch((error: Error) => {
            failed.add(contender);
            remarks.push(`${contender.name}: ${error.message}`);
            return undefined;
          });
      if (round >= 0) rows[index]!.rounds.push(found);
    }
  }
  return rows;
}
