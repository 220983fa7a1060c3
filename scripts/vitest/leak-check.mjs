// @ts-check
// A run of the tests leaves nothing behind: no process, no temporary file. vitest calls `setup`
// before all tests and what it returns after them; a leak fails the run.
//
// Every process that descends from the run inherits a mark in its environment, however it was
// detached. On Linux the marks are found in /proc; elsewhere only the files are checked. The
// temporary directory of the tests is one of the run's own, which has to be empty in the end.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";

const MARK = "TIDEWIRE_TEST_RUN";
const GRACE_MS = 5_000;
const POLL_MS = 50;

/** @returns {() => Promise<void>} */
export function setup() {
  const findLeaks = startLeakCheck(GRACE_MS);
  return async () => {
    const leaks = await findLeaks();
    if (leaks.length === 0) return;
    // vitest prints an error that is thrown here, but still ends with 0.
    process.exitCode = 1;
    console.error(`The tests left behind:\n  ${leaks.join("\n  ")}`);
  };
}

/**
 * Marks this process and gives it a temporary directory. The returned function undoes that, ends
 * what is left, and tells what it was.
 *
 * @param {number} graceMs how long a process may take to end by itself
 * @returns {() => Promise<string[]>}
 */
export function startLeakCheck(graceMs) {
  const outer = tmpdir();
  const outerMark = process.env[MARK];
  const folder = mkdtempSync(join(outer, "tw-"));
  const mark = `${process.pid}-${folder}`;
  process.env[MARK] = mark;
  process.env.TMPDIR = folder;
  return async () => {
    process.env.TMPDIR = outer;
    if (outerMark === undefined) delete process.env[MARK];
    else process.env[MARK] = outerMark;
    const processes = await waitForProcesses(mark, graceMs);
    for (const { pid } of processes) endProcess(pid);
    const files = readdirSync(folder).filter((name) => !isOfTheTools(name));
    rmSync(folder, { recursive: true, force: true });
    return [
      ...processes.map(({ command }) => `process: ${command}`),
      ...files.map((name) => `temporary file: ${name}`),
    ];
  };
}

/**
 * What still runs after a grace period, since a process that was told to end needs a moment.
 *
 * @param {string} mark
 * @param {number} graceMs
 */
async function waitForProcesses(mark, graceMs) {
  const deadline = performance.now() + graceMs;
  let found = findMarked(mark);
  while (found.length > 0 && performance.now() < deadline) {
    await sleep(POLL_MS);
    found = findMarked(mark);
  }
  return found;
}

/**
 * Processes with the mark, but for vitest's own workers, which are our direct children.
 *
 * @param {string} mark
 * @returns {{ pid: number, command: string }[]}
 */
function findMarked(mark) {
  if (process.platform !== "linux") return [];
  const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  return pids.flatMap((name) => {
    try {
      const environment = readFileSync(`/proc/${name}/environ`, "utf8").split("\0");
      if (!environment.includes(`${MARK}=${mark}`)) return [];
      const command = readFileSync(`/proc/${name}/cmdline`, "utf8").replaceAll("\0", " ").trim();
      const isDefunct = command === "";
      return isDefunct || isWorker(name, command) ? [] : [{ pid: Number(name), command }];
    } catch {
      return []; // It ended meanwhile, or belongs to somebody else.
    }
  });
}

/**
 * @param {string} pid
 * @param {string} command
 */
function isWorker(pid, command) {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  return status.includes(`\nPPid:\t${process.pid}\n`) && command.includes("vitest");
}

/** @param {string} name what vitest and Node themselves keep there, until they exit or longer */
function isOfTheTools(name) {
  return /^(node-compile-cache|v8-compile-cache.*|vitest.*|[A-Za-z0-9_-]{21})$/.test(name);
}

/** @param {number} pid */
function endProcess(pid) {
  try {
    process.kill(pid, "SIGKILL");
  } catch {
    // It ended by itself.
  }
}
