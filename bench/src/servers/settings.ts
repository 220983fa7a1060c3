// What a server under test is told, and how it talks with the lab: settings as its first argument,
// its port as a line of JSON on standard output, commands as lines on standard input.

import { Session } from "node:inspector";
import type { DeflateMode } from "../load/job.js";

export interface ServerSettings {
  /** `fanout`: what comes on `/publish` goes to everybody on `/subscribe`. */
  readonly mode: "echo" | "fanout";
  readonly opcode: number;
  readonly payloadBytes: number;
  readonly deflate: DeflateMode;
  /** Tidewire: go under the streams of `node:net`. Default false. */
  readonly directIo?: boolean | undefined;
  /** PEM, when the server is to speak TLS. */
  readonly tls?: { readonly cert: string; readonly key: string } | undefined;
}

/** The same for every server: the greatest message that it takes. */
export const messageBytesMax: number = 16 * 1024 * 1024;

export function readSettings(): ServerSettings {
  return JSON.parse(process.argv[2] ?? "{}") as ServerSettings;
}

/**
 * Says that the server listens. From then on `gc` is answered by `done` after a collection, and the
 * process ends with its standard input, so that nothing outlives the lab.
 */
export function announce(port: number, collect: () => void | Promise<void> = collectGarbage): void {
  process.stdout.write(`${JSON.stringify({ port })}\n`);
  process.stdin.on("data", async (chunk) => {
    if (!chunk.toString().includes("gc")) return;
    await collect();
    process.stdout.write("done\n");
  });
  process.stdin.on("end", () => process.exit(0));
}

/** Held here, or the collection would take it. */
const session = new Session();

/**
 * As V8 does by itself when a process has been idle for some seconds: until then it keeps the pages of
 * its young generation, up to 32 MiB, however few objects are left.
 */
async function collectGarbage(): Promise<void> {
  session.connect();
  await new Promise<void>((resolve, reject) => {
    session.post("HeapProfiler.collectGarbage", (error) => {
      if (error === null) resolve();
      else reject(error);
    });
  });
  // Not before its answer was delivered, or the process ends.
  setImmediate(() => session.disconnect());
}
