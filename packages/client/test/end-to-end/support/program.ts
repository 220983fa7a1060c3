// A process of a test's own, and what it reports.

import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { onTestFinished } from "vitest";
import type { HubOrder } from "./orders.js";

/** Runs until the test is over. */
export class Program<Report extends { readonly type: string }> {
  readonly reports: Report[] = [];
  readonly #child: ChildProcess;
  readonly #listeners = new Set<(report: Report) => void>();

  constructor(file: string, options: object) {
    const child = fork(file, [JSON.stringify(options)], {
      execArgv: ["--expose-gc", "--disable-warning=ExperimentalWarning"],
      stdio: ["ignore", "inherit", "inherit", "ipc"],
    });
    this.#child = child;
    child.on("message", (report: Report) => {
      this.reports.push(report);
      for (const listener of this.#listeners) listener(report);
    });
    onTestFinished(async () => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGKILL");
      await once(child, "exit");
    });
  }

  order(order: HubOrder): void {
    this.#child.send(order);
  }

  /** Calls `listener` for each report from now on. */
  watch(listener: (report: Report) => void): void {
    this.#listeners.add(listener);
  }

  /** The next report of that type; of those that came before, with `past`. Rejects when it exits. */
  report<Type extends Report["type"]>(
    type: Type,
    past = false,
  ): Promise<Extract<Report, { readonly type: Type }>> {
    type Found = Extract<Report, { readonly type: Type }>;
    const isIt = (report: Report): report is Found => report.type === type;
    const earlier = past ? this.reports.find(isIt) : undefined;
    if (earlier !== undefined) return Promise.resolve(earlier);
    return new Promise((resolve, reject) => {
      const listener = (report: Report): void => {
        if (!isIt(report)) return;
        this.#listeners.delete(listener);
        this.#child.off("exit", exited);
        resolve(report);
      };
      const exited = (code: number | null): void => reject(new Error(`it exited with ${code}`));
      this.#listeners.add(listener);
      this.#child.on("exit", exited);
    });
  }
}
