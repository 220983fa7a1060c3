// The server process of a run: the showcase's hub with all its limits, without the page.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import { attach } from "@tidewire/hub/node";
import { createHub } from "../server/hub/create-hub.js";
import { transportLimits } from "../server/hub/limits.js";
import { hubPath } from "../shared/hub-path.js";

/** Says to the program that it is to be the server. */
export const serveArgument = "--serve-for-parent";

/** What the server process says: where it is, and then, whenever it is asked, how it fares. */
export type FromServer =
  | { readonly type: "listening"; readonly port: number }
  | { readonly type: "usage"; readonly usage: Usage };

export interface Usage {
  /** User and system time since it was started. */
  readonly cpuMs: number;
  readonly residentBytes: number;
  /** The longest that its event loop was late since it was asked last, ms. */
  readonly loopDelayMs: number;
}

/** Serves until the parent hangs up. */
export function serve(): void {
  const running = createHub(undefined);
  const server = createServer((_, response) => response.writeHead(404).end());
  attach(running.hub, server, { path: hubPath, limits: transportLimits });
  const delay = monitorEventLoopDelay({ resolution: 10 });
  delay.enable();
  process.on("message", () => {
    const { user, system } = process.cpuUsage();
    const usage = {
      cpuMs: (user + system) / 1_000,
      residentBytes: process.memoryUsage.rss(),
      loopDelayMs: delay.max / 1e6,
    };
    delay.reset();
    tell({ type: "usage", usage });
  });
  // Ctrl-C goes to the whole group: the parent decides.
  process.on("SIGINT", () => {});
  process.once("disconnect", () => process.exit(0));
  server.listen(0, "127.0.0.1", () =>
    tell({ type: "listening", port: (server.address() as AddressInfo).port }),
  );
}

function tell(message: FromServer): void {
  process.send?.(message);
}
