// @ts-check
// `npm run positive-controls`: runs some of our hostile tests against versions of other packages that
// are known to be vulnerable. Each has to fail, in the way that the advisory says: a test that no
// vulnerable peer can fail proves nothing. Everything happens on loopback, in child processes with
// little heap, and in a temporary directory that is removed again.
import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { stopSignal } from "../steps/stop-signal.mjs";
import { CONTROLS } from "./controls.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const subjects = fileURLToPath(new URL("./subjects/", import.meta.url));
const RUN_LIMIT_MS = 15 * 60_000;

/** @typedef {{ row: string, peer: string, bit: boolean, saw: string }} Outcome */

const folder = mkdtempSync(join(tmpdir(), "positive-controls-"));
const { signal, release } = stopSignal(RUN_LIMIT_MS);
/** @type {Outcome[]} */
const outcomes = [];
try {
  for (const control of CONTROLS) {
    if (signal.aborted) break;
    console.log(`${control.row} against ${control.peer} …`);
    outcomes.push(await judge(control));
  }
} finally {
  rmSync(folder, { recursive: true, force: true });
  release();
}
printTable(outcomes);
const bitten = outcomes.filter(({ bit }) => bit).length;
console.log(`${bitten} of ${CONTROLS.length} controls failed as they have to.`);
process.exitCode = bitten === CONTROLS.length ? 0 : 1;

/**
 * @param {import("./controls.mjs").Control} control
 * @returns {Promise<Outcome>}
 */
async function judge({ row, peer, subject, file, title, failure }) {
  const home = join(folder, peer);
  const installed = await install(home, peer);
  if (installed !== "") return { row, peer, bit: false, saw: installed };
  const results = join(folder, `${row}.json`);
  await run(
    process.execPath,
    [
      "node_modules/vitest/vitest.mjs",
      "run",
      `packages/websocket/test/hostile/${file}`,
      "--testNamePattern",
      title,
      "--reporter=json",
      `--outputFile=${results}`,
    ],
    root,
    { TIDEWIRE_SUBJECT: join(subjects, subject), TIDEWIRE_PEERS: join(home, "package.json") },
  );
  return { row, peer, ...readResults(results, failure) };
}

/**
 * @param {string} home
 * @param {string} peer
 * @returns {Promise<string>} what went wrong, or nothing
 */
async function install(home, peer) {
  mkdirSync(home, { recursive: true });
  writeFileSync(join(home, "package.json"), '{ "private": true }\n');
  const flags = ["--no-audit", "--no-fund", "--ignore-scripts", "--no-package-lock"];
  const { code, output } = await run("npm", ["install", "--save-exact", ...flags, peer], home, {});
  return code === 0 ? "" : `${peer} could not be installed: ${output.trim().split("\n").at(-1)}`;
}

/**
 * @param {string} file
 * @param {RegExp} failure
 * @returns {{ bit: boolean, saw: string }}
 */
function readResults(file, failure) {
  /** @type {{ testResults: { assertionResults: { status: string, failureMessages: string[] }[] }[] }} */
  let results;
  try {
    results = JSON.parse(readFileSync(file, "utf8"));
  } catch {
    return { bit: false, saw: "the tests did not run" };
  }
  const all = results.testResults.flatMap(({ assertionResults }) => assertionResults);
  const ran = all.filter(({ status }) => status === "passed" || status === "failed");
  if (ran.length !== 1) return { bit: false, saw: `${ran.length} tests ran instead of one` };
  const [message = ""] = ran[0]?.failureMessages ?? [];
  if (ran[0]?.status === "passed") return { bit: false, saw: "the test passed" };
  return { bit: failure.test(message), saw: summarize(message) };
}

/**
 * Of a crash the error that the process died of tells most.
 *
 * @param {string} message
 */
function summarize(message) {
  const lines = message.split("\n").map((line) => line.trim());
  const death = lines.find((line) => /^(\w*Error|FATAL ERROR)\b/.test(line) && line !== lines[0]);
  const [first = ""] = lines;
  if (first.includes("STACK_TRACE_ERROR")) return "the test ran out of time";
  const said = first.includes("process under attack ended")
    ? `process died: ${death ?? first}`
    : first;
  return said.length > 100 ? `${said.slice(0, 99)}…` : said;
}

/**
 * @param {string} command
 * @param {string[]} parameters
 * @param {string} cwd
 * @param {Record<string, string>} environment
 * @returns {Promise<{ code: number | null, output: string }>}
 */
function run(command, parameters, cwd, environment) {
  return new Promise((resolve) => {
    const child = spawn(command, parameters, {
      cwd,
      env: { ...process.env, ...environment },
      stdio: ["ignore", "pipe", "pipe"],
      signal,
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream.on("data", (/** @type {Buffer} */ text) => {
        output = (output + text.toString()).slice(-4000);
      });
    }
    child.on("error", (error) => resolve({ code: null, output: String(error) }));
    child.on("close", (code) => resolve({ code, output }));
  });
}

/** @param {Outcome[]} rows */
function printTable(rows) {
  const cells = rows.map(({ row, peer, bit, saw }) => [row, peer, bit ? "yes" : "NO", saw]);
  const all = [["row", "peer", "failed as expected", "what was seen"], ...cells];
  const widths = [0, 1, 2, 3].map((column) =>
    Math.max(...all.map((line) => (line[column] ?? "").length)),
  );
  console.log("");
  for (const line of all) {
    const padded = line.map((cell, column) => cell.padEnd(widths[column] ?? 0));
    console.log(padded.join("  ").trimEnd());
  }
  console.log("");
}
