// @ts-check
// `npm run check`: the inner loop. Format and lint, types, layers, tests; with `--changed` only
// what differs from the last commit is linted, and only tests that reach it are run. The full
// run, which also installs, packs and checks the RFC index, is `npm test`.
import { changedFiles } from "./changed-files.mjs";
import { installPackages } from "./setup/install-packages.mjs";
import { installTools } from "./setup/install-tools.mjs";
import { requireNode } from "./setup/require-node.mjs";
import { commandStep } from "./steps/command-step.mjs";
import { formatTotal, runSteps } from "./steps/run-steps.mjs";
import { stopSignal } from "./steps/stop-signal.mjs";
import { vitestStep } from "./steps/vitest-step.mjs";

const RUN_LIMIT_MS = 10 * 60_000;

requireNode();
const { signal, release } = stopSignal(RUN_LIMIT_MS);
const onlyChanged = process.argv.includes("--changed");
const total = (await installPackages(signal))
  ? await runSteps(await chooseSteps(), signal)
  : { passed: 0, failed: 1, skipped: 0 };
release();
console.log(formatTotal(total));
process.exitCode = total.failed > 0 ? 1 : 0;

async function chooseSteps() {
  const biome = ["check", "--colors=off", "--diagnostic-level=error"];
  const unmatched = ["--no-errors-on-unmatched", "--files-ignore-unknown=true"];
  const files = onlyChanged ? await changedFiles() : ["."];
  const rest = process.argv.slice(2).filter((argument) => argument !== "--changed");
  const tests = onlyChanged ? ["--changed", "--passWithNoTests", ...rest] : rest;
  const lint = commandStep("format and lint", "node_modules/@biomejs/biome/bin/biome", [
    ...biome,
    ...unmatched,
    ...files,
  ]);
  return [
    ...(files.length > 0 ? [lint] : []),
    commandStep("types and build", "node_modules/typescript/bin/tsc", ["-b"]),
    commandStep("layers", "scripts/check-layers.mjs"),
    vitestStep(tests, installTools(signal)),
  ];
}
