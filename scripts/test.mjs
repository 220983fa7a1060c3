// @ts-check
// `npm test`: everything that can be checked, from a fresh clone. Ends with the line
// `N passed, N failed`; every check that is not a test counts as one.
//
// Arguments go to vitest, e.g. `npm test -- packages/ws-protocol`.
import { installPackages } from "./setup/install-packages.mjs";
import { installTools } from "./setup/install-tools.mjs";
import { requireNode } from "./setup/require-node.mjs";
import { commandStep } from "./steps/command-step.mjs";
import { rfcStep } from "./steps/rfc-step.mjs";
import { formatTotal, runSteps } from "./steps/run-steps.mjs";
import { stopSignal } from "./steps/stop-signal.mjs";
import { vitestStep } from "./steps/vitest-step.mjs";

const RUN_LIMIT_MS = 20 * 60_000;
/** What is about sockets runs a second time, under the streams of `node:net`. */
const DIRECT_SUITES = ["--config", "packages/websocket/vitest.direct.config.ts"];

requireNode();
const { signal, release } = stopSignal(RUN_LIMIT_MS);
const total = await runEverything();
release();
console.log(formatTotal(total));
process.exitCode = total.failed > 0 ? 1 : 0;

async function runEverything() {
  // They come from different places, so neither waits for the other; the tests alone need the tools.
  const tools = installTools(signal);
  const isInstalled = await installPackages(signal);
  if (!isInstalled) {
    await tools;
    return { passed: 0, failed: 1, skipped: 0 };
  }
  const chosen = process.argv.slice(2);
  const checks = [
    commandStep("format and lint", "node_modules/@biomejs/biome/bin/biome", [
      "ci",
      "--colors=off",
      "--diagnostic-level=error",
    ]),
    commandStep("types and build", "node_modules/typescript/bin/tsc", ["-b"]),
    commandStep("package lock", "scripts/check-lock.mjs"),
    commandStep("layers", "scripts/check-layers.mjs"),
    commandStep("packages", "scripts/check-packages.mjs"),
  ];
  return runSteps([...checks, ...testSteps(chosen, tools)], signal);
}

/**
 * @param {string[]} chosen arguments for vitest
 * @param {Promise<Record<string, string>>} tools
 */
function testSteps(chosen, tools) {
  if (chosen.length > 0) {
    return [commandStep("RFC 6455 duties", "scripts/check-rfc.mjs"), vitestStep(chosen, tools)];
  }
  /** @type {import("./steps/vitest-step.mjs").VitestReport | undefined} */
  let report;
  return [
    vitestStep([], tools, {
      onReport: (made) => {
        report = made;
      },
    }),
    rfcStep(() => report),
    vitestStep(DIRECT_SUITES, tools, { name: "tests over directIo" }),
  ];
}
