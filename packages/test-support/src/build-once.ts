// What several test files need built is built by the first of them, whatever process it runs in.

import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";

const pollMs = 50;

/**
 * The folder with what `build` has put there, once per run of the tests. Nobody may write to it
 * afterwards.
 *
 * @throws {Error} when the build failed, here or in the file that came first; outside of vitest
 */
export async function buildOnce(
  name: string,
  build: (folder: string) => Promise<unknown>,
): Promise<string> {
  const { TIDEWIRE_TEST_BUILDS: builds } = process.env;
  if (builds === undefined) throw new Error("vitest's global setup (shared-builds) has not run");
  const folder = join(builds, name);
  const failed = `${folder}.failed`;
  const done = `${folder}.done`;
  if (mkdirSync(folder, { recursive: true }) === undefined) {
    while (!existsSync(done)) {
      if (existsSync(failed)) throw new Error(readFileSync(failed, "utf8"));
      await delay(pollMs);
    }
    return folder;
  }
  try {
    await build(folder);
    writeFileSync(done, "");
    return folder;
  } catch (error) {
    writeFileSync(failed, `the build of ${name} failed: ${error}`);
    throw error;
  }
}
