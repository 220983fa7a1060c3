// CPU time of any process, ours or a rival's binary, as the operating system accounts for it.

import { readFileSync } from "node:fs";

export interface CpuTime {
  readonly userUs: number;
  readonly systemUs: number;
}

/** Linux counts in hundredths of a second in this file (USER_HZ), whatever the kernel's own tick. */
const TICK_US = 10_000;

/** All threads of a process since its start, with a resolution of 10 ms. Linux only. */
export function readCpuTime(pid: number): CpuTime {
  return parseStat(readFileSync(`/proc/${pid}/stat`, "latin1"));
}

/** proc(5): fields 14 and 15, counted from behind the name, which may hold spaces and parentheses. */
export function parseStat(text: string): CpuTime {
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  const userUs = Number(fields[11]) * TICK_US;
  const systemUs = Number(fields[12]) * TICK_US;
  if (!Number.isFinite(userUs + systemUs)) throw new Error(`Not a /proc/<pid>/stat: "${text}"`);
  return { userUs, systemUs };
}

/** Anonymous resident memory: heaps and stacks, without files mapped and without the kernel's buffers. */
export function readMemoryBytes(pid: number): number {
  return parseStatus(readFileSync(`/proc/${pid}/status`, "latin1"));
}

export function parseStatus(text: string): number {
  const found = /^RssAnon:\s+(\d+) kB$/m.exec(text);
  if (found === null) throw new Error("No RssAnon in /proc/<pid>/status.");
  return Number(found[1]) * 1024;
}
