// @ts-check
// Runs one program to its end, in a process group of its own, so that nothing it started can
// outlive it: on a timeout, on an abort, or when it simply forgot a child.
import { spawn } from "node:child_process";
import { projectRoot } from "../setup/project-root.mjs";

/**
 * @typedef {object} CommandOptions
 * @property {Record<string, string>} [env] added to our own environment
 * @property {string} [cwd] the project root by default
 * @property {boolean} [live] show the output while it comes instead of returning it
 * @property {number} [timeoutMs] ends the program; none by default
 * @property {AbortSignal | undefined} [signal] ends the program
 */

/**
 * @typedef {object} CommandResult
 * @property {number} code exit code; 1 when it could not start or was ended by us or by a signal
 * @property {string} output both streams in order of arrival; empty when `live`
 */

const KILL_DELAY_MS = 3_000;
const DRAIN_MS = 2_000;

/**
 * Never rejects: a program that cannot be started is a result with code 1 and the reason.
 *
 * @param {string} command
 * @param {string[]} args
 * @param {CommandOptions} [options]
 * @returns {Promise<CommandResult>}
 */
export function runCommand(command, args, options = {}) {
  const { env, cwd = projectRoot, live = false, timeoutMs, signal } = options;
  return new Promise((resolve) => {
    const child = spawn(command, args, {
      cwd,
      env: { ...process.env, ...env },
      detached: process.platform !== "win32",
      stdio: live ? ["ignore", "inherit", "inherit"] : ["ignore", "pipe", "pipe"],
    });
    let output = "";
    let ended = "";
    child.stdout?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });
    child.stderr?.setEncoding("utf8").on("data", (text) => {
      output += text;
    });

    /** @type {NodeJS.Timeout | undefined} */
    let killTimer;
    /** @param {string} reason */
    const end = (reason) => {
      if (ended) return;
      ended = reason;
      killGroup(child, "SIGTERM");
      killTimer = setTimeout(() => killGroup(child, "SIGKILL"), KILL_DELAY_MS);
    };
    const onAbort = () => end("stopped");
    const timer = timeoutMs
      ? setTimeout(() => end(`stopped after ${timeoutMs / 1000} s`), timeoutMs)
      : undefined;
    if (signal?.aborted) onAbort();
    signal?.addEventListener("abort", onAbort);

    /** @type {number | null} */
    let exitCode = null;
    /** @type {NodeJS.Timeout | undefined} */
    let drainTimer;
    const finish = () => {
      for (const each of [timer, killTimer, drainTimer]) clearTimeout(each);
      signal?.removeEventListener("abort", onAbort);
      const suffix = ended ? `\n${command}: ${ended}\n` : "";
      resolve({ code: ended ? 1 : (exitCode ?? 1), output: output + suffix });
    };
    child.on("error", (error) => {
      ended = error.message;
      finish();
    });
    child.on("exit", (code) => {
      exitCode = code;
      // What it forgot to end goes now, which also closes the pipes; a process that left the
      // group may hold them still, and is not waited for.
      killGroup(child, "SIGKILL");
      drainTimer = setTimeout(finish, DRAIN_MS);
    });
    child.on("close", finish);
  });
}

/**
 * @param {import("node:child_process").ChildProcess} child
 * @param {NodeJS.Signals} name
 */
function killGroup(child, name) {
  if (child.pid === undefined) return;
  try {
    if (process.platform === "win32") child.kill(name);
    else process.kill(-child.pid, name);
  } catch {
    // Nobody of the group is left, which is what was wanted.
  }
}
