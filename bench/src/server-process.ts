// A server under test, as the lab holds it.

import type { ChildProcess } from "node:child_process";
import { createInterface, type Interface } from "node:readline";
import { type Launch, launch, stop } from "./child.js";

const START_MS = 30_000;
const ERROR_TEXT_MAX = 2000;

export class ServerProcess {
  readonly pid: number;
  readonly port: number;
  readonly #child: ChildProcess;
  readonly #lines: Interface;

  private constructor(child: ChildProcess, lines: Interface, port: number) {
    this.#child = child;
    this.#lines = lines;
    this.pid = child.pid!;
    this.port = port;
  }

  /** @throws {Error} with what it wrote to standard error when it does not listen in time. */
  static async start(options: Launch): Promise<ServerProcess> {
    const child = launch(options);
    let errors = "";
    child.stderr!.on("data", (chunk) => {
      errors = (errors + chunk).slice(-ERROR_TEXT_MAX);
    });
    const lines = createInterface({ input: child.stdout! });
    try {
      const line = await nextLine(child, lines);
      return new ServerProcess(child, lines, (JSON.parse(line) as { port: number }).port);
    } catch (error) {
      await stop(child);
      throw new Error(errors.trim().split("\n").slice(0, 6).join(" ") || (error as Error).message);
    }
  }

  /** Collects garbage, where there is a collector. */
  async collect(): Promise<void> {
    this.#child.stdin!.write("gc\n");
    await nextLine(this.#child, this.#lines);
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }
}

function nextLine(child: ChildProcess, lines: Interface): Promise<string> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("No line in time.")), START_MS);
    const settle = (act: () => void): void => {
      clearTimeout(timer);
      lines.off("line", onLine);
      child.off("exit", onExit);
      child.off("error", onError);
      act();
    };
    const onLine = (line: string): void => settle(() => resolve(line));
    const onExit = (code: number | null): void =>
      settle(() => reject(new Error(`It ended with exit code ${code}.`)));
    const onError = (error: Error): void => settle(() => reject(error));
    lines.once("line", onLine);
    child.once("exit", onExit);
    child.once("error", onError);
  });
}
