// The part that all programs under attack have in common: the orders of a test and the reports to it,
// as in packages/websocket/test/hostile/subject/orders.ts.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Loads a package from where it was installed for this run. */
export const requirePeer = createRequire(process.env.TIDEWIRE_PEERS);

/** What a program counts. */
export const counts = { connections: 0, messages: 0, messageBytes: 0 };

/** As our own program under attack: short messages come back, all are counted. */
export function take(data, echo) {
  counts.messages++;
  counts.messageBytes += data.length;
  if (data.length <= 1024) echo(data);
}

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

/**
 * @param {object} program
 * @param {(options: object, ready: (port: number, path?: string) => void) => void} [program.serve]
 * @param {(url: string, options: object, told: { opened(): void, failed(): void }) => void} [program.connect]
 * @param {boolean} [program.echoes] whether it gives short messages back
 */
export function obey({ serve, connect, echoes = true }) {
  let options = {};
  process.on("message", (order) => {
    if (order.type === "begin") {
      options = order.options;
      const ready = (port, path = "/") => process.send({ type: "ready", port, path, echoes });
      if (serve === undefined) ready(0);
      else serve(options, ready);
    } else if (order.type === "connect") {
      const { id, url } = order;
      connect(url, options, {
        opened: () => process.send({ type: "opened", id }),
        failed: () => process.send({ type: "failed", id, code: "failed", fault: "" }),
      });
    } else if (order.type === "measure") {
      process.send({ type: "measured", id: order.id, measures: measure() });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

function measure() {
  globalThis.gc();
  globalThis.gc();
  const { rss, heapUsed, external } = process.memoryUsage();
  const { user, system } = process.cpuUsage();
  return {
    rssBytes: rss,
    rssPeakBytes: readPeak(),
    keptBytes: heapUsed + external,
    cpuMs: (user + system) / 1000,
    stallMs: delay.max / 1e6,
    waiting: 0,
    faults: [],
    ...counts,
  };
}

function readPeak() {
  if (process.platform !== "linux") return process.resourceUsage().maxRSS * 1024;
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8"));
  return Number(kib) * 1024;
}
