// The showcase as a process of its own, as users run it.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";

export interface ShowcaseProcess {
  readonly child: ChildProcess;
  /** What it has printed so far, to both outputs. */
  readonly output: () => string;
  /** Resolves with the first match in what it prints; fails if it ends before. */
  waitFor(pattern: RegExp): Promise<RegExpExecArray>;
  /** Resolves with the exit code, null after a signal. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<number | null>;
}

export function runShowcase(
  entry: string,
  args: readonly string[],
  env: NodeJS.ProcessEnv = {},
): ShowcaseProcess {
  const { PORT: _, ...outerEnv } = process.env;
  const child = spawn(process.execPath, [entry, ...args], {
    env: { ...outerEnv, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let output = "";
  const listeners = new Set<() => void>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding("utf8").on("data", (text: string) => {
      output += text;
      for (const listener of listeners) listener();
    });
  }
  const exited = once(child, "close").then(([code]) => code as number | null);
  return {
    child,
    output: () => output,
    exited,
    waitFor(pattern) {
      return new Promise((resolve, reject) => {
        const look = () => {
          const match = pattern.exec(output);
          if (!match) return;
          listeners.delete(look);
          resolve(match);
        };
        listeners.add(look);
        exited.then((code) =>
          reject(new Error(`It ended with ${code}, having printed:\n${output}`)),
        );
        look();
      });
    },
    kill(signal) {
      child.kill(signal);
      return exited;
    },
  };
}

interface StartOptions {
  readonly port?: number;
  readonly args?: readonly string[];
  readonly env?: NodeJS.ProcessEnv;
}

/** Starts it on a free port, or on the one given. */
export async function startShowcase(
  entry: string,
  { port = 0, args = [], env = {} }: StartOptions = {},
): Promise<ShowcaseProcess & { readonly url: string; readonly port: number }> {
  const showcase = runShowcase(entry, ["--port", String(port), ...args], env);
  const [, url = "", chosen] = await showcase.waitFor(/(https?:\/\/\S+:(\d+))[\s\S]*Ctrl-C/);
  return { ...showcase, url, port: Number(chosen) };
}
