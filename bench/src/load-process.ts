// The load process, as the lab holds it.

import type { ChildProcess } from "node:child_process";
import { fileURLToPath } from "node:url";
import { launch, stop } from "./child.js";
import type { LoadAnswer, LoadCommand, LoadJob, Measured } from "./load/job.js";

export class LoadProcess {
  readonly #child: ChildProcess;

  /** @param script another program that obeys the same commands; default: the load. */
  constructor(core: number | undefined, script = "./load/main.js", list: readonly string[] = []) {
    const file = fileURLToPath(new URL(script, import.meta.url));
    const environment = { WS_NO_BUFFER_UTIL: "1" };
    const all = ["--no-warnings", file, ...list];
    this.#child = launch({
      command: process.execPath,
      arguments: all,
      core,
      ipc: true,
      environment,
    });
    this.#child.stdout!.resume();
    this.#child.stderr!.pipe(process.stderr, { end: false });
  }

  get pid(): number {
    return this.#child.pid!;
  }

  async prepare(job: LoadJob): Promise<void> {
    await this.#ask({ type: "prepare", job });
  }

  async run(seconds: number): Promise<Measured> {
    const answer = await this.#ask({ type: "run", seconds });
    if (answer.type !== "measured") throw new Error(`Not a measurement: ${answer.type}.`);
    return answer.measured;
  }

  stop(): Promise<void> {
    return stop(this.#child);
  }

  #ask(command: LoadCommand): Promise<LoadAnswer> {
    return new Promise((resolve, reject) => {
      const child = this.#child;
      const onMessage = (answer: LoadAnswer): void => {
        child.off("exit", onExit);
        if (answer.type === "failed") reject(new Error(answer.message));
        else resolve(answer);
      };
      const onExit = (code: number | null): void => {
        child.off("message", onMessage);
        reject(new Error(`The load process ended with exit code ${code}.`));
      };
      child.once("message", onMessage);
      child.once("exit", onExit);
      child.send(command);
    });
  }
}
