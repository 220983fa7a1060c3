// The part that all programs under attack have in common: the orders of a test and the reports to it,
// as in packages/websocket/test/hostile/subject/orders.ts.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { monitorEventLoopDelay } from "node:perf_hooks";

/** Loads a package from where it was installed for this run. */
export const requirePeer = createRequire(process.env.TIDEWIRE_PEERS ?? import.meta.url);

/** What a program counts. */
export const counts = { connections: 0, messages: 0, messageBytes: 0 };

/**
 * @typedef {object} Options what a test asks of it
 * @property {Record<string, number>} [limits]
 * @property {number} [maxHeaderSize]
 * @property {boolean} [perMessageDeflate]
 *
 * @typedef {object} Order
 * @property {"begin" | "connect" | "measure" | "admit"} type
 * @property {Options} options
 * @property {number} id
 * @property {string} url
 */

/**
 * As our own program under attack: short messages come back, all are counted.
 *
 * @template {{ length: number }} Data
 * @param {Data} data
 * @param {(data: Data) => void} echo
 */
export function take(data, echo) {
  counts.messages++;
  counts.messageBytes += data.length;
  if (data.length <= 1024) echo(data);
}

const delay = monitorEventLoopDelay({ resolution: 10 });
delay.enable();

/**
 * @param {object} program
 * @param {(options: Options, ready: (http: import("node:http").Server, path?: string) => void) => void} [program.serve] on an HTTP server that it then listens with
 * @param {(url: string, told: { opened: () => void, failed: () => void }) => void} [program.connect]
 * @param {boolean} [program.echoes] whether it gives short messages back
 */
export function obey({ serve, connect, echoes = true }) {
  /** @param {object} message */
  const report = (message) => process.send?.(message);
  process.on("message", (/** @type {Order} */ order) => {
    const { type, id } = order;
    if (type === "measure") {
      report({ type: "measured", id, measures: measure() });
    } else if (type === "connect") {
      connect?.(order.url, {
        opened: () => report({ type: "opened", id }),
        failed: () => report({ type: "failed", id, code: "failed", fault: "" }),
      });
    } else if (type === "begin" && serve === undefined) {
      report({ type: "ready", port: 0, path: "/", echoes });
    } else if (type === "begin") {
      serve?.(order.options, (http, path = "/") => {
        http.listen(0, "127.0.0.1", () => {
          const address = http.address();
          const port = address !== null && typeof address === "object" ? address.port : 0;
          report({ type: "ready", port, path, echoes });
        });
      });
    }
  });
  process.on("disconnect", () => process.exit(0));
}

function measure() {
  globalThis.gc?.();
  globalThis.gc?.();
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
  const [, kib] = /VmHWM:\s+(\d+)/.exec(readFileSync("/proc/self/status", "utf8")) ?? [];
  return Number(kib) * 1024;
}
