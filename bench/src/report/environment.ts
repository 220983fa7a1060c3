// Under what the figures were measured; a figure without it says nothing.

import { readFileSync } from "node:fs";
import { arch, availableParallelism, cpus, loadavg, release, totalmem, type } from "node:os";
import { chooseCores } from "../child.js";
import { hubRivals } from "../hub-rivals.js";
import { packageVersion, rivals } from "../rivals.js";

export interface Environment {
  readonly date: string;
  readonly cpu: string;
  readonly cores: number;
  readonly serverCore: number | undefined;
  readonly loadCore: number | undefined;
  readonly kernel: string;
  readonly memoryGiB: number;
  /** Of the last minute, when the run began: above 0.5 the machine had other things to do. */
  readonly loadAverage: number;
  readonly node: string;
  readonly versions: Readonly<Record<string, string>>;
  readonly leftOut: readonly string[];
}

export function readEnvironment(): Environment {
  const versions: Record<string, string> = {};
  const leftOut: string[] = [];
  const tryVersion = (name: string, version: () => string): void => {
    try {
      versions[name] = version();
    } catch (error) {
      leftOut.push(`${name} is left out: ${(error as Error).message.split("\n")[0]}`);
    }
  };
  for (const { name, version } of [...rivals, ...hubRivals]) {
    if (versions[name] === undefined) tryVersion(name, version);
  }
  tryVersion("undici", () => packageVersion("undici"));
  const cores = chooseCores();
  return {
    date: new Date().toISOString(),
    cpu: cpuModel(),
    cores: availableParallelism(),
    serverCore: cores.server,
    loadCore: cores.load,
    kernel: `${type()} ${release()} ${arch()}`,
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    loadAverage: loadavg()[0]!,
    node: process.version,
    versions,
    leftOut,
  };
}

export function formatEnvironment(environment: Environment): string {
  const { serverCore, loadCore, versions } = environment;
  const pinned =
    serverCore === undefined
      ? "not pinned (no taskset, or one core)"
      : `server on core ${serverCore}, load on core ${loadCore}`;
  return [
    `- ${environment.date}, load average before: ${environment.loadAverage.toFixed(2)}`,
    `- ${environment.cpu}, ${environment.cores} cores, ${environment.memoryGiB} GiB; ${pinned}`,
    `- ${environment.kernel}, Node ${environment.node}`,
    ...Object.entries(versions).map(([name, version]) => `- ${name}: ${version}`),
    ...environment.leftOut.map((line) => `- ${line}`),
  ].join("\n");
}

function cpuModel(): string {
  const named = cpus()[0]?.model.trim();
  if (named) return named;
  return /^model name\s*:\s*(.+)$/m.exec(readFileSync("/proc/cpuinfo", "utf8"))?.[1] ?? "unknown";
}
