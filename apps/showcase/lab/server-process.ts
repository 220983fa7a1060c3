// A server process, as the headless lab sees it.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import type { LabSettings, LabTransport } from "../shared/lab/contract.js";
import type { FromServer, Sample, ToServer } from "./messages.js";

/** Says to the program that it is to be the server. */
export const serveArgument = "--serve-for-parent";

export class ServerProcess {
  readonly port: number;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.port = port;
  }

  /** @param program this very program: it becomes the server by its argument */
  static async start(program: string, signal: AbortSignal): Promise<ServerProcess> {
    const child = fork(program, [serveArgument], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const { port } = await hear(child, "listening", signal);
    return new ServerProcess(child, port);
  }

  async open(settings: LabSettings, transport: LabTransport, signal: AbortSignal): Promise<string> {
    const { run } = await this.#ask({ type: "open", settings, transport }, "opened", signal);
    return run;
  }

  async sample(signal: AbortSignal): Promise<Sample> {
    const { sample } = await this.#ask({ type: "sample" }, "sample", signal);
    return sample;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }

  #ask<Type extends FromServer["type"]>(
    message: ToServer,
    type: Type,
    signal: AbortSignal,
  ): Promise<FromServer & { type: Type }> {
    const answer = hear(this.#child, type, signal);
    this.#child.send(message, (error) => {
      if (error) this.#child.emit("error", error);
    });
    return answer;
  }
}

/** The next message of that type. When none comes, because the child or the work ended, it is ended. */
function hear<Type extends FromServer["type"]>(
  child: ChildProcess,
  type: Type,
  signal: AbortSignal,
): Promise<FromServer & { type: Type }> {
  return new Promise((resolve, reject) => {
    const finish = (settle: () => void): void => {
      child.off("message", onMessage).off("exit", onExit).off("error", fail);
      signal.removeEventListener("abort", onAbort);
      settle();
    };
    const fail = (error: unknown): void => {
      child.kill("SIGKILL");
      finish(() => reject(error));
    };
    const onMessage = (message: FromServer): void => {
      if (message.type === type) finish(() => resolve(message as FromServer & { type: Type }));
    };
    const onExit = (code: number | null): void =>
      fail(new Error(`The server process ended with ${code}.`));
    const onAbort = (): void => fail(signal.reason);
    child.on("message", onMessage).once("exit", onExit).once("error", fail);
    signal.addEventListener("abort", onAbort, { once: true });
    if (signal.aborted) onAbort();
  });
}
