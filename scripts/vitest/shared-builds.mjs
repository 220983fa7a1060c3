// @ts-check
// A folder in which test files leave for each other what takes long to build. It is there for one run,
// so nothing in it can be older than the sources.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** @returns {() => void} */
export function setup() {
  const folder = mkdtempSync(join(tmpdir(), "builds-"));
  process.env.TIDEWIRE_TEST_BUILDS = folder;
  return () => {
    delete process.env.TIDEWIRE_TEST_BUILDS;
    rmSync(folder, { recursive: true, force: true });
  };
}
