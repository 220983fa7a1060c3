// The headless lab as a process, as people run it.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { labTransports } from "../../shared/lab/contract.js";
import { columns } from "../../shared/lab/lab-row.js";
import { buildLab } from "../build-showcase.js";
import { runShowcase } from "../showcase-process.js";

let folder: string;
let program: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "lab-"));
  program = await buildLab(folder);
}, 60_000);

afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = (...args: string[]) => runShowcase(program, args);

// Each is a program of its own, which spends its time waiting for the next message.
describe.concurrent("npm run lab", { timeout: 60_000 }, () => {
  test("--help says what there is", async () => {
    const lab = run("--help");
    expect(await lab.exited).toBe(0);
    for (const option of ["--seconds", "--rate", "--size", "--transports", "--json", "--csv"]) {
      expect(lab.output()).toContain(option);
    }
  });

  test.each([
    [["--seconds", "0"], "whole number from 1"],
    [["--rate", "many"], "whole number from 1 to 200"],
    [["--transports", "sse,pigeon"], "There are: polling,"],
    [["--task", "sleep"], "Allowed choices are push, echo, both"],
    [["--json", "--csv"], "cannot be used with"],
    [["now"], "too many arguments"],
  ])("%j is not understood, and it says why", async (args, words) => {
    const lab = run(...args);
    expect(await lab.exited).toBe(2);
    expect(lab.output()).toContain(words);
  });

  test("--json: a line for each transport, with figures that make sense", async () => {
    const args = ["--json", "--quiet", "--seconds", "1", "--task", "push", "--rate", "50"];
    const lab = run(...args, "--interval", "100");
    expect(await lab.exited).toBe(0);
    const rows = lab
      .output()
      .trim()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(rows.map(({ transport }) => transport)).toEqual([...labTransports]);
    for (const row of rows) {
      expect(row).toMatchObject({ task: "push", rate: 50, size: 100, pollIntervalMs: 100 });
      for (const { key } of columns) expect(row[key], key).toEqual(expect.any(Number));
      expect(row.messages).toBeGreaterThan(5);
      // The text itself, and at most a whole request around it.
      expect(row.downPerMessage).toBeGreaterThan(100);
      expect(row.downPerMessage).toBeLessThan(2_000);
      expect(row.p50Ms).toBeLessThanOrEqual(row.p99Ms);
      expect(row.p99Ms).toBeLessThanOrEqual(row.maxMs);
    }
    const [, longPolling, , , websocket] = rows;
    expect(websocket.requests).toBe(1);
    expect(longPolling.requests).toBeGreaterThan(websocket.requests);
    expect(longPolling.upPerMessage).toBeGreaterThan(websocket.upPerMessage);
  });

  test("the table, of both tasks, and the progress beside it", async () => {
    const lab = run("--seconds", "1", "--transports", "websocket");
    expect(await lab.exited).toBe(0);
    const text = lab.output();
    expect(text).toContain("push over websocket");
    expect(text).toContain("The server pushes 20 a second, 100 characters each");
    expect(text).toContain("20 questions a second, answered");
    expect(text).toMatch(/websocket( +\S+( µs| ms| s| B| kB)?){11}\n/);
  });

  test("--csv: one head, a line for each task", async () => {
    const lab = run("--csv", "--quiet", "--seconds", "1", "--transports", "websocket");
    expect(await lab.exited).toBe(0);
    const lines = lab.output().trimEnd().split("\r\n");
    expect(lines.map((line) => line.split(",").slice(0, 2).join())).toEqual([
      "transport,task",
      "websocket,push",
      "websocket,echo",
    ]);
  });

  test("Ctrl-C ends it at once, and says so by its exit code", async () => {
    const lab = run("--seconds", "600", "--transports", "sse");
    await lab.waitFor(/push over sse/);
    expect(await lab.kill("SIGINT")).toBe(130);
    expect(lab.output()).toContain("Stopped.");
  });
});
