// @ts-check
// A check that is one program: its exit code is the verdict.
import { runCommand } from "./run-command.mjs";

/**
 * @param {string} name
 * @param {string} script a JavaScript program, relative to the project root
 * @param {string[]} [args]
 * @returns {import("./run-steps.mjs").Step}
 */
export function commandStep(name, script, args = []) {
  return {
    name,
    async run(signal) {
      const { code, output } = await runCommand(process.execPath, [script, ...args], { signal });
      return code === 0 ? { passed: 1, failed: 0 } : { passed: 0, failed: 1, output };
    },
  };
}
