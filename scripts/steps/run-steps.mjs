// @ts-check
// Runs the checks one after the other, each with a line for its start and its end. A failed check
// shows its output and does not keep the later ones from running.

/**
 * @typedef {object} StepResult
 * @property {number} passed
 * @property {number} failed
 * @property {number} [skipped]
 * @property {string} [output] shown when something failed
 */

/**
 * @typedef {object} Step
 * @property {string} name
 * @property {(signal: AbortSignal) => Promise<StepResult>} run
 */

/**
 * @param {Step[]} steps
 * @param {AbortSignal} signal once aborted, the remaining steps count as failed without a run
 * @returns {Promise<{ passed: number, failed: number, skipped: number }>}
 */
export async function runSteps(steps, signal) {
  const total = { passed: 0, failed: 0, skipped: 0 };
  for (const step of steps) {
    const result = signal.aborted ? { passed: 0, failed: 1 } : await runStep(step, signal);
    total.passed += result.passed;
    total.failed += result.failed;
    total.skipped += result.skipped ?? 0;
  }
  return total;
}

/** @param {{ passed: number, failed: number, skipped: number }} total */
export function formatTotal({ passed, failed, skipped }) {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ""}`;
}

/**
 * @param {Step} step
 * @param {AbortSignal} signal
 * @returns {Promise<StepResult>}
 */
async function runStep(step, signal) {
  console.log(`> ${step.name}`);
  const start = performance.now();
  const result = await step.run(signal).catch((error) => ({
    passed: 0,
    failed: 1,
    output: String(error?.stack ?? error),
  }));
  if (result.failed > 0 && result.output) console.log(result.output.trimEnd());
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`${result.failed > 0 ? "FAILED" : "ok"}: ${step.name} (${seconds} s)\n`);
  return result;
}
