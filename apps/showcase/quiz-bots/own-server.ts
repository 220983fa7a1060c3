// A server process of our own, so that its CPU time and memory are those of the game alone.
import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { type FromServer, serveArgument, type Usage } from "./serve.js";

export class OwnServer {
  readonly url: URL;
  readonly #child: ChildProcess;

  private constructor(child: ChildProcess, port: number) {
    this.#child = child;
    this.url = new URL(`http://127.0.0.1:${port}`);
  }

  /** @param program this very program: it becomes the server by its argument */
  static async start(program: string): Promise<OwnServer> {
    const child = fork(program, [serveArgument], { stdio: ["ignore", "ignore", "inherit", "ipc"] });
    const told = await hear(child, "listening");
    return new OwnServer(child, told.port);
  }

  async usage(): Promise<Usage> {
    const told = hear(this.#child, "usage");
    this.#child.send({});
    return (await told).usage;
  }

  async stop(): Promise<void> {
    const { exitCode, signalCode } = this.#child;
    if (exitCode !== null || signalCode !== null) return;
    const exited = once(this.#child, "exit");
    this.#child.kill("SIGKILL");
    await exited;
  }
}

/** The next message; there is one question at a time. Rejects when the process ends instead. */
async function hear<Type extends FromServer["type"]>(
  child: ChildProcess,
  type: Type,
): Promise<FromServer & { readonly type: Type }> {
  const ended = new AbortController();
  const exit = once(child, "exit", { signal: ended.signal }).then(([code]) => {
    throw new Error(`The server process ended with ${code}.`);
  });
  try {
    const [message] = await Promise.race([once(child, "message", { signal: ended.signal }), exit]);
    if ((message as FromServer).type !== type)
      throw new Error("The server process said something else.");
    return message as FromServer & { readonly type: Type };
  } finally {
    exit.catch(() => {}); // Nobody waits for it any more.
    ended.abort();
  }
}
