// @ts-check
// Programs out of Debian packages that are unpacked, not installed: installing nginx would start it as
// a service of this machine, which a test run has no business doing. They stay below node_modules.
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { runCommand } from "../steps/run-command.mjs";
import { projectRoot } from "./project-root.mjs";

const TIMEOUT_MS = 120_000;
const root = join(projectRoot, "node_modules/.cache/tidewire/programs");

/**
 * Where a program is that `unpackProgram` brought, or would bring.
 *
 * @param {string} name
 */
export function unpackedPath(name) {
  return join(root, name, "run");
}

/**
 * Downloads packages and unpacks them side by side. `run` then starts the program with their libraries.
 *
 * @param {string} name of the folder
 * @param {string} program its path within the packages
 * @param {string[]} packages the program's, and those of libraries that a small system lacks
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} why it failed, or ""
 */
export async function unpackProgram(name, program, packages, signal) {
  const folder = join(root, name);
  const unfinished = `${folder}.${process.pid}`;
  const options = { cwd: unfinished, timeoutMs: TIMEOUT_MS, ...(signal && { signal }) };
  try {
    mkdirSync(unfinished, { recursive: true });
    const fetched = await runCommand("apt-get", ["download", "-qq", ...packages], options);
    if (fetched.code !== 0) return lastLine(fetched.output);
    for (const file of readdirSync(unfinished)) {
      const { code, output } = await runCommand("dpkg-deb", ["-x", file, "."], options);
      if (code !== 0) return lastLine(output);
      rmSync(join(unfinished, file));
    }
    const libraries = existsSync(join(unfinished, "usr/lib"))
      ? readdirSync(join(unfinished, "usr/lib"))
      : [];
    const path = libraries.map((entry) => `${folder}/usr/lib/${entry}`).join(":");
    const script = `#!/bin/sh\nLD_LIBRARY_PATH='${path}' exec '${join(folder, program)}' "$@"\n`;
    writeFileSync(join(unfinished, "run"), script, { mode: 0o755 });
    rmSync(folder, { recursive: true, force: true });
    renameSync(unfinished, folder);
    return "";
  } catch (error) {
    return String(error);
  } finally {
    rmSync(unfinished, { recursive: true, force: true });
  }
}

/** @param {string} output */
function lastLine(output) {
  return output.trimEnd().split("\n").pop() ?? "";
}
