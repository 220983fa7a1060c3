// @ts-check
// The programs outside npm that some tests talk to: real browsers and foreign implementations.
// Missing ones are installed through apt-get where that is possible without asking anybody (we
// are root on Debian or Ubuntu), some only unpacked; elsewhere one line says what is missing and
// what is left out.
import { accessSync, constants } from "node:fs";
import { runCommand } from "../steps/run-command.mjs";
import { unpackedPath, unpackProgram } from "./unpack-packages.mjs";

/**
 * @typedef {object} Tool
 * @property {string} name Debian package
 * @property {string} variable environment variable that tells the tests where the program is
 * @property {string[]} candidates programs to try, in order
 * @property {string[]} probe arguments that make a usable program exit with 0
 * @property {string[]} [unpack] these packages are unpacked for us instead of installed
 * @property {string} [program] the unpacked program, `usr/sbin/` and the name by default
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
    name: "chromium-headless-shell",
    variable: "TIDEWIRE_HEADLESS_SHELL",
    candidates: ["/usr/bin/chromium-headless-shell", unpackedPath("chromium-headless-shell")],
    probe: ["--version"],
    unpack: ["chromium-headless-shell", "chromium-common"],
    program: "usr/lib/chromium/chromium-headless-shell",
    tests: "nothing, but the showcase's pages are tested in Chromium itself, which takes longer",
  },
  {
    name: "python3-websockets",
    variable: "TIDEWIRE_PYTHON",
    candidates: ["/usr/bin/python3", "python3"],
    probe: ["-c", "import websockets"],
    tests: "interoperation with Python's websockets",
  },
  {
    name: "nginx",
    variable: "TIDEWIRE_NGINX",
    candidates: ["/usr/sbin/nginx", unpackedPath("nginx")],
    probe: ["-v"],
    unpack: ["nginx"],
    tests: "the tests behind nginx",
  },
  {
    name: "haproxy",
    variable: "TIDEWIRE_HAPROXY",
    candidates: ["/usr/sbin/haproxy", unpackedPath("haproxy")],
    probe: ["-v"],
    unpack: ["haproxy", "liblua5.3-0", "libopentracing-c-wrapper0", "libopentracing1"],
    tests: "the tests behind HAProxy",
  },
];

const APT_TIMEOUT_MS = 300_000;
const installQuietly = [
  ...["install", "-y", "-qq", "--no-install-recommends"],
  ...["-o", "DPkg::Lock::Timeout=120"],
];

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
    reason = await installWithApt(missing, signal);
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
  const found = await Promise.all(tools.map(findTool));
  return Object.fromEntries(found.flat());
}

/**
 * @param {Tool} tool
 * @returns {Promise<[variable: string, program: string][]>} one, or none
 */
async function findTool({ variable, candidates, probe }) {
  const given = process.env[variable];
  for (const candidate of given ? [given] : candidates) {
    if (await works(candidate, probe)) return [[variable, candidate]];
  }
  return [];
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
 * @param {Tool[]} missing
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} why a tool may still be missing
 */
async function installWithApt(missing, signal) {
  const names = missing.map(({ name }) => name).join(" ");
  const manual = `Install by hand: apt-get install ${names}.`;
  if (!isExecutable("/usr/bin/apt-get")) return "This system has no apt-get; install them by hand.";
  const isRoot = process.getuid?.() === 0;
  console.log(`Getting ${names} ...`);
  if (isRoot) await aptGet(["update", "-qq"], signal);
  const unpacked = missing.map(({ name, unpack, program = `usr/sbin/${name}` }) =>
    unpack ? unpackProgram(name, program, unpack, signal) : "",
  );
  /** @type {string[]} */
  const failures = [];
  // One by one, so that a package this system does not know leaves the others installed.
  for (const { name, unpack } of missing) {
    if (!unpack && isRoot) failures.push(await aptGet([...installQuietly, name], signal));
  }
  failures.push(...(await Promise.all(unpacked)));
  const told = failures.filter((failure) => failure !== "");
  return told.length > 0 ? `apt-get failed: ${told.join("; ")}` : manual;
}

/**
 * @param {string[]} args
 * @param {AbortSignal} [signal]
 * @returns {Promise<string>} why it failed, or ""
 */
async function aptGet(args, signal) {
  const { code, output } = await runCommand("apt-get", args, {
    env: { DEBIAN_FRONTEND: "noninteractive" },
    timeoutMs: APT_TIMEOUT_MS,
    ...(signal && { signal }),
  });
  return code === 0 ? "" : (output.trimEnd().split("\n").pop() ?? "");
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
