// Ctrl-C and its relatives: the first closes properly, the second does not wait.
import { constants } from "node:os";
import type { RunningServer } from "./start-server.js";

const signals = ["SIGINT", "SIGTERM", "SIGHUP"] as const;

/** Whatever hangs, the process is gone after this. */
const closeLimitMs = 1_800;

export function stopOnSignal(server: RunningServer): void {
  let isStopping = false;
  const stop = (signal: (typeof signals)[number]) => {
    if (isStopping) process.exit(128 + constants.signals[signal]);
    isStopping = true;
    console.log("\nClosing … (once more to stop at once)");
    setTimeout(() => process.exit(0), closeLimitMs).unref();
    server.close().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  for (const signal of signals) process.on(signal, stop);
}
