import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, it } from "vitest";
import { startLeakCheck } from "../vitest/leak-check.mjs";

it("a run that cleans up leaves no leak", async () => {
  const outer = tmpdir();
  const findLeaks = startLeakCheck(0);
  rmSync(mkdtempSync(join(tmpdir(), "kept-")), { recursive: true });
  expect(await findLeaks()).toEqual([]);
  expect(tmpdir()).toBe(outer);
});

it("a temporary file that stays is a leak, and is removed", async () => {
  const findLeaks = startLeakCheck(0);
  mkdtempSync(join(tmpdir(), "left-"));
  expect(await findLeaks()).toEqual([expect.stringMatching(/^temporary file: left-/)]);
});

it.runIf(process.platform === "linux")(
  "a process that stays is a leak even when it was detached, and is ended",
  async () => {
    const findLeaks = startLeakCheck(0);
    const child = spawn(process.execPath, ["-e", "process.stdin.resume(); console.log()"], {
      detached: true,
      stdio: ["pipe", "pipe", "ignore"],
    });
    const exit = once(child, "exit");
    await once(child.stdout, "data");
    expect(await findLeaks()).toEqual([expect.stringMatching(/^process: .*stdin\.resume/)]);
    expect(await exit).toEqual([null, "SIGKILL"]);
  },
);
