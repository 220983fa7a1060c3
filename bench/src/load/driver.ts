// What every kind of load has in common: it runs for some time and counts until its last answer.

import { type CpuTime, readCpuTime } from "../measure/process-cpu.js";
import type { Measured } from "./job.js";

export interface Driver {
  prepare(): Promise<void>;
  /** What a round needs and is not measured. */
  arrange?(): Promise<void>;
  /** Begins; from `stopped` being true on, nothing new is sent. Resolves after the last answer. */
  run(deadline: Deadline): Promise<number>;
  /** All that has come from the server so far. */
  receivedBytes?(): number;
}

export class Deadline {
  passed = false;

  constructor(seconds: number) {
    setTimeout(() => {
      this.passed = true;
    }, seconds * 1000);
  }
}

/** An answer that is this late will never come. */
const LATE_MS = 60_000;

/** Runs the driver, and takes the CPU time of both sides from the first request to the last answer. */
export async function measure(
  driver: Driver,
  seconds: number,
  serverPid: number,
): Promise<Measured> {
  await driver.arrange?.();
  const bytesBefore = driver.receivedBytes?.() ?? 0;
  const startedAt = performance.now();
  const server = readCpuTime(serverPid);
  const load = readCpuTime(process.pid);
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    const message = "The server stopped answering.";
    timer = setTimeout(() => reject(new Error(message)), seconds * 1000 + LATE_MS);
  });
  const count = await Promise.race([driver.run(new Deadline(seconds)), late]);
  clearTimeout(timer);
  return {
    count,
    seconds: (performance.now() - startedAt) / 1000,
    receivedBytes: driver.receivedBytes && driver.receivedBytes() - bytesBefore,
    server: since(server, readCpuTime(serverPid)),
    load: since(load, readCpuTime(process.pid)),
  };
}

export function since(before: CpuTime, after: CpuTime): CpuTime {
  return {
    userUs: after.userUs - before.userUs,
    systemUs: after.systemUs - before.systemUs,
  };
}
