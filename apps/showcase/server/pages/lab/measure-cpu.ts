// Has the headless lab measure the CPU time per message. In this process it could not be told apart
// from what other visitors and pages cost; there, one transport at a time has a server to itself.
import { spawn } from "node:child_process";
import { constants, setPriority } from "node:os";
import { createInterface } from "node:readline";
import * as v from "valibot";
import {
  type LabSettings,
  type LabTransport,
  labTransports,
} from "../../../shared/lab/contract.js";
import { measureSeconds } from "./limits.js";

const lineSchema = v.object({
  transport: v.picklist(labTransports),
  cpuMicros: v.nullable(v.number()),
});

/**
 * Calls `done` for each transport as it is measured. Resolves at the end; rejects when the program
 * could not be started, failed, or was aborted.
 */
export type MeasureCpu = (
  settings: LabSettings,
  done: (transport: LabTransport, micros: number | undefined) => void,
  signal: AbortSignal,
) => Promise<void>;

/** @param program the headless lab, built */
export function measureCpuWith(program: string): MeasureCpu {
  return async ({ task, rate, size, pollIntervalMs }, done, signal) => {
    const args = ["--json", "--quiet", "--task", task, "--seconds", String(measureSeconds)];
    args.push("--rate", String(rate), "--size", String(size), "--interval", String(pollIntervalMs));
    const child = spawn(process.execPath, [program, ...args], {
      stdio: ["ignore", "pipe", "inherit"],
      signal,
    });
    const ended = new Promise<void>((resolve, reject) => {
      child.once("error", reject);
      child.once("close", (code) =>
        code === 0 ? resolve() : reject(new Error(`the headless lab ended with ${code}`)),
      );
    });
    // What visitors see live goes first.
    if (child.pid !== undefined) lowerPriority(child.pid);
    createInterface(child.stdout).on("line", (line) => {
      const { transport, cpuMicros } = v.parse(lineSchema, JSON.parse(line));
      done(transport, cpuMicros ?? undefined);
    });
    await ended;
  };
}

function lowerPriority(pid: number): void {
  try {
    setPriority(pid, constants.priority.PRIORITY_LOW);
  } catch {
    // It is only a courtesy, which some systems do not grant.
  }
}
