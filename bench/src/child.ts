// Starts a process on a core of its own, and ends it. A child's standard input is a pipe that closes
// with the lab, which is what ends it when the lab is killed.

import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { readFileSync } from "node:fs";

export interface Launch {
  readonly command: string;
  readonly arguments: readonly string[];
  readonly environment?: Readonly<Record<string, string>> | undefined;
  /** Undefined: wherever the system puts it. */
  readonly core?: number | undefined;
  readonly ipc?: boolean | undefined;
}

export function launch(options: Launch): ChildProcess {
  const { core, command, arguments: list, environment, ipc = false } = options;
  const [file, all] =
    core === undefined
      ? [command, list]
      : ["taskset", ["--cpu-list", String(core), command, ...list]];
  return spawn(file, all, {
    // Ctrl-C is for the lab, which then ends its children in order.
    detached: true,
    stdio: ["pipe", "pipe", "pipe", ...(ipc ? ["ipc" as const] : [])],
    env: { ...process.env, NODE_OPTIONS: "", ...environment },
  });
}

export interface Cores {
  readonly server: number | undefined;
  readonly load: number | undefined;
}

/** Two cores of those that this process may use; none where `taskset` is missing or there is one. */
export function chooseCores(): Cores {
  try {
    execFileSync("taskset", ["--version"], { stdio: "ignore" });
    const status = readFileSync("/proc/self/status", "latin1");
    const cores = parseCores(/^Cpus_allowed_list:\s+(\S+)$/m.exec(status)?.[1] ?? "");
    if (cores.length >= 2) return { server: cores.at(-1), load: cores.at(-2) };
  } catch {
    // As below.
  }
  return { server: undefined, load: undefined };
}

/** "0-2,5" is 0, 1, 2 and 5. */
export function parseCores(list: string): number[] {
  if (list === "") return [];
  return list.split(",").flatMap((range) => {
    const [first, last = first] = range.split("-").map(Number);
    if (first === undefined || !Number.isInteger(first)) return [];
    return Array.from({ length: last! - first + 1 }, (_, index) => first + index);
  });
}

const STOP_MS = 3000;

/** Asks by closing standard input (and IPC); insists after three seconds. */
export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  await new Promise<void>((resolve) => {
    const timer = setTimeout(() => child.kill("SIGKILL"), STOP_MS);
    child.once("exit", () => {
      clearTimeout(timer);
      resolve();
    });
    child.stdin?.end();
    if (child.connected) child.disconnect();
  });
}
