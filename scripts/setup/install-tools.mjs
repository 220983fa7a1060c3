// @ts-check
// The programs outside npm that some tests talk to: real browsers and foreign implementations.
// Missing ones are installed through apt-get where that is possible without asking anybody (we
// are root on Debian or Ubuntu); elsewhere one line says what is missing and what is left out.
import { accessSync, constants } from "node:fs";
import { runCommand } from "../steps/run-command.mjs";

/**
 * @typedef {object} Tool
 * @property {string} name Debian package
 * @property {string} variable environment variable that tells the tests where the program is
 * @property {string[]} candidates programs to try, in order
 * @property {string[]} probe arguments that make a usable program exit with 0
 * @property {string} tests what is left out without it
 */

/** One row per tool. A test reads the variable and skips itself when it is not set.
 * @type {Tool[]} */
export const tools = [
  {
    name: "chromium",
    variable: "TIDEWIRE_CHROMIUM",
    candidates: ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
    probe: ["--version"],
    tests: "the browser tests",
  },
  {
    name: "python3-websockets",
    variable: "TIDEWIRE_PYTHON",
    candidates: ["/usr/bin/python3", "python3"],
    probe: ["-c", "import websockets"],
    tests: "interoperation with Python's websockets",
  },
];

const APT_TIMEOUT_MS = 300_000;

/**
 * Finds the tools, installs the missing ones where possible, and prints one line when some stay
 * missing.
 *
 * @param {AbortSignal} [signal] stops an installation
 * @returns {Promise<Record<string, string>>} environment variables for the tests
 */
export async function installTools(signal) {
  let found = await findTools();
  let missing = tools.filter((tool) => !found[tool.variable]);
  let reason = "";
  if (missing.length > 0) {
    reason = await installWithApt(
      missing.map((tool) => tool.name),
      signal,
    );
    found = await findTools();
    missing = tools.filter((tool) => !found[tool.variable]);
  }
  if (missing.length > 0) {
    const names = missing.map((tool) => `${tool.name} (left out: ${tool.tests})`).join(", ");
    console.log(`Missing: ${names}. ${reason}`);
  }
  return found;
}

/** @returns {Promise<Record<string, string>>} */
async function findTools() {
  /** @type {Record<string, string>} */
  const found = {};
  for (const tool of tools) {
    const given = process.env[tool.variable];
    for (const candidate of given ? [given] : tool.candidates) {
      if (await works(candidate, tool.probe)) {
        found[tool.variable] = candidate;
        break;
      }
    }
  }
  return found;
}

/**
 * @param {string} program
 * @param {string[]} probe
 */
async function works(program, probe) {
  const { code } = await runCommand(program, probe, { timeoutMs: 30_000 });
  return code === 0;
}

/**
 * @param {string[]} names
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} why a tool may still be missing
 */
async function installWithApt(names, signal) {
  const manual = `Install by hand: apt-get install ${names.join(" ")}.`;
  if (!isExecutable("/usr/bin/apt-get")) return "This system has no apt-get; install them by hand.";
  if (process.getuid?.() !== 0) return manual;
  console.log(`Installing ${names.join(", ")} ...`);
  const options = {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    timeoutMs: APT_TIMEOUT_MS,
    ...(signal && { signal }),
  };
  const wait = ["-o", "DPkg::Lock::Timeout=120"];
  await runCommand("apt-get", ["update", "-qq"], options);
  const install = ["install", "-y", "-qq", "--no-install-recommends", ...wait];
  /** @type {string[]} */
  const failures = [];
  // One by one, so that a package this system does not know leaves the others installed.
  for (const name of names) {
    const { code, output } = await runCommand("apt-get", [...install, name], options);
    if (code !== 0) failures.push(output.trimEnd().split("\n").pop() ?? "");
  }
  return failures.length > 0 ? `apt-get failed: ${failures.join("; ")}` : manual;
}

/** @param {string} path */
function isExecutable(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
